#!/usr/bin/env bash
# Looks for the system libraries and the font that Qt needs on Linux. As root it installs what is missing with
# apt-get, otherwise it prints the one command to run. Never fails a set-up by itself.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PATH="$PATH:/usr/sbin:/sbin"

[ "$(uname -s)" = Linux ] || exit 0

missing=()
if command -v ldconfig >/dev/null 2>&1; then
    known=$(ldconfig -p 2>/dev/null || true)
    while read -r library package; do
        case "$library" in
        '' | '#'*) continue ;;
        libwayland-*) [ -n "${WAYLAND_DISPLAY:-}" ] || continue ;;
        esac
        case "$known" in *"$library "*) ;; *) missing+=("$package") ;; esac
    done <"$here/system-libraries.txt"
fi

has_font() {
    local folder
    for folder in /usr/share/fonts /usr/local/share/fonts "${HOME:-/root}/.fonts" "${HOME:-/root}/.local/share/fonts"; do
        [ -d "$folder" ] || continue
        [ -z "$(find -L "$folder" \( -name '*.ttf' -o -name '*.otf' -o -name '*.ttc' \) -print -quit 2>/dev/null)" ] || return 0
    done
    return 1
}
has_font || missing+=(fonts-dejavu-core)

# Packages named on the command line are wanted in any case (the venv module, for example).
missing+=("$@")
[ "${#missing[@]}" -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: install what your system calls these Debian packages: ${missing[*]}" >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "setup: Qt needs some system libraries. Run this once:" >&2
    echo "    sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
    exit 0
fi

echo "setup: installing ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    echo "setup: could not install them; the window may not open. Later: apt-get install -y ${missing[*]}" >&2
fi
