#!/usr/bin/env bash
# Puts the certificates and the key for notarizing into a keychain of this run alone. Without P12 nothing is done:
# the program is then signed ad hoc and not notarized.
set -euo pipefail
if [ -z "${P12:-}" ]; then
    echo "keychain: no certificate was given; the packages will not be signed"
    exit 0
fi
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
umask 077
keychain=loopdesk-build.keychain
password=$(openssl rand -hex 24)
security create-keychain -p "$password" "$keychain"
security set-keychain-settings -lut 7200 "$keychain"
security unlock-keychain -p "$password" "$keychain"
printf %s "$P12" | base64 --decode >"$place/certificates.p12"
security import "$place/certificates.p12" -k "$keychain" -P "$P12_PASSWORD" -T /usr/bin/codesign -T /usr/bin/productbuild
security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
security list-keychains -d user -s "$keychain" login.keychain
if [ -n "${NOTARY_KEY:-}" ]; then
    printf %s "$NOTARY_KEY" >"$place/notary.p8"
    xcrun notarytool store-credentials loopdesk --key "$place/notary.p8" --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER"
fi
