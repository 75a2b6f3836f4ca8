#!/usr/bin/env bash
# Installs the Debian package, runs what was installed, removes it, and checks that nothing but the user's own
# data is left. As root, on a machine without loopdesk:  check-deb.sh PACKAGE
set -euo pipefail

package=$(realpath "$1")
fail() {
    echo "deb: $*" >&2
    exit 1
}
[ "$(id -u)" -eq 0 ] || fail "installing needs root"
! dpkg-query --show loopdesk >/dev/null 2>&1 || fail "loopdesk is installed here already"

place=$(mktemp -d)
chmod 755 "$place"
home=$place/home
mkdir "$home"
chown 65534:65534 "$home"
remove() {
    dpkg --purge loopdesk >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap remove EXIT

# The user here cannot write to the program, and has an empty home.
as_user() {
    (cd "$home" && timeout 180 setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" HOME="$home" \
        TMPDIR="$home" LANG=C.UTF-8 QT_QPA_PLATFORM=offscreen "$@")
}

export DEBIAN_FRONTEND=noninteractive
apt-get install -y --no-install-recommends "$package" >"$place/install.log" 2>&1 || {
    tail -n 20 "$place/install.log" >&2
    fail "it cannot be installed"
}
[ "$(dpkg-query --show --showformat='${db:Status-Abbrev}' loopdesk)" = "ii " ] || fail "it is not installed although apt-get said so"
dpkg --verify loopdesk >"$place/verify.log" || fail "$(cat "$place/verify.log")"
mapfile -t files < <(dpkg --listfiles loopdesk | while read -r file; do [ -d "$file" ] || echo "$file"; done)
[ "${#files[@]}" -gt 100 ] || fail "only ${#files[@]} files were installed"

wanted="loopdesk $(dpkg-query --show --showformat='${Version}' loopdesk)"
[ "$(as_user loopdesk --version)" = "$wanted" ] || fail "the command says another version than the package"
as_user loopdesk --smoke --report "$home/report.json" 2>"$place/complaints" || fail "$(cat "$home/report.json")"
[ ! -s "$place/complaints" ] || fail "it complained: $(cat "$place/complaints")"

# What a user entered is the user's, also when the program goes.
as_user loopdesk queue >/dev/null
store=$home/.local/share/loopdesk/bench/store/loopdesk.db
[ -s "$store" ] || fail "the installed program kept no store"

# An open program is neither replaced nor removed, and both go on once it is closed.
as_user loopdesk --demo >"$place/open.log" 2>&1 &
for _ in $(seq 60); do
    open=$(pgrep --uid 65534 --exact loopdesk || true)
    [ -z "$open" ] || break
    sleep 1
done
[ -n "$open" ] || fail "the window did not open: $(cat "$place/open.log")"
if apt-get install -y --reinstall "$package" >"$place/refused.log" 2>&1; then
    fail "it replaced a program that is open"
fi
grep -q "loopdesk is open" "$place/refused.log" || fail "$(cat "$place/refused.log")"
if apt-get purge -y loopdesk >"$place/refused.log" 2>&1; then
    fail "it removed a program that is open"
fi
grep -q "loopdesk is open" "$place/refused.log" || fail "$(cat "$place/refused.log")"
[ "$(dpkg-query --show --showformat='${db:Status-Abbrev}' loopdesk)" = "ii " ] || fail "refusing left it half there"
(sleep 3 && kill $open) &
LOOPDESK_WAIT_SECONDS=60 apt-get install -y --reinstall "$package" >"$place/waited.log" 2>&1 ||
    fail "it did not wait for the program to be closed: $(cat "$place/waited.log")"
wait

dpkg --purge loopdesk >"$place/purge.log" 2>&1 || fail "$(cat "$place/purge.log")"
for file in "${files[@]}" /usr/lib/loopdesk /usr/share/doc/loopdesk; do
    [ ! -e "$file" ] && [ ! -L "$file" ] || fail "$file is left"
done
! dpkg-query --show loopdesk >/dev/null 2>&1 || fail "dpkg still knows it"
[ -s "$store" ] || fail "removing the program removed what its user had entered"
echo "deb: installed, ran, and went; nothing but the user's data is left"
