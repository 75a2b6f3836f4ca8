"""Licenses, parts, and the packages of Linux: what can be checked without building one."""

from __future__ import annotations

import configparser
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from freeze import deb, licences, negative, version
from freeze.negative import CASES, Case
from freeze.trial import Ran, complaints

from tests.architecture import ROOT

PIN = re.compile(r"^(?P<name>[\w.\[\]-]+)==(?P<version>\S+)", re.MULTILINE)


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return {found["name"]: found["version"] for found in PIN.finditer(text)}


def test_what_is_frozen_is_what_is_tested() -> None:
    run, package, dev = _pins("run"), _pins("package"), _pins("dev")
    assert len(run) > 20
    assert run == {name: package.get(name) for name in run}
    assert run == {name: dev.get(name) for name in run}
    assert "pyinstaller" in package


def test_no_pin_says_where_it_comes_from() -> None:
    for file in (ROOT / "requirements").glob("*.txt"):
        assert "index-url" not in file.read_text("utf-8")


def test_every_system_gets_the_same_versions() -> None:
    """A version that depends on the system would be tested on one and shipped on another."""
    pinned = [found["name"] for found in PIN.finditer((ROOT / "requirements/package.txt").read_text("utf-8"))]
    assert len(pinned) == len(set(pinned))


def test_everything_that_is_shipped_has_a_licence_text() -> None:
    shipped = list(licences.shipped(ROOT))
    assert len(shipped) > 20
    for library in shipped:
        texts = [text.read_text("utf-8") for text in licences.texts_of(library)]
        assert sum(map(len, texts)) > 500, library.name


def test_what_a_library_has_inside_has_its_text_beside_the_librarys_own() -> None:
    texts = [text.name for text in licences.texts_of(metadata.distribution("zxing-cpp"))]
    assert texts == ["LICENSE", "zint.txt", "nanobind.txt"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("site/many-1.0.dist-info/licenses/win32/License.txt", "win32-License.txt"),
        ("site/many-1.0.dist-info/licenses/com/License.txt", "com-License.txt"),
        ("site/one-1.0.dist-info/licenses/LICENSE", "LICENSE"),
        ("site/old-1.0.dist-info/LICENSE.md", "LICENSE.md"),
        ("packaging/licences/PSF.txt", "PSF.txt"),
    ],
)
def test_texts_of_one_name_lie_beside_each_other(text: str, name: str) -> None:
    assert licences.file_name(Path(text)) == name


@pytest.mark.parametrize(
    ("system", "only_there", "inside"),
    [
        ("linux", {"jeepney", "secretstorage", "cryptography"}, "_internal"),
        ("windows", {"pywin32-ctypes"}, "_internal"),
        ("macos", set(), "Contents/Resources"),
    ],
)
def test_a_folder_of_any_system_that_lacks_a_licence_text_is_found(
    system: str, only_there: set[str], inside: str
) -> None:
    """Of each library that the pins name for that system, wherever the folder is looked at."""
    names = set(licences.wanted(ROOT, system))
    special = {"jeepney", "secretstorage", "cryptography", "pywin32-ctypes"}
    assert names & special == only_there
    assert {"loopdesk", "python", "pyinstaller", "zxing-cpp", "pyside6-essentials"} <= names
    places = [f"{inside}/licences/{name.replace('-', '_').upper()}/LICENSE" for name in names]
    assert list(licences.absent(places, ROOT, system)) == []
    assert list(licences.absent(places[1:], ROOT, system)) == [
        f"{next(iter(names))} has no licence text in the folder"
    ]


def test_what_has_no_licence_text_stops_the_build(tmp_path: Path) -> None:
    about = tmp_path / "lonely-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: lonely\nVersion: 1.0\n")
    (about / "RECORD").write_text("lonely.py,,\n")
    with pytest.raises(ValueError, match="lonely has no licence text"):
        licences.texts_of(metadata.PathDistribution(about))


def test_the_package_asks_for_every_library_that_is_not_in_it() -> None:
    text = deb.control("1.2.3", "amd64", "2.36", 1000)
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line and line[0] != " ")
    assert fields["Version"] == "1.2.3"
    depends = fields["Depends"].split(", ")
    assert "libc6 (>= 2.36)" in depends
    assert set(deb.packages()) <= set(depends)
    assert len(deb.packages()) > 25


def test_the_newest_c_library_that_is_asked_for_counts() -> None:
    assert (
        deb.newest_libc(["GLIBC_2.4", "GLIBC_2.34", "GLIBC_2.9", "GLIBCXX_3.4.30", "GLIBC_PRIVATE"]) == "2.34"
    )


def test_the_desktop_entry_starts_the_command_of_the_package(tmp_path: Path) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(deb.LINUX / "loopdesk.desktop", encoding="utf-8")
    said = entry["Desktop Entry"]
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    (frozen / "loopdesk").touch()
    root = tmp_path / "root"
    root.mkdir()
    deb.lay_out(frozen, root)
    command = root / said["Exec"].lstrip("/")
    assert command.resolve() == (root / "usr/lib/loopdesk/loopdesk").resolve()
    assert command.stat().st_mode & 0o111 == 0o111
    assert list((root / "usr/share/icons/hicolor").glob(f"*/apps/{said['Icon']}.*"))
    assert not [path for path in root.rglob("*") if path.stat().st_mode & 0o022]


