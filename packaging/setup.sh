#!/usr/bin/env bash
# Makes .venv as requirements/dev.txt and pyproject.toml say. Quick when nothing changed since the last time.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
venv=.venv
python=$(bash packaging/python.sh)

# What it is installed from, with what, and where.
wanted=$("$python" - <<'PYTHON'
import hashlib, pathlib, sys
parts = [sys.version.encode(), str(pathlib.Path.cwd()).encode()]
parts += [pathlib.Path(name).read_bytes() for name in ("requirements/dev.txt", "pyproject.toml")]
print(hashlib.sha256(b"\0".join(parts)).hexdigest())
PYTHON
)
if [ -x "$venv/bin/python" ] && [ "$(cat "$venv/.ready" 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi

packages=()
"$python" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
bash packaging/linux/setup-system.sh ${packages[@]+"${packages[@]}"}

# Another Python makes another environment. The scripts inside name the folder they were made in, so a moved or copied
# one is of no use.
which_python() { "$1" -c 'import sys; print(sys.version)' 2>/dev/null || true; }
if [ "$(which_python "$venv/bin/python")" != "$(which_python "$python")" ] ||
    ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
    ! grep -qF "$PWD/$venv/bin/" "$venv/bin/pip"; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
rm -f "$venv/.ready"
echo "setup: installing the libraries named in requirements/dev.txt"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
echo "$wanted" >"$venv/.ready"
