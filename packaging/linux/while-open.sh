#!/bin/sh
# The package's preinst and prerm: refuses to replace or to remove a program that is open, because what it is sending
# would be cut off. With LOOPDESK_WAIT_SECONDS it waits that long for the windows to be closed.
set -eu

program=@PROGRAM@
case "$(basename "$0") ${1:-}" in
*preinst\ install | *preinst\ upgrade) does="install" ;;
*prerm\ remove) does="remove" ;;
*) exit 0 ;; # before an upgrade, preinst of the newer package asks
esac

# Prints the user and the number of each process that runs the program.
running() {
    for exe in /proc/[0-9]*/exe; do
        [ "$(readlink "$exe" 2>/dev/null || true)" = "$program" ] || continue
        process=${exe%/exe}
        echo "$(stat -c %U "$process" 2>/dev/null || true), process ${process#/proc/}"
    done
}

left=${LOOPDESK_WAIT_SECONDS:-0}
open=$(running)
[ -z "$open" ] || [ "$left" -le 0 ] || echo "loopdesk is open; waiting up to $left s for it to be closed"
while [ -n "$open" ] && [ "$left" -gt 0 ]; do
    sleep 1
    left=$((left - 1))
    open=$(running)
done
if [ -n "$open" ]; then
    echo "loopdesk is open ($(echo "$open" | head -n 1)). Close it and $does again; nothing was changed." >&2
    echo "With LOOPDESK_WAIT_SECONDS=600 in the environment it is waited for." >&2
    exit 1
fi
