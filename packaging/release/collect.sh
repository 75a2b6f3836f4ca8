#!/usr/bin/env bash
# collect.sh ARTIFACTS OUT TAG: puts the packages of all systems into OUT/packages with one file of hashes, and writes
# the notes of the version from CHANGELOG.md. The tag, the program and the packages must name the same version.
set -euo pipefail
artifacts=$1 out=$2 tag=$3
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' loopdesk/__init__.py)
if [ "$tag" != "v$version" ]; then
    echo "collect: the tag is $tag, the program says $version" >&2
    exit 1
fi
mkdir -p "$out/packages"
find "$artifacts" -type f \( -name '*.deb' -o -name '*.msi' -o -name '*.pkg' -o -name '*.dmg' -o -name '*.cdx.json' \) \
    -exec cp {} "$out/packages/" \;
for kind in deb msi pkg dmg; do
    if ! compgen -G "$out/packages/*$version*.$kind" >/dev/null; then
        echo "collect: no .$kind of version $version" >&2
        exit 1
    fi
done
(cd "$out/packages" && sha256sum -- * >SHA256SUMS)
awk -v head="## $version" 'index($0, head) == 1 { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md >"$out/notes.md"
if ! grep -q . "$out/notes.md"; then
    echo "collect: CHANGELOG.md says nothing of $version" >&2
    exit 1
fi
