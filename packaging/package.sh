#!/usr/bin/env bash
# Freezes the program for this system, makes its package and tries both: what `make package` runs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
freezer=build/freezer
export PYTHONPATH=packaging PYTHONDONTWRITEBYTECODE=1

bash packaging/freezer.sh

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
