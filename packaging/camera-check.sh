#!/usr/bin/env bash
# Tests the camera with Qt's own module: on Linux in build/camera, since its wheel is too large for every .venv.
# Quick when nothing changed since the last time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=.venv/bin/python
if [ "$(uname -s)" = Linux ]; then
    place=build/camera
    wanted="$(cksum requirements/dev.txt) $("$python" -c 'import sys; print(sys.version)')"
    if [ "$(cat "$place/.ready" 2>/dev/null || true)" != "$wanted" ]; then
        rm -rf "$place"
        "$python" -m venv "$place"
        # The pin of the other systems, without the word that it is theirs.
        sed -n '/^pyside6-addons==/,/^    #/p' requirements/dev.txt | sed 's/ ; [^\\]*/ /' >"$place/addons.txt"
        echo "camera: installing the libraries named in requirements/dev.txt, and PySide6-Addons"
        "$place/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
        "$place/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps \
            -r "$place/addons.txt"
        echo "$wanted" >"$place/.ready"
    fi
    python="$place/bin/python"
fi
QT_QPA_PLATFORM=offscreen "$python" -m pytest -q -n 0 tests/ui/with_addons.py tests/ui/test_camera.py
