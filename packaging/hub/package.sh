#!/usr/bin/env bash
# Makes the Debian package of the hub: what `make hub-package` runs. HUB_PYTHON (3.11, of Debian 12; Debian 13 has 3.13)
# names the Python of the machines that it is for.
#
# The bench brings its own Python along, frozen, because a PC's is unknown. A hub is a server on Debian and faces the
# network: its Python and OpenSSL are Debian's, and are mended by Debian. Its libraries are the wheels that the tests
# run with, by hash, in a folder of their own that nothing else on the machine sees.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python=${HUB_PYTHON:-3.11}
pip=(.venv/bin/python -m pip --quiet --disable-pip-version-check)
here=packaging/hub
made=build/hub-package
root=$made/root
version=$(PYTHONPATH=packaging .venv/bin/python -c 'from pathlib import Path; from freeze import version; print(version.read(Path(".")))')
architecture=$(dpkg --print-architecture)
machine=$(uname -m)
package=build/loopdesk-hub_${version}+python${python}_${architecture}.deb

rm -rf "$made"
mkdir -p "$root/opt/loopdesk/bin" "$root/usr/bin" "$root/usr/lib/systemd/system" "$root/usr/share/doc/loopdesk-hub" "$root/DEBIAN"

# The newest C library that a wheel may ask for: Debian 12 has 2.36.
platforms=()
for minor in $(seq 17 36); do platforms+=(--platform "manylinux_2_${minor}_$machine"); done
"${pip[@]}" install --target "$root/opt/loopdesk/lib" --no-compile --no-deps --require-hashes --only-binary=:all: \
    --python-version "$python" --implementation cp --abi "cp${python/./}" --abi abi3 --abi none \
    "${platforms[@]}" --platform "manylinux2014_$machine" --platform any -r requirements/hub.txt
"${pip[@]}" wheel --no-deps --no-build-isolation --wheel-dir "$made" .
"${pip[@]}" install --target "$root/opt/loopdesk/lib" --no-compile --no-deps --no-index --upgrade "$made"/loopdesk-*.whl
rm -rf "$root/opt/loopdesk/lib/bin"

fill() { sed -e "s/@PYTHON@/$python/g" -e "s/@VERSION@/$version+python$python/g" -e "s/@ARCHITECTURE@/$architecture/g" \
    -e "s/@SIZE@/$(du --summarize --block-size=1024 "$root" | cut -f 1)/g" -e "s/@NEXT@/3.$((${python#3.} + 1))/g" "$1"; }
fill "$here/debian/loopdesk" >"$root/opt/loopdesk/bin/loopdesk"
fill "$here/debian/loopdesk-hub" >"$root/usr/bin/loopdesk-hub"
fill "$here/loopdesk-hub.service" >"$root/usr/lib/systemd/system/loopdesk-hub.service"
cp LICENSE "$root/usr/share/doc/loopdesk-hub/copyright"
cp docs/hub.md docs/hub-api.json "$root/usr/share/doc/loopdesk-hub/"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$root/opt/loopdesk/bin/loopdesk" "$root/usr/bin/loopdesk-hub"
for each in control postinst prerm postrm; do fill "$here/debian/$each" >"$root/DEBIAN/$each"; done
chmod 755 "$root/DEBIAN/postinst" "$root/DEBIAN/prerm" "$root/DEBIAN/postrm"

# Files of one time make the same package of the same sources.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)} \
    dpkg-deb --root-owner-group -Zzstd -z10 --build "$root" "$package" >/dev/null
echo "hub-package: $(du --human-readable "$package" | cut -f 1) in $package"
