"""There is one version, and every system's package says it in a form that the system can compare."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from freeze import version

import loopdesk
from tests.architecture import ROOT


def test_every_package_says_the_version_of_the_program() -> None:
    assert version.read(ROOT) == loopdesk.__version__
    texts = version.windows_texts("loopdesk", version.read(ROOT))
    assert {texts["FileVersion"], texts["ProductVersion"]} == {loopdesk.__version__}
    plist = version.info_plist(ROOT)
    assert {plist["CFBundleVersion"], plist["CFBundleShortVersionString"]} == {loopdesk.__version__}


def test_no_other_file_writes_the_version_down() -> None:
    """Requirements and the change log name versions of other things and of former ones."""
    number = re.compile(rf"(?<![\d.]){re.escape(loopdesk.__version__)}(?![\d.])")
    suspects = [
        *(ROOT / "loopdesk").rglob("*.py"),
        *(
            path
            for path in (ROOT / "packaging").rglob("*")
            if path.suffix in (".py", ".spec", ".sh", ".wxs", ".plist", ".toml")
        ),
        ROOT / "pyproject.toml",
        ROOT / "Makefile",
    ]
    written = [
        path.relative_to(ROOT).as_posix() for path in suspects if number.search(path.read_text("utf-8"))
    ]
    assert written == ["loopdesk/__init__.py"]


@pytest.mark.parametrize(("said", "numbers"), [("0.1.0", (0, 1, 0)), ("255.255.65535", (255, 255, 65535))])
def test_three_numbers_are_a_version(said: str, numbers: tuple[int, int, int]) -> None:
    assert version.three(said) == numbers


@pytest.mark.parametrize(
    "said", ["1.0", "1.0.0.0", "1.0.0rc1", "256.0.0", "0.256.0", "0.0.65536", "v1.0.0", ""]
)
def test_what_windows_installer_could_not_compare_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="is"):
        version.three(said)


def test_a_checkout_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loopdesk").mkdir()
    (tmp_path / "loopdesk" / "__init__.py").write_text('"""Nothing."""\n')
    with pytest.raises(ValueError, match="names no version"):
        version.read(tmp_path)
