#!/usr/bin/env bash
# Installs the hub's package in a fresh Debian, sets a hub up there as docs/hub.md says, over Debian's PostgreSQL, runs
# what the unit runs, and purges it: check-deb.sh PACKAGE. As root, with Debian's mmdebstrap. SUITE (bookworm) is the
# Debian; its root is kept in build for the next time.
#
# Not shown: the unit's sandbox, which only a systemd that runs can set up. It is verified as far as that goes without.
set -euo pipefail

package=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
suite=${SUITE:-bookworm}
base=$PWD/build/hub-debian-$suite.tar
fail() {
    echo "hub-deb: $*" >&2
    exit 1
}
[ "$(id -u)" -eq 0 ] || fail "a root of its own needs root"
command -v mmdebstrap >/dev/null || fail "mmdebstrap is missing: apt-get install -y --no-install-recommends mmdebstrap"

if [ ! -f "$base" ]; then
    echo "hub-deb: making a Debian $suite"
    mmdebstrap --quiet --variant=minbase --format=tar "$suite" "$base.part"
    mv "$base.part" "$base"
fi
root=$(mktemp -d "$PWD/build/hub-root-XXXXXX")
cleanup() {
    umount -l "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap cleanup EXIT
mkdir -p "$root/opt"
tar --extract --file "$base" --directory "$root" --exclude='./dev/*'
for device in null zero random urandom; do
    [ -e "$root/dev/$device" ] || cp -a "/dev/$device" "$root/dev/"
done
mkdir -p "$root/dev/shm"
chmod 1777 "$root/dev/shm"
cp /etc/resolv.conf "$root/etc/resolv.conf"
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # nothing is started by being installed
chmod 755 "$root/usr/sbin/policy-rc.d"
mount -t proc proc "$root/proc"

# Whatever is started in there ends with the command.
within() {
    unshare --pid --fork --kill-child chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}
step() { echo "hub-deb: $*"; }

before=$(cd "$root" && find etc usr opt var/lib/dpkg/info home srv -xdev | LC_ALL=C sort)
step "installing PostgreSQL, then what the package asks for"
cp "$package" "$root/tmp/loopdesk-hub.deb"
within apt-get -q -o Acquire::Retries=2 update >"$root.log" 2>&1 || fail "$(tail -n 5 "$root.log")"
# PostgreSQL brings openssl, which suggests ca-certificates: apt then keeps those of authorities when the hub goes.
within apt-get -q install -y --no-install-recommends postgresql systemd ca-certificates >"$root.log" 2>&1 || fail "$(tail -n 5 "$root.log")"
server=$(cd "$root" && find etc usr opt var/lib/dpkg/info home srv -xdev | LC_ALL=C sort)
within apt-get -q install -y --no-install-recommends /tmp/loopdesk-hub.deb >"$root.log" 2>&1 || fail "$(tail -n 5 "$root.log")"
grep -q "loopdesk-hub: next:" "$root.log" || fail "installing does not say what comes next"
[ "$(within dpkg-query --show --showformat='${db:Status-Abbrev}' loopdesk-hub)" = "ii " ] || fail "it is not installed"
within dpkg --verify loopdesk-hub | grep . && fail "files differ from those of the package"
mapfile -t files < <(within dpkg --listfiles loopdesk-hub | while read -r file; do [ -d "$root$file" ] || echo "$file"; done)
[ "${#files[@]}" -gt 500 ] || fail "only ${#files[@]} files were installed"

step "the unit"
within systemd-analyze verify /usr/lib/systemd/system/loopdesk-hub.service >"$root.log" 2>&1 || fail "$(cat "$root.log")"
grep -v "postgresql\|man:" "$root.log" | grep . && fail "the unit is complained of"
within systemd-analyze security --offline=yes --threshold=30 /usr/lib/systemd/system/loopdesk-hub.service >"$root.log" 2>&1 ||
    fail "the unit is open: $(tail -n 1 "$root.log")"
tail -n 1 "$root.log"
unit=$root/usr/lib/systemd/system/loopdesk-hub.service
start=$(sed -n 's/^ExecStart=//p' "$unit")
[ -n "$start" ] || fail "the unit runs nothing"

step "a hub as docs/hub.md says"
cat >"$root/tmp/try" <<'TRY'
set -euo pipefail
version=$(ls /usr/lib/postgresql)
[ -d "/etc/postgresql/$version/main" ] || pg_createcluster "$version" main >/dev/null
pg_ctlcluster "$version" main start -o "-c listen_addresses=''"
runuser -u postgres -- createuser loopdesk
runuser -u postgres -- createdb --owner loopdesk loopdesk
port=$(python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])')
loopdesk-hub init --database postgresql:///loopdesk --site North --address "https://127.0.0.1:$port"
[ "$(stat -c '%U %a' /etc/loopdesk/hub.key)" = "loopdesk 600" ]
/opt/loopdesk/bin/loopdesk simulate --returns 20 >/tmp/loop.url &
until [ -s /tmp/loop.url ]; do sleep 0.2; done
printf '\n[loop]\nurl = "%s"\n' "$(cut -d ' ' -f 1 /tmp/loop.url)" >>/etc/loopdesk/hub.toml
loopdesk-hub shop add acme Acme
echo demo-key | loopdesk-hub shop key acme
loopdesk-hub check
loopdesk-hub doctor || echo "(doctor names something)"
loopdesk-hub bench add "Dock 1" >/dev/null
# What the unit runs, as whom it runs it, and as it ends it.
cd /
as_unit="setpriv --reuid=loopdesk --regid=loopdesk --init-groups env HOME=/var/lib/loopdesk"
$as_unit @START@ >/tmp/hub.url 2>/tmp/hub.log &
hub=$!
until [ -s /tmp/hub.url ]; do kill -0 $hub || { cat /tmp/hub.log; exit 1; }; sleep 0.2; done
python3 - "$(cat /tmp/hub.url)" <<'ASK'
import json, ssl, sys, urllib.request
trusted = ssl.create_default_context(cafile="/etc/loopdesk/hub.crt")
port = sys.argv[1].rpartition(":")[2]
for path in ("healthz", "readyz"):
    with urllib.request.urlopen(f"https://127.0.0.1:{port}/{path}", context=trusted) as answer:
        print(path, answer.status, json.load(answer))
