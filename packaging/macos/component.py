"""Settles how Apple's installer treats the bundles of the package, and reads back that it will.

    python -m macos.component settle COMPONENT_PLIST    # what `pkgbuild --analyze` wrote, in its place
    python -m macos.component check PACKAGE_INFO        # of the package that was built

By default a bundle is *relocatable*: a copy that somebody moved is replaced where it is, and nothing comes to
/Applications. And it is *version-checked*: an older version is passed over, and the installer says that all
went well, so that going back would do nothing.
"""

from __future__ import annotations

import plistlib
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freeze.version import BUNDLE_ID

SETTLED = {
    "BundleIsRelocatable": False,
    "BundleIsVersionChecked": False,
    "BundleHasStrictIdentifier": True,
    "BundleOverwriteAction": "upgrade",
}
"""What holds for every bundle: ``upgrade`` replaces it whole, so that no file of before stays in it."""


def settled(bundles: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the list of bundles with everything settled, those inside of others too."""
    inside = "ChildBundles"
    return [
        {**bundle, **SETTLED, **({inside: settled(bundle[inside])} if inside in bundle else {})}
        for bundle in bundles
    ]


def problems(package_info: str) -> Iterator[str]:
    """Return what is wrong with the ``PackageInfo`` of a package."""
    tree = ET.fromstring(package_info)
    if tree.get("relocatable") == "true":
        yield "the package is relocatable"
    for name, words in (
        ("relocate", "would be installed wherever a copy of it lies"),
        ("bundle-version", "would be passed over where a newer one is installed"),
    ):
        for bundle in tree.iterfind(f"{name}/bundle"):
            yield f"{bundle.get('id')} {words}"
    if BUNDLE_ID not in {bundle.get("id") for bundle in tree.iterfind("bundle")}:
        yield f"it holds no {BUNDLE_ID}"
    if tree.get("install-location") != "/Applications":
        yield f"it installs into {tree.get('install-location')}"


def main(argv: list[str]) -> int:
    """Settle or check. Returns 1 if something is wrong."""
    command, file = argv[0], Path(argv[1])
    if command == "settle":
        file.write_bytes(plistlib.dumps(settled(plistlib.loads(file.read_bytes()))))
        return 0
    found = list(problems(file.read_text("utf-8")))
    for problem in found:
        print(f"component: {problem}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
