"""Faults of a frozen folder are found: files that are not allowed, files that are missing, too many
megabytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from freeze import contents, keep, missing, needs

from tests.architecture import ROOT

SYSTEMS = ("linux", "windows", "macos")


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("a/b.so", "a/*.so", True),
        ("a/b/c.so", "a/*.so", False),
        ("a/b/c.so", "a/**", True),
        ("qsvg.dll", "{lib,}qsvg.*", True),
        ("libqsvg.so", "{lib,}qsvg.*", True),
        ("python311.dll", "python3{,??}.dll", True),
        ("python3.dll", "python3{,??}.dll", True),
        ("KERNEL32.dll", "{advapi32,kernel32}.dll", True),
        ("libc.so.6", "lib{c.so.6,m.so.6}", True),
        ("libcxso.6", "lib{c.so.6,m.so.6}", False),
    ],
)
def test_a_pattern_stands_for_what_it_says(name: str, pattern: str, fits: bool) -> None:
    assert contents.matches(name, [pattern]) is fits


@pytest.mark.parametrize(
    ("system", "stranger"),
    [
        ("linux", "_internal/PySide6/Qt/lib/libQt6Qml.so.6"),
        ("linux", "_internal/PySide6/Qt/plugins/tls/libqopensslbackend.so"),
        ("linux", "_internal/libstdc++.so.6"),
        ("linux", "_internal/resources/sounds/make_sounds.py"),
        ("windows", "_internal/PySide6/Qt6Pdf.dll"),
        ("windows", "_internal/PySide6/opengl32sw.dll"),
        ("windows", "_internal/icuuc.dll"),
        ("macos", "Contents/MacOS/other"),
    ],
)
def test_a_file_that_nobody_allowed_is_found(tmp_path: Path, system: str, stranger: str) -> None:
    file = tmp_path / stranger
    file.parent.mkdir(parents=True)
    file.touch()
    assert list(contents.problems(tmp_path, system)) == [f"{stranger} is named by no pattern"]


@pytest.mark.parametrize(
    "stranger",
    [
        "Frameworks/PySide6/Qt/lib/QtQml.framework/Versions/A/QtQml",
        "Frameworks/PySide6/Qt/plugins/tls/libqopensslbackend.dylib",
        "Resources/PySide6/Qt/translations/qtbase_fi.qm",
        "Resources/keyring-25.0.dist-info/RECORD",
    ],
)
def test_what_was_left_out_is_found_in_a_bundle_of_the_mac(tmp_path: Path, stranger: str) -> None:
    kept = (
        "Frameworks/PySide6/Qt/lib/QtCore.framework/Versions/A/QtCore",
        "Frameworks/PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "Frameworks/libssl.3.dylib",
        "Frameworks/zxingcpp/zxingcpp.cpython-313-darwin.so",
        "Resources/keyring-25.0.dist-info/METADATA",
        "Resources/resources/sounds/done.wav",
        "MacOS/loopdesk",
        "Info.plist",
    )
    for place in (*kept, stranger):
        file = tmp_path / "Contents" / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert list(contents.problems(tmp_path, "macos")) == [f"Contents/{stranger} should have been left out"]


@pytest.mark.parametrize(
    ("script", "command"),
    [
        ("package.sh", '"$freezer/bin/python" -m freeze.build'),
        ("macos/build.sh", '"$freezer/bin/python" -m freeze.build'),
        ("windows/freeze.ps1", "$freezer -m freeze.build"),
    ],
)
def test_each_system_freezes_by_what_looks_at_contents_and_licences(script: str, command: str) -> None:
    text = (ROOT / "packaging" / script).read_text("utf-8")
    assert command in text
    assert "-m PyInstaller" not in text


def test_every_file_of_our_own_is_allowed() -> None:
    own = [f"_internal/{folder}/{Path(file).name}" for file, folder in keep.own_files(ROOT)]
    for system in ("linux", "windows"):
        patterns = contents.allowed(system).files
        assert [place for place in own if not contents.matches(place, patterns)] == []


def test_a_folder_beyond_its_budget_is_found(tmp_path: Path) -> None:
    program = tmp_path / "loopdesk"
    with program.open("wb") as out:
        out.truncate((contents.allowed("linux").megabytes + 1) * contents.MEGABYTE)
    (problem,) = contents.problems(tmp_path, "linux")
    assert problem == "the folder has 151.0 MB, more than 150"


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_system_allows_everything(system: str) -> None:
    may = contents.allowed(system)
    assert 0 < may.megabytes <= 168
    assert not contents.matches("stranger.bin", may.files)
    assert not contents.matches("stranger.dll", may.system)


# --- what is asked for ------------------------------------------------------------------------------


def test_a_library_that_is_neither_there_nor_the_systems_is_found() -> None:
    asked = {
        "a/libQt6Core.so.6": {"libc.so.6", "libicuuc.so.73"},
        "a/plugin.so": {"libQt6Core.so.6", "libz.so.1"},
    }
    assert list(needs.dangling(asked, ["libc.so.*"])) == [
        "a/libQt6Core.so.6 asks for libicuuc.so.73, which is neither there nor the system's",
        "a/plugin.so asks for libz.so.1, which is neither there nor the system's",
    ]


def test_windows_compares_names_without_their_case() -> None:
    asked = {"PySide6/Qt6Core.dll": {"KERNEL32.dll"}, "PySide6/QtCore.pyd": {"qt6core.dll"}}
    assert list(needs.dangling(asked, ["kernel32.dll"])) == []


def test_a_library_of_qt_that_nobody_asks_for_is_found() -> None:
    asked = {"lib/libQt6Core.so.6": set[str](), "lib/libQt6Qml.so.6": {"libQt6Core.so.6"}}
    assert list(needs.idle(asked)) == ["lib/libQt6Qml.so.6 is asked for by nothing"]


# --- what PyInstaller did not find ------------------------------------------------------------------

WARNINGS = """
missing module named winreg - imported by platform (delayed, optional), loopdesk.system.host.paths (delayed)
missing module named tomllib_x - imported by loopdesk.system.settings.file (top-level)
missing module named brotli - imported by httpx._decoders (optional)
missing module named 'h2.config' - imported by httpcore._async.http2 (top-level)
excluded module named certifi - imported by httpx._config (top-level)
missing module named lonely - imported by somewhere (delayed, conditional)
"""


def test_a_module_without_a_way_around_it_is_found() -> None:
    assert list(missing.unexpected(WARNINGS, {"h2"})) == [
        "tomllib_x is missing; loopdesk.system.settings.file imports it",
        "certifi is missing; httpx._config imports it",
    ]
    assert "winreg" in sys.stdlib_module_names


def test_what_lies_inside_a_module_that_may_be_missing_may_be_too() -> None:
    told = """
excluded module named loopdesk.hub.commands - imported by loopdesk.cli (delayed, optional)
missing module named loopdesk.hubbub - imported by loopdesk.cli (top-level)
"""
    assert list(missing.unexpected(told, contents.allowed("linux").missing)) == [
        "loopdesk.hubbub is missing; loopdesk.cli imports it"
    ]


def test_what_may_be_missing_is_nothing_that_the_program_imports() -> None:
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "loopdesk").rglob("*.py"))
    for name in contents.allowed("linux").missing - {"pydantic", "loopdesk.hub"}:
        assert f"import {name}\n" not in text
        assert f"from {name}" not in text


def test_what_only_windows_has_may_be_missing_elsewhere_alone() -> None:
    named = "missing module named win32file - imported by serial_library (top-level)"
    wrong = {system: list(missing.unexpected(named, contents.allowed(system).missing)) for system in SYSTEMS}
    assert wrong["linux"] == wrong["macos"] == []
    assert len(wrong["windows"]) == 1