ASK
kill -TERM $hub
wait $hub || { cat /tmp/hub.log; exit 1; }
grep -q '"event": "stopped"' /tmp/hub.log
loopdesk-hub backup /var/lib/loopdesk/copy.dump 2>/dev/null || [ ! -x /usr/bin/pg_dump ]
TRY
sed -i "s|@START@|$start|" "$root/tmp/try"
within timeout 240 bash /tmp/try || fail "it cannot be set up"

step "purging it"
within apt-get -q purge -y loopdesk-hub >"$root.log" 2>&1 || fail "$(tail -n 5 "$root.log")"
grep -q "loopdesk-hub: left:" "$root.log" || fail "it does not say what is left"
for file in "${files[@]}" /opt/loopdesk; do
    [ ! -e "$root$file" ] && [ ! -L "$root$file" ] || fail "$file is left"
done
within apt-get -q autoremove -y --purge >"$root.log" 2>&1 || fail "$(tail -n 5 "$root.log")"
mkdir -p "$root/opt" # which goes with the last package that has something there
left=$(cd "$root" && find etc usr opt var/lib/dpkg/info home srv -xdev | LC_ALL=C sort |
    comm -13 <(echo "$server") - | grep -v '^etc/\(loopdesk\|passwd\|group\|shadow\|gshadow\|subuid\|subgid\)' || true)
[ -z "$left" ] || fail "left besides what it says: $left"
[ -s "$root/etc/loopdesk/hub.key" ] || fail "purging took what opens Loop's keys"
rm -f "$root.log"
echo "hub-deb: installed on Debian $suite, set up, ran, and went; nothing but what it says is left"
