#!/usr/bin/env bash
# html.sh [FILES]: how long a browser takes to open the report of an image with that many files (20000 by default): makes one,
# and prints the seconds of headless Chromium for it and for an empty page. CRAMFS_XIP_BIN names the directory with the programs.
set -euo pipefail

files=${1:-20000}
bin=${CRAMFS_XIP_BIN:?names the directory with mkcramfs-xip and cramfs-dump}
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
    echo "html.sh: no chromium here" >&2
    exit 8
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work/tree" "$files" <<'PY'
import os, random, sys
chance = random.Random(20000)
for number in range(int(sys.argv[2])):
    folder = os.path.join(sys.argv[1], f"{number % 23}", f"{number % 997}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"file-{number}"), "wb") as file:
        file.write(chance.randbytes(chance.randint(10, 1500)))
PY
"$bin/mkcramfs-xip" -q "$work/tree" "$work/image" >/dev/null
"$bin/cramfs-dump" --html="$work/report.html" "$work/image"
echo '<!doctype html><title>nothing</title>' >"$work/empty.html"

# Seconds until it is drawn, the best of three.
open_page() {
    for _ in 1 2 3; do
        local begun=$EPOCHREALTIME
        "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
            --window-size=1400,900 --screenshot="$work/shot.png" "file://$1" 2>/dev/null
        echo "$EPOCHREALTIME $begun" | awk '{ printf "%.2f\n", $1 - $2 }'
    done | sort -n | head -n 1
}

echo "files:          $files in $(stat -c %s "$work/report.html") bytes"
open_page "$work/empty.html" >/dev/null # the first start makes a profile
empty=$(open_page "$work/empty.html")
full=$(open_page "$work/report.html")
echo "an empty page:  $empty s"
echo "this page:      $full s"
echo "for the report: $(echo "$full $empty" | awk '{ printf "%.2f", $1 - $2 }') s"
