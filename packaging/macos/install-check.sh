#!/usr/bin/env bash
# install-check.sh PKG: installs the package on this Mac, runs the installed program, and removes it again.
# User data stays. Needs sudo; meant for a machine that nobody works at.
set -euo pipefail
pkg=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
app=/Applications/loopdesk.app
installed() { sudo installer -pkg "$pkg" -target /; }
fail() {
    echo "install-check: $*" >&2
    exit 1
}

installed
bash "$here/smoke.sh" "$app/Contents/MacOS/loopdesk" build/macos/smoke-installed.json
pkgutil --pkg-info com.loopdesk.loopdesk.pkg

# A copy that somebody moved does not redirect the package: it is installed in /Applications.
elsewhere=$(mktemp -d)
sudo mv "$app" "$elsewhere/loopdesk.app"
installed
[ -d "$app" ] || fail "it was installed over the copy in $elsewhere, not into /Applications"
sudo rm -rf "$elsewhere"

# Going back: what is installed says that it is newer, and is replaced all the same.
plist=$app/Contents/Info.plist
version=$(/usr/libexec/PlistBuddy -c "Print :CFBundleShortVersionString" "$plist")
for key in CFBundleShortVersionString CFBundleVersion; do
    sudo /usr/libexec/PlistBuddy -c "Set :$key 999.0.0" "$plist"
done
installed
now=$(/usr/libexec/PlistBuddy -c "Print :CFBundleShortVersionString" "$plist")
[ "$now" = "$version" ] || fail "a newer version was left in place, and the installer said that all went well"

# An open program is not replaced.
QT_QPA_PLATFORM=offscreen "$app/Contents/MacOS/loopdesk" --demo &
child=$!
trap 'kill "$child" 2>/dev/null || true' EXIT
for _ in $(seq 60); do
    pgrep -x loopdesk >/dev/null && break
    kill -0 "$child" 2>/dev/null || fail "the program ended by itself"
    sleep 1
done
pgrep -x loopdesk >/dev/null || fail "the program is not seen although it was started"
if installed; then
    fail "replaced a program that is open"
fi
kill "$child"
wait "$child" || true

sudo rm -rf "$app"
sudo pkgutil --forget com.loopdesk.loopdesk.pkg
[ -d "$HOME/Library/Application Support/loopdesk" ] || fail "the user's data went with the program"
echo "install-check: installed, tried, not drawn elsewhere, taken back, refused while open, removed; data stayed"
