#!/usr/bin/env bash
# smoke.sh PROGRAM REPORT: runs the program's smoke test, and kills it after a hard time limit.
set -euo pipefail
program=$1 report=$2
"$program" --smoke --report "$report" &
child=$!
(sleep 120 && kill -9 "$child") >/dev/null 2>&1 &
guard=$!
code=0
wait "$child" || code=$?
kill "$guard" 2>/dev/null || true
cat "$report"
exit "$code"
