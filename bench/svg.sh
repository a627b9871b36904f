#!/usr/bin/env bash
# svg.sh [EXTENTS]: how long a browser takes to open the picture of an image with that many extents
# (20000 by default): makes one, and prints the seconds of headless Chromium for it and for an
# empty picture. CRAMFS_XIP_BIN names the directory with the programs.
set -euo pipefail

extents=${1:-20000}
. "$(dirname "$0")/browser.sh"

# A file has a table and its bytes, and usually a gap after them: 25 shapes for 9 files.
python3 - "$work/tree" "$((extents * 9 / 25))" <<'EOF'
import os, random, sys
chance = random.Random(20000)
for number in range(int(sys.argv[2])):
    folder = os.path.join(sys.argv[1], f"{number % 97}")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{number}"), "wb") as file:
        file.write(chance.randbytes(chance.randint(100, 1500)))
EOF
"$bin/mkcramfs-xip" -q "$work/tree" "$work/image" >/dev/null
"$bin/cramfs-dump" --map=svg "$work/image" >"$work/map.svg"
echo '<svg xmlns="http://www.w3.org/2000/svg"/>' >"$work/empty.svg"

echo "extents and gaps:  $(grep -c 'bytes at' "$work/map.svg") in $(stat -c %s "$work/map.svg") bytes"
seconds_to_open "$work/empty.svg" >/dev/null # the first start makes a profile
empty=$(seconds_to_open "$work/empty.svg")
full=$(seconds_to_open "$work/map.svg")
echo "an empty picture:  $empty s"
echo "this picture:      $full s"
echo "for the extents:   $(echo "$full $empty" | awk '{ printf "%.2f", $1 - $2 }') s"
