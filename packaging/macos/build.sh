#!/usr/bin/env bash
# On a Mac: freezes loopdesk for this processor, makes the .pkg that IT rolls out and the .dmg for one machine,
# tests both, and signs and notarizes them if it has the credentials.
#
#   SIGN_APP          "Developer ID Application: …"    signs the program; without it, an ad hoc signature
#   SIGN_PKG          "Developer ID Installer: …"      signs the .pkg
#   NOTARY_PROFILE    a profile of `xcrun notarytool store-credentials`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=build/macos
freezer=build/freezer
export PYTHONPATH=packaging PYTHONDONTWRITEBYTECODE=1
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' loopdesk/__init__.py)
name="loopdesk-$version-$(uname -m)"
app=build/frozen/loopdesk.app

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

step "freeze"
rm -rf "$out" build/frozen
mkdir -p "$out"
"$(bash packaging/python.sh)" -m venv "$freezer"
"$freezer/bin/python" -m pip install --quiet --require-hashes -r requirements/package.txt
# Freezes with the .spec, and checks contents, sizes, licenses and missing modules, as on the other systems.
"$freezer/bin/python" -m freeze.build

step "the signature holds, hardened, with our entitlements"
codesign --verify --strict --deep --verbose=2 "$app"
# Output is captured first: `grep -q` closes its pipe at the first match, which would kill the writer.
said=$(codesign --display --entitlements - --xml "$app")
grep -q allow-unsigned-executable-memory <<<"$said"
grep -q device.camera <<<"$said"
[ -n "${SIGN_APP:-}" ] || grep -q disable-library-validation <<<"$said"
said=$(codesign --display --verbose=2 "$app" 2>&1)
grep -q 'flags=.*runtime' <<<"$said"

step "smoke of the folder"
bash packaging/macos/smoke.sh "$app/Contents/MacOS/loopdesk" "$out/smoke-app.json"

step "package"
mkdir "$out/root"
ditto "$app" "$out/root/loopdesk.app" # cp would follow links and break the signature
pkgbuild --analyze --root "$out/root" "$out/component.plist"
"$freezer/bin/python" -m macos.component settle "$out/component.plist"
pkgbuild --root "$out/root" --component-plist "$out/component.plist" --ownership recommended \
    --install-location /Applications --scripts packaging/macos/scripts \
    --identifier com.loopdesk.loopdesk.pkg --version "$version" "$out/component.pkg"
pkgutil --expand "$out/component.pkg" "$out/expanded"
"$freezer/bin/python" -m macos.component check "$out/expanded/PackageInfo"
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$(uname -m)/" packaging/macos/distribution.xml >"$out/distribution.xml"
productbuild --distribution "$out/distribution.xml" --package-path "$out" ${SIGN_PKG:+--sign "$SIGN_PKG"} "$out/$name.pkg"
rm -rf "$out/component.pkg" "$out/component.plist" "$out/distribution.xml" "$out/expanded"

step "disk image"
ln -s /Applications "$out/root/Applications"
# Now and then a system process scans a fresh image, and hdiutil reports that the resource is busy.
for attempt in 1 2 3 4 5; do
    if hdiutil create -quiet -volname loopdesk -srcfolder "$out/root" -ov -format UDZO "$out/$name.dmg"; then
        break
    fi
    [ "$attempt" -lt 5 ] || exit 1
    sleep $((attempt * 5))
done
rm -rf "$out/root"
[ -z "${SIGN_APP:-}" ] || codesign --sign "$SIGN_APP" --timestamp "$out/$name.dmg"

if [ -n "${NOTARY_PROFILE:-}" ]; then
    for file in "$out/$name.pkg" "$out/$name.dmg"; do
        step "notarize $(basename "$file")"
        xcrun notarytool submit "$file" --keychain-profile "$NOTARY_PROFILE" --wait
        xcrun stapler staple "$file"
    done
    spctl --assess --verbose=2 --type install "$out/$name.pkg"
    spctl --assess --verbose=2 --type open --context context:primary-signature "$out/$name.dmg"
fi

step "done"
shasum -a 256 "$out/$name.pkg" "$out/$name.dmg" | tee "$out/$name.sha256"
