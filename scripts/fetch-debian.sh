#!/bin/sh
# Download Debian packages of any architecture and unpack them, without touching the system's own dpkg and apt state.
#
#   fetch-debian.sh [--arch ARCH] DEST PACKAGE...
#
# Sources, keyrings and proxies are the system's; lists and downloads live in the cache. A package whose checksum in the
# index equals that of a cached file is not downloaded again. Dependencies are not followed: name every package.
# A PACKAGE may be NAME=VERSION. Prints one line for each package: name, version, SHA-256.
set -eu

cache=${CRAMFS_XIP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cramfs-xip}

die() { echo "fetch-debian: $*" >&2; exit 1; }
usage() { echo "usage: fetch-debian.sh [--arch ARCH] DEST PACKAGE..." >&2; exit 2; }

arch=
case ${1-} in
--arch) [ $# -ge 2 ] || usage; arch=$2; shift 2 ;;
--arch=*) arch=${1#--arch=}; shift ;;
-*) usage ;;
esac
[ $# -ge 2 ] || usage
dest=$1
shift

for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" >/dev/null || die "$tool not found: this script needs Debian or Ubuntu"
done
[ -n "$arch" ] || arch=$(dpkg --print-architecture)

apt=$cache/apt/$arch
debs=$cache/deb
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$debs"
: >"$apt/state/status"

# Read after the system's configuration, so that it wins. The hooks cleared here would tidy the SYSTEM's cache. The
# downloader stays the caller: as root, apt would otherwise become _apt, which cannot enter a home directory.
cat >"$apt/apt.conf" <<END
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Post-Invoke;
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "3";
Dir::State "$apt/state";
Dir::State::status "$apt/state/status";
Dir::Cache "$apt/cache";
END

exec 9>"$apt/lock"
flock 9

apt-get -c "$apt/apt.conf" -qq update >"$apt/update.log" 2>&1 ||
	echo "fetch-debian: the package lists could not be renewed (see $apt/update.log); using those at hand" >&2

field() { printf '%s\n' "$record" | sed -n "s/^$1: //p" | head -n 1; }
is_cached() { [ -f "$deb" ] && echo "$sha256  $deb" | sha256sum --check --status; }

not_found() {
	hint=
	if grep -qs '^ID=ubuntu' /etc/os-release && [ "$arch" != amd64 ] && [ "$arch" != i386 ]; then
		hint="; Ubuntu keeps $arch in another archive (ubuntu-ports): add that to the sources"
	fi
	die "no package '$1' for $arch in this system's package sources (see $apt/update.log)$hint"
}

mkdir -p "$dest"
for package; do
	record=$(apt-cache -c "$apt/apt.conf" --no-all-versions show "$package" 2>/dev/null) || not_found "$package"
	sha256=$(field SHA256)
	version=$(field Version)
	[ -n "$sha256" ] || not_found "$package"
	deb=$debs/$sha256.deb
	package=${package%%=*}
	if ! is_cached; then
		work=$(mktemp -d "$debs/downloading.XXXXXX")
		(cd "$work" && apt-get -c "$apt/apt.conf" -qq download "$package=$version" >"$apt/download.log" 2>&1) ||
			{ rm -rf "$work"; die "download of $package $version failed: see $apt/download.log"; }
		mv "$work"/*.deb "$deb"
		rm -rf "$work"
		is_cached || die "$package $version: what was downloaded is not what the index says: remove $deb and try again"
	fi
	dpkg-deb -x "$deb" "$dest" || die "$deb cannot be unpacked into $dest"
	echo "$package $version $sha256"
done