def test_the_shell_refuses_no_script_for_its_syntax() -> None:
    for script in (ROOT / "packaging").rglob("*.sh"):
        subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.parametrize("script", sorted((ROOT / "packaging").rglob("*.sh")), ids=lambda path: path.name)
def test_no_script_ends_a_pipe_with_a_search_that_stops_at_its_first_hit(script: Path) -> None:
    """With `pipefail`, a command that still writes into `grep -q` is killed by SIGPIPE, and the step is
    flaky."""
    assert not re.findall(r"(?<!\|)\|\s*grep\s+-\w*q", script.read_text("utf-8"))


def test_contents_and_spec_can_be_read() -> None:
    with (ROOT / "packaging" / "contents.toml").open("rb") as file:
        assert {"every", "linux", "windows", "macos", "missing"} == tomllib.load(file).keys()
    compile((ROOT / "packaging" / "loopdesk.spec").read_text("utf-8"), "loopdesk.spec", "exec")


# --- the trial and the negative tests can fail ------------------------------------------------------

WELL = {"ok": True, "frozen": True, "version": version.read(ROOT), "checks": [], "running": None}


def test_a_good_run_has_no_complaint() -> None:
    assert list(complaints(Ran(0, "", WELL), version.read(ROOT))) == []


@pytest.mark.parametrize(
    ("ran", "said"),
    [
        (Ran(1, "", WELL), "it ended with 1"),
        (Ran(0, "qt.warning: something", WELL), "it wrote to standard error"),
        (Ran(0, "", {**WELL, "frozen": False}), "it is not the frozen program"),
        (Ran(0, "", {**WELL, "version": "9.9.9"}), "it is version 9.9.9"),
        (Ran(-1, "", {**WELL, "ok": False, "running": "tls"}), "tls: never ended"),
        (Ran(0, "", {}), "it is not the frozen program"),
    ],
)
def test_each_thing_that_is_wrong_with_a_run_is_said(ran: Ran, said: str) -> None:
    assert any(text.startswith(said) for text in complaints(ran, version.read(ROOT)))


BROKEN = {"ok": False, "running": None, "checks": [{"name": "svg", "ok": False}, {"name": "tls", "ok": True}]}


def test_a_part_that_nobody_missed_is_said() -> None:
    case = Case("the SVG library", "*", "svg")
    assert negative.verdict(case, 1, Ran(1, "", BROKEN)) == ""
    assert negative.verdict(case, 0, Ran(1, "", BROKEN)) == "there was nothing to take out"
    assert negative.verdict(case, 1, Ran(0, "", WELL)) == "the program found itself whole"
    assert "should have failed" in negative.verdict(Case("a sound", "*", "sounds"), 1, Ran(1, "", BROKEN))


def test_a_run_that_died_is_counted_for_what_it_died_at() -> None:
    case = Case("the platform plugins", "*", "first paint")
    died = Ran(-6, "", {"ok": False, "running": "first paint", "checks": []})
    assert negative.verdict(case, 3, died) == ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.part)
def test_each_part_is_found_on_linux_and_on_windows(case: Case, tmp_path: Path) -> None:
    inside = tmp_path / "_internal"
    for place in (
        "keyring-25.dist-info/METADATA",
        "resources/sounds/done.wav",
        "resources/icons/check.svg",
        "resources/locales/de/LC_MESSAGES/loopdesk.mo",
        "zxingcpp/zxingcpp.cpython-311-x86_64-linux-gnu.so",
        "_cffi_backend.cp311-win_amd64.pyd",
        *(f"PySide6/Qt/{x}" for x in ("lib/libQt6Svg.so.6", "translations/qtbase_de.qm")),
        *(f"PySide6/Qt/plugins/{x}" for x in ("imageformats/libqsvg.so", "imageformats/libqwebp.so")),
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        *(f"PySide6/{x}" for x in ("Qt6Svg.dll", "translations/qtbase_de.qm")),
        *(f"PySide6/plugins/{x}" for x in ("imageformats/qsvg.dll", "imageformats/qwebp.dll")),
        *(f"PySide6/{x}" for x in ("QtMultimedia.pyd", "plugins/multimedia/windowsmediaplugin.dll")),
        "PySide6/plugins/platforms/qwindows.dll",
    ):
        (inside / place).parent.mkdir(parents=True, exist_ok=True)
        (inside / place).touch()
    of_qt = (
        case.check in ("image formats", "first paint", "languages") and case.part != "a catalogue"
    ) or "library" in case.part
    assert negative.take_out(tmp_path, case) == (2 if of_qt else 1)


def test_nothing_is_taken_out_of_the_folder_of_a_system_that_does_not_have_it() -> None:
    on_linux, on_windows = negative.cases("linux"), negative.cases("windows")
    assert on_windows == CASES
    assert [case.check for case in CASES if case not in on_linux] == ["camera", "camera"]
