#!/usr/bin/env bash
# install-check.sh PKG: installs the package on this Mac, tries the program where it was put, takes it away again.
# User data stays. Needs sudo; meant for a machine that nobody works at.
set -euo pipefail
pkg=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sudo installer -pkg "$pkg" -target /
bash "$here/smoke.sh" /Applications/loopdesk.app/Contents/MacOS/loopdesk build/macos/smoke-installed.json
pkgutil --pkg-info com.loopdesk.loopdesk.pkg

# An open program is not replaced.
QT_QPA_PLATFORM=offscreen /Applications/loopdesk.app/Contents/MacOS/loopdesk --demo &
child=$!
until pgrep -x loopdesk >/dev/null; do sleep 1; done
if sudo installer -pkg "$pkg" -target /; then
    echo "install-check: replaced a program that is open" >&2
    kill "$child"
    exit 1
fi
kill "$child"
wait "$child" || true

sudo rm -rf /Applications/loopdesk.app
sudo pkgutil --forget com.loopdesk.loopdesk.pkg
[ -d "$HOME/Library/Application Support/loopdesk" ] && echo "install-check: user data stayed"
