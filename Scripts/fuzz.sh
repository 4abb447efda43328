#!/usr/bin/env bash
# Feeds readers with what libFuzzer invents: fuzz.sh FUZZER SECONDS TARGET...
set -euo pipefail
cd "$(dirname "$0")/.."
fuzzer=$1 seconds=$2
shift 2
failed=()
for target in "$@"; do
  work=.build/fuzz/corpus/$target findings=.build/fuzz/findings/$target
  mkdir -p "$work" "$findings"
  log=.build/fuzz/$target.log
  if FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=0 "$fuzzer" -max_total_time="$seconds" -timeout=10 \
    -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 -artifact_prefix="$findings/" \
    "$work" "Fuzz/Corpus/$target" >"$log" 2>&1; then
    echo "$target: $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs in $seconds s," \
      "$(grep -oE 'cov: [0-9]+' "$log" | tail -1 | cut -d' ' -f2) edges, none broke it"
  else
    failed+=("$target")
    echo "$target: broken, see $log" >&2
  fi
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "Findings of ${failed[*]} are in .build/fuzz/findings." >&2
  exit 1
fi
