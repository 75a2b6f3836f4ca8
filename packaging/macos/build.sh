#!/usr/bin/env bash
# On a Mac: freezes loopdesk for this processor, makes the .pkg that IT rolls out and the .dmg for one machine,
# tries both, and signs and notarises them when it has with what.
#
#   SIGN_APP          "Developer ID Application: …"    signs the program; without it, an ad hoc signature
#   SIGN_PKG          "Developer ID Installer: …"      signs the .pkg
#   NOTARY_PROFILE    a profile of `xcrun notarytool store-credentials`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

out=build/macos
freezer=build/freezer
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' loopdesk/__init__.py)
name="loopdesk-$version-$(uname -m)"
app=build/frozen/loopdesk.app

step() { printf '\n== %s (%ss)\n' "$1" "$SECONDS"; }

step "freeze"
rm -rf "$out" build/frozen
mkdir -p "$out"
"$(bash packaging/python.sh)" -m venv "$freezer"
"$freezer/bin/python" -m pip install --quiet --require-hashes -r requirements/package.txt
LOOPDESK_SIGN_APP=${SIGN_APP:--} "$freezer/bin/python" -m PyInstaller --noconfirm \
    --distpath build/frozen --workpath build/work packaging/loopdesk.spec

step "the signature holds, hardened, with our entitlements"
codesign --verify --strict --deep --verbose=2 "$app"
codesign --display --entitlements - --xml "$app" | grep -q allow-unsigned-executable-memory
codesign --display --verbose=2 "$app" 2>&1 | grep -q 'flags=.*runtime'

step "smoke of the folder"
bash packaging/macos/smoke.sh "$app/Contents/MacOS/loopdesk" "$out/smoke-app.json"

step "package"
pkgbuild --component "$app" --install-location /Applications --scripts packaging/macos/scripts \
    --identifier com.loopdesk.loopdesk.pkg --version "$version" "$out/component.pkg"
sed -e "s/@VERSION@/$version/" -e "s/@ARCH@/$(uname -m)/" packaging/macos/distribution.xml >"$out/distribution.xml"
productbuild --distribution "$out/distribution.xml" --package-path "$out" ${SIGN_PKG:+--sign "$SIGN_PKG"} "$out/$name.pkg"
rm "$out/component.pkg" "$out/distribution.xml"

step "disk image"
mkdir "$out/image"
ditto "$app" "$out/image/loopdesk.app" # cp would follow links and break the signature
ln -s /Applications "$out/image/Applications"
hdiutil create -quiet -volname loopdesk -srcfolder "$out/image" -ov -format UDZO "$out/$name.dmg"
rm -rf "$out/image"
[ -z "${SIGN_APP:-}" ] || codesign --sign "$SIGN_APP" --timestamp "$out/$name.dmg"

if [ -n "${NOTARY_PROFILE:-}" ]; then
    for file in "$out/$name.pkg" "$out/$name.dmg"; do
        step "notarise $(basename "$file")"
        xcrun notarytool submit "$file" --keychain-profile "$NOTARY_PROFILE" --wait
        xcrun stapler staple "$file"
    done
    spctl --assess --verbose=2 --type install "$out/$name.pkg"
    spctl --assess --verbose=2 --type open --context context:primary-signature "$out/$name.dmg"
fi

step "done"
shasum -a 256 "$out/$name.pkg" "$out/$name.dmg" | tee "$out/$name.sha256"
