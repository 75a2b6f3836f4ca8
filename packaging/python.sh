#!/usr/bin/env bash
# Prints the interpreter to build with. PYTHON chooses it: a command, or a version such as 3.13, which is what the
# hosted runners call by that name. Without it, the first that is new enough.
set -euo pipefail

wanted=${PYTHON:-}

# runs COMMAND [VERSION]: whether it is new enough, and of that version when one is asked for.
runs() {
    command -v "$1" >/dev/null 2>&1 && "$1" - "${2:-}" <<'CHECK' 2>/dev/null
import sys
asked = tuple(int(part) for part in sys.argv[1].split(".") if part)
sys.exit(sys.version_info < (3, 11) or sys.version_info[:len(asked)] != asked)
CHECK
}

version=
candidates=(python3 python3.13 python3.12 python3.11 python3.14)
if [[ $wanted =~ ^3(\.[0-9]+)+$ ]]; then
    version=$wanted
    candidates=("python$wanted" python3 python)
elif [ -n "$wanted" ]; then
    candidates=("$wanted")
fi
for candidate in "${candidates[@]}"; do
    if runs "$candidate" "$version"; then
        echo "$candidate"
        exit 0
    fi
done
if [ -n "$wanted" ]; then
    echo "setup: PYTHON is $wanted, which is no Python here that loopdesk can be built with (3.11 or newer)" >&2
else
    echo "setup: loopdesk needs Python 3.11 or newer" >&2
fi
exit 1
