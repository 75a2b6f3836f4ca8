#!/usr/bin/env bash
# Freezes the program for this system, makes its package and tries both: what `make package` runs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
freezer=build/freezer
export PYTHONPATH=packaging PYTHONDONTWRITEBYTECODE=1

# It has a place of its own: what freezes must not be frozen.
wanted=$(cksum requirements/package.txt)
if [ "$(cat "$freezer/.ready" 2>/dev/null || true)" != "$wanted" ]; then
    rm -rf "$freezer"
    .venv/bin/python -m venv "$freezer"
    echo "package: installing the libraries named in requirements/package.txt"
    "$freezer/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/package.txt
    echo "$wanted" >"$freezer/.ready"
fi

step() {
    local began=$SECONDS
    "$@"
    echo "package: ${*: -1}: $((SECONDS - began)) s"
}

if [ "$(uname -s)" = Linux ]; then
    tools=()
    command -v Xvfb >/dev/null || tools+=(xvfb)
    command -v objdump >/dev/null || tools+=(binutils) # strip, and what PyInstaller reads libraries with
    bash packaging/linux/setup-system.sh ${tools[@]+"${tools[@]}"}
fi

step "$freezer/bin/python" -m freeze.build
step "$freezer/bin/python" -m freeze.trial
step "$freezer/bin/python" -m freeze.negative
if command -v dpkg-deb >/dev/null; then
    step "$freezer/bin/python" -m freeze.deb
    if [ "$(id -u)" -eq 0 ]; then
        step bash packaging/linux/check-deb.sh build/loopdesk_*.deb
    else
        echo "package: to try the package, run: sudo bash packaging/linux/check-deb.sh build/loopdesk_*.deb"
    fi
fi
