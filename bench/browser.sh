# shellcheck shell=bash disable=SC2034
# Sourced by the scripts that measure how long headless Chromium takes to open a file. Sets bin, chromium, and work, a folder that is removed
# at the end.
bin=${CRAMFS_XIP_BIN:?names the directory with mkcramfs-xip and cramfs-dump}
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "$(basename "$0"): no chromium here" >&2
    exit 8
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# seconds_to_open FILE: the seconds until it is drawn, the best of three.
seconds_to_open() {
    for _ in 1 2 3; do
        local begun=$EPOCHREALTIME
        "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
            --window-size=1400,900 --screenshot="$work/shot.png" "file://$1" 2>/dev/null
        echo "$EPOCHREALTIME $begun" | awk '{ printf "%.2f\n", $1 - $2 }'
    done | sort -n | head -n 1
}
