#!/usr/bin/env bash
# Makes build/freezer as requirements/package.txt says: the Python that freezes the program and tests the result.
# Quick when nothing changed since the last time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
freezer=build/freezer

# It has its own environment: the freezer's packages must not be frozen.
wanted="$(cksum requirements/package.txt) $(.venv/bin/python -c 'import sys; print(sys.version)')"
if [ "$(cat "$freezer/.ready" 2>/dev/null || true)" != "$wanted" ]; then
    rm -rf "$freezer"
    .venv/bin/python -m venv "$freezer"
    echo "package: installing the libraries named in requirements/package.txt"
    "$freezer/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/package.txt
    echo "$wanted" >"$freezer/.ready"
fi
