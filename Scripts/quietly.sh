#!/usr/bin/env bash
# Runs a command whose output goes to a file: quietly.sh LOG TITLE COMMAND...
# Says what is done and how long it takes, and where it fails what went wrong and where the rest stands.
# V=1 shows the output instead.
set -euo pipefail
log=$1 title=$2
shift 2
if [ "${V:-}" = 1 ]; then
  printf '%s: %s\n' "$title" "$*"
  exec "$@"
fi
mkdir -p "$(dirname "$log")"

duration() { # seconds
  if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi
}

# What the compiler counts, such as 120 of 345 steps; nothing for other programs.
steps() {
  sed -n 's/^\[\([0-9]*\)\/\([0-9]*\)\].*/, \1 of \2 steps/p' "$log" 2>/dev/null | tail -n 1
}

# On a terminal one line that is redrawn, elsewhere a line a minute.
watch() {
  # What waits must not hold a pipe open that somebody reads to its end.
  while sleep 1 >/dev/null 2>&1; do
    if [ -t 1 ]; then
      printf '\r\033[K%s… %s%s' "$title" "$(duration $SECONDS)" "$(steps)"
    elif [ $((SECONDS % 60)) -eq 0 ]; then
      printf '  %s%s\n' "$(duration $SECONDS)" "$(steps)"
    fi
  done
}

if [ -t 1 ]; then printf '%s…' "$title"; else printf '%s…\n' "$title"; fi
watch &
watcher=$!
disown
# It has nothing to put in order, and gentler signals may be blocked.
trap 'kill -KILL $watcher 2>/dev/null || true' EXIT
status=0
"$@" >"$log" 2>&1 </dev/null || status=$?
kill -KILL $watcher 2>/dev/null || true
[ ! -t 1 ] || printf '\r\033[K'

if [ "$status" -ne 0 ]; then
  printf '%s failed after %s. What it said of errors:\n\n' "$title" "$(duration $SECONDS)" >&2
  errors=$(grep -E '^E:|(^|[^a-zA-Z])(error|fatal):' "$log" | sort -u | head -n 20 || true)
  if [ -n "$errors" ]; then printf '%s\n' "$errors"; else tail -n 20 "$log"; fi >&2
  printf '\nAll of its output is in %s\n' "$log" >&2
  exit "$status"
fi
printf '%s: done in %s\n' "$title" "$(duration $SECONDS)"
