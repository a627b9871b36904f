#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: builds with clang and runs every fuzz target (or those named) for that
# long each, one after the other. Fails when one crashes, hangs, leaks or takes too much memory.
#
# New inputs are kept in build/fuzz/found/TARGET, and the next run continues with them. Inputs that
# fail are in build/fuzz/crashes. CRAMFS_XIP_FUZZ_SEED sets the seed.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1-}
if ! [[ $seconds =~ ^[1-9][0-9]*$ ]]; then
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 16
fi
shift
seed=${CRAMFS_XIP_FUZZ_SEED:-20240229}
build=build/fuzz
fuzz=$build/tests/fuzz

scripts/install-packages.sh build test
# Since Debian 13, the run-time libraries of clang are in a separate package.
echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
    clang -fsanitize=fuzzer,address -x c - -o /dev/null 2>/dev/null || {
    echo "fuzz.sh: clang has no libFuzzer here: install libclang-rt-dev, of the same version" >&2
    exit 8
}

echo "== build"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz | tail -n 1
PYTHONDONTWRITEBYTECODE=1 python3 tests/fuzz/seeds.py $fuzz/seeds

# Short stack traces and a small quarantine make millions of allocations faster.
export ASAN_OPTIONS=malloc_context_size=6:quarantine_size_mb=64
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(cut -d ' ' -f 1 $fuzz/targets)
mkdir -p $build/crashes
failed=()
for target in "${targets[@]}"; do
    read -r inputs options < <(sed -n "s/^$target //p" $fuzz/targets) || true
    [ -n "$inputs" ] || { echo "fuzz.sh: no target '$target'; there are: $(cut -d ' ' -f 1 $fuzz/targets | xargs)" >&2; exit 16; }
    mkdir -p $build/found/"$target"
    echo "== $target: $seconds seconds, seed $seed; all it says is in $build/$target.log"
    # A slow unit is one that took longer than a second; it is reported, and kept with the crashes.
    # The options are none or several words.
    if $fuzz/fuzz_"$target" -seed="$seed" -max_total_time="$seconds" -timeout=60 -report_slow_units=1 \
        -rss_limit_mb=1024 -max_len=65536 -reload=0 -print_final_stats=1 \
        $options -artifact_prefix=$build/crashes/"$target"- $build/found/"$target" "$inputs" >$build/"$target".log 2>&1; then
        grep -E '^#[0-9]+.*DONE|stat::number_of_executed|stat::average_exec|stat::slowest|stat::peak_rss' $build/"$target".log
    else
        tail -n 40 $build/"$target".log
        failed+=("$target")
    fi
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "fuzz.sh: failed: ${failed[*]}; the inputs are in $build/crashes" >&2
    exit 1
fi
echo "== no target found anything"
