#!/usr/bin/env bash
# release.sh FOLDER OUT: signs the unsigned files of a folder that was frozen on Windows, makes the MSI of it, and signs
# that. Signing uses SIGN_COMMAND, the command of a signing service or a hardware key (see signing.py),
# or CERTIFICATE and KEY (PEM texts); TIMESTAMP names the time stamp server of the certificate's issuer.
set -euo pipefail
folder=$(realpath "$1")
mkdir -p "$2"
out=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PYTHONPATH=packaging
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' loopdesk/__init__.py)
msi="$out/loopdesk-$version.msi"
keys=$(mktemp -d) # for this user alone, and gone with this run
trap 'rm -rf "$keys"' EXIT

sign() {
    if [ -n "${SIGN_COMMAND:-}" ]; then
        python3 -m windows.signing "$@" --command "$SIGN_COMMAND"
        return
    fi
    if [ -z "${CERTIFICATE:-}" ] || [ -z "${KEY:-}" ]; then
        echo "release: no certificate was given; not signed: $*"
        return
    fi
    printf '%s\n' "$CERTIFICATE" >"$keys/certificate.pem"
    printf '%s\n' "$KEY" >"$keys/key.pem"
    python3 -m windows.signing "$@" --certificate "$keys/certificate.pem" --key "$keys/key.pem" \
        ${TIMESTAMP:+--timestamp "$TIMESTAMP"}
}

unsigned=()
while IFS= read -r -d '' file; do
    osslsigncode extract-signature -in "$file" -out "$keys/signature" >/dev/null 2>&1 || unsigned+=("$file")
    rm -f "$keys/signature"
done < <(find "$folder" -type f \( -name '*.exe' -o -name '*.dll' -o -name '*.pyd' \) -print0)
[ ${#unsigned[@]} -eq 0 ] || sign "${unsigned[@]}"
python3 -m windows.msi "$folder" "$msi" --version "$version"
sign "$msi"
(cd "$out" && sha256sum "$(basename "$msi")" >"$(basename "$msi").sha256")
