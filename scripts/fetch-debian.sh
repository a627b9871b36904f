#!/bin/sh
# Download Debian packages of any architecture and unpack them, without touching the system's own dpkg and apt state.
#
#   fetch-debian.sh [--arch ARCH] [--release RELEASE] [--dependencies] DEST PACKAGE...
#
# Sources, keyrings and proxies are the system's; lists and downloads live in the cache. A package whose checksum in the
# index equals that of a cached file is not downloaded again. Dependencies are followed only with --dependencies; without
# it, name every package. A PACKAGE may be NAME=VERSION. With --release, packages come from another release (trixie, sid)
# of the archive that the system's own release comes from. Prints one line for each package: name, version, SHA-256.
set -eu

cache=${CRAMFS_XIP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cramfs-xip}

die() { echo "fetch-debian: $*" >&2; exit 1; }
usage() { echo "usage: fetch-debian.sh [--arch ARCH] [--release RELEASE] [--dependencies] DEST PACKAGE..." >&2; exit 2; }

arch=
release=
dependencies=no
while :; do
	case ${1-} in
	--arch) [ $# -ge 2 ] || usage; arch=$2; shift 2 ;;
	--arch=*) arch=${1#--arch=}; shift ;;
	--release) [ $# -ge 2 ] || usage; release=$2; shift 2 ;;
	--release=*) release=${1#--release=}; shift ;;
	--dependencies) dependencies=yes; shift ;;
	-*) usage ;;
	*) break ;;
	esac
done
[ $# -ge 2 ] || usage
dest=$1
shift

for tool in apt-get apt-cache dpkg-deb; do
	command -v "$tool" >/dev/null || die "$tool not found: this script needs Debian or Ubuntu"
done
[ -n "$arch" ] || arch=$(dpkg --print-architecture)

apt=$cache/apt/$arch${release:+-$release}
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

# The archive that has the system's own release has the others, too.
if [ -n "$release" ]; then
	own=$(. /etc/os-release && echo "${VERSION_CODENAME-}")
	site=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' 'Created-By: Packages' |
		sed -n "s/^$own main //p" | head -n 1)
	[ -n "$site" ] || die "the system's apt has no source of '$own main': see its sources.list"
	signed=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -f "$signed" ] && signed="[signed-by=$signed] " || signed=
	echo "deb $signed$site $release main" >"$apt/sources.list"
	cat >>"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
END
fi

exec 9>"$apt/lock"
flock 9

apt-get -c "$apt/apt.conf" -qq update >"$apt/update.log" 2>&1 ||
	echo "fetch-debian: the package lists could not be renewed (see $apt/update.log); using those at hand" >&2

is_cached() { [ -f "$debs/$sha256.deb" ] && echo "$sha256  $debs/$sha256.deb" | sha256sum --check --status; }

not_found() {
	hint=
	if grep -qs '^ID=ubuntu' /etc/os-release && [ "$arch" != amd64 ] && [ "$arch" != i386 ]; then
		hint="; Ubuntu keeps $arch in another archive (ubuntu-ports): add that to the sources"
	fi
	die "no package '$1' for $arch in this system's package sources (see $apt/update.log)$hint"
}

# Nothing counts as installed, so that apt names all that a package needs.
if [ $dependencies = yes ]; then
	planned=$(apt-get -c "$apt/apt.conf" -s --no-install-recommends install "$@" 2>"$apt/install.log") ||
		die "the dependencies of $* cannot be found: see $apt/install.log"
	# shellcheck disable=SC2046
	set -- $(printf '%s\n' "$planned" | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p')
fi

# One run of apt for all packages: it takes a second to read the lists.
list=$apt/list
show() { apt-cache -c "$apt/apt.conf" --no-all-versions show "$@" 2>/dev/null; }
show "$@" | awk '/^Package: / { name = $2 } /^Version: / { version = $2 } /^SHA256: / { print name, version, $2 }' >"$list"
if [ "$(wc -l <"$list")" -ne $# ]; then
	for package; do
		show "$package" | grep -q '^SHA256: ' || not_found "$package"
	done
	die "apt-cache shows other packages than $*: see $list"
fi

wanted=
while read -r package version sha256; do
	is_cached || wanted="$wanted $package=$version"
done <"$list"
if [ -n "$wanted" ]; then
	work=$(mktemp -d "$debs/downloading.XXXXXX")
	# shellcheck disable=SC2086
	(cd "$work" && apt-get -c "$apt/apt.conf" -qq download $wanted >"$apt/download.log" 2>&1) ||
		{ rm -rf "$work"; die "download of$wanted failed: see $apt/download.log"; }
	for deb in "$work"/*.deb; do
		mv "$deb" "$debs/$(sha256sum <"$deb" | cut -d ' ' -f 1).deb"
	done
	rm -rf "$work"
fi

mkdir -p "$dest"
while read -r package version sha256; do
	is_cached || die "$package $version: what was downloaded is not what the index says: try again"
	dpkg-deb -x "$debs/$sha256.deb" "$dest" || die "$debs/$sha256.deb cannot be unpacked into $dest"
	echo "$package $version $sha256"
done <"$list"
