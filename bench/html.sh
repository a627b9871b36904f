#!/usr/bin/env bash
# html.sh [FILES]: how long a browser takes to open the report of an image with that many files (20000 by default): makes one,
# and prints the seconds of headless Chromium for it and for an empty page. CRAMFS_XIP_BIN names the directory with the programs.
set -euo pipefail

files=${1:-20000}
. "$(dirname "$0")/browser.sh"

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

echo "files:          $files in $(stat -c %s "$work/report.html") bytes"
seconds_to_open "$work/empty.html" >/dev/null # the first start makes a profile
empty=$(seconds_to_open "$work/empty.html")
full=$(seconds_to_open "$work/report.html")
echo "an empty page:  $empty s"
echo "this page:      $full s"
echo "for the report: $(echo "$full $empty" | awk '{ printf "%.2f", $1 - $2 }') s"
