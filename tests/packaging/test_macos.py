"""What can be checked of the Mac packages without a Mac."""

from __future__ import annotations

import plistlib
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from freeze import version
from macos import component, floors, signature

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


ALLOW = "com.apple.security.cs.allow-unsigned-executable-memory"
CAMERA = "com.apple.security.device.camera"
NO_VALIDATION = "com.apple.security.cs.disable-library-validation"


def test_a_signed_program_asks_for_two_entitlements_and_no_more() -> None:
    who = signature.identity({"SIGN_APP": "Developer ID Application: Somebody (TEAM)"})
    assert who == "Developer ID Application: Somebody (TEAM)"
    assert plistlib.loads(signature.entitlements(who).read_bytes()) == {ALLOW: True, CAMERA: True}


@pytest.mark.parametrize("environ", [{}, {"SIGN_APP": ""}, {"SIGN_APP": " "}])
def test_a_program_signed_by_nobody_is_hardened_and_may_load_its_own_libraries(
    environ: dict[str, str],
) -> None:
    """PyInstaller hardens for any name but an empty one; library validation would then refuse the rest."""
    who = signature.identity(environ)
    assert who == "-"
    assert plistlib.loads(signature.entitlements(who).read_bytes()) == {
        ALLOW: True,
        CAMERA: True,
        NO_VALIDATION: True,
    }


ANALYZED = [
    {
        "BundleHasStrictIdentifier": True,
        "BundleIsRelocatable": True,
        "BundleIsVersionChecked": True,
        "BundleOverwriteAction": "upgrade",
        "ChildBundles": [
            {
                "BundleOverwriteAction": "",
                "RootRelativeBundlePath": "loopdesk.app/Contents/Frameworks/Q.framework",
            }
        ],
        "RootRelativeBundlePath": "loopdesk.app",
    }
]
"""In the form that `pkgbuild --analyze` writes."""


def test_every_bundle_of_the_package_goes_to_its_place_whatever_lies_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "component.plist"
    file.write_bytes(plistlib.dumps(ANALYZED))
    assert component.main(["settle", str(file)]) == 0
    (bundle,) = plistlib.loads(file.read_bytes())
    for each in (bundle, *bundle["ChildBundles"]):
        assert (each["BundleIsRelocatable"], each["BundleIsVersionChecked"]) == (False, False)
        assert each["BundleOverwriteAction"] == "upgrade"
    assert bundle["RootRelativeBundlePath"] == "loopdesk.app"
    assert bundle["ChildBundles"][0]["RootRelativeBundlePath"].endswith("Q.framework")


INFO = """<?xml version="1.0" encoding="utf-8"?>
<pkg-info overwrite-permissions="true" relocatable="false" identifier="com.loopdesk.loopdesk.pkg"
    install-location="/Applications" version="1.2.3" format-version="2" auth="root">
  <bundle path="./loopdesk.app" id="com.loopdesk.loopdesk" CFBundleVersion="1.2.3"/>
  <bundle-version/><upgrade-bundle><bundle id="com.loopdesk.loopdesk"/></upgrade-bundle>
  <strict-identifier><bundle id="com.loopdesk.loopdesk"/></strict-identifier><relocate/>
</pkg-info>
"""
ONE = '<bundle id="com.loopdesk.loopdesk"/>'


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("", "", ""),
        ("<relocate/>", f"<relocate>{ONE}</relocate>", "wherever a copy of it lies"),
        ("<bundle-version/>", f"<bundle-version>{ONE}</bundle-version>", "passed over"),
        ('relocatable="false"', 'relocatable="true"', "the package is relocatable"),
        ('"/Applications"', '"/"', "installs into /"),
        ('./loopdesk.app" id="com.loopdesk.loopdesk"', './x.app" id="x"', "holds no com.loopdesk.loopdesk"),
    ],
)
def test_a_package_that_would_go_elsewhere_or_pass_over_an_older_version_is_noticed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, words: str
) -> None:
    file = tmp_path / "PackageInfo"
    file.write_text(INFO.replace(old, new) if old else INFO, encoding="utf-8")
    assert component.main(["check", str(file)]) == bool(words)
    assert words in capsys.readouterr().err


def test_every_wait_of_the_macs_scripts_has_an_end() -> None:
    for script in MACOS.rglob("*.sh"):
        text = script.read_text("utf-8")
        assert not re.findall(r"^\s*(?:until|while) (?!IFS)", text, re.MULTILINE), script.name


def test_the_bundles_property_list_can_be_written() -> None:
    told = plistlib.loads(plistlib.dumps(version.info_plist(ROOT)))
    assert told["CFBundleShortVersionString"] == version.read(ROOT)


def test_a_mac_can_tell_a_person_what_the_camera_is_wanted_for() -> None:
    """A program without these words is ended by macOS at its first look at a camera."""
    assert "camera" in str(version.info_plist(ROOT)["NSCameraUsageDescription"])
