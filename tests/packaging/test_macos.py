"""What can be checked of the Mac packages without a Mac."""

from __future__ import annotations

import plistlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from freeze import version
from macos import floors

MACOS = Path(floors.__file__).parent
ROOT = MACOS.parents[1]


def test_the_wheels_were_made_for_the_macos_that_is_promised() -> None:
    found = floors.recorded()
    assert set(found) == set(floors.TARGETS)
    assert floors.problems(found) == []
    newest = max(floors._numbers(floor) for packages in found.values() for floor in packages.values())
    assert newest == floors._numbers(version.MACOS_FLOOR), "promise no newer macOS than is needed"


def test_every_pinned_native_package_is_looked_at() -> None:
    pinned = floors.pins((ROOT / "requirements" / "run.txt").read_text("utf-8"))
    assert set(floors.NATIVE) <= set(pinned)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"apsw": "99.0"}, "asks for macOS 99.0"),
        ({"cffi": "none"}, "no file"),
        ({"pynacl": None}, "no wheel"),
    ],
)
def test_a_wheel_for_a_newer_macos_or_no_wheel_at_all_is_found(
    change: dict[str, str | None], words: str
) -> None:
    packages = {**floors.recorded()["arm64"], **change}
    found = floors.problems({"arm64": {name: floor for name, floor in packages.items() if floor}})
    assert len(found) == 1
    assert words in found[0]


def test_the_record_reads_back_as_it_was_written() -> None:
    assert floors.RECORD.read_text("utf-8") == floors.render(floors.recorded())


def test_the_installer_and_the_bundle_promise_the_same_macos() -> None:
    tree = ET.parse(MACOS / "distribution.xml")
    (least,) = tree.iter("os-version")
    assert least.get("min") == version.MACOS_FLOOR
    assert version.info_plist(ROOT)["LSMinimumSystemVersion"] == version.MACOS_FLOOR


def test_the_installer_names_the_package_that_is_built() -> None:
    built = re.search(r"--identifier (\S+)", (MACOS / "build.sh").read_text("utf-8"))
    assert built is not None
    names = {each.get("id") for each in ET.parse(MACOS / "distribution.xml").iter("pkg-ref")}
    assert names == {built[1]} == {f"{version.BUNDLE_ID}.pkg"}


def test_the_program_asks_for_one_entitlement_and_no_more() -> None:
    told = plistlib.loads((MACOS / "entitlements.plist").read_bytes())
    assert told == {"com.apple.security.cs.allow-unsigned-executable-memory": True}


def test_the_bundles_property_list_can_be_written() -> None:
    told = plistlib.loads(plistlib.dumps(version.info_plist(ROOT)))
    assert told["CFBundleShortVersionString"] == version.read(ROOT)
