"""What a release is collected from: the packages of all systems, one version, one file of hashes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from freeze import sbom

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    "loopdesk_1.2.3_amd64.deb",
    "loopdesk-1.2.3.msi",
    "loopdesk-1.2.3-arm64.pkg",
    "loopdesk-1.2.3-arm64.dmg",
)


class Release:
    """A checkout of version 1.2.3 and the artifacts of its runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        script = folder / "packaging" / "release" / "collect.sh"
        script.parent.mkdir(parents=True)
        shutil.copy(ROOT / "packaging" / "release" / "collect.sh", script)
        (folder / "loopdesk").mkdir()
        (folder / "loopdesk" / "__init__.py").write_text('__version__ = "1.2.3"\n', encoding="utf-8")
        self.changelog = folder / "CHANGELOG.md"
        self.changelog.write_text(
            "# Changelog\n\n## Unreleased\n\nLater.\n\n## 1.2.3\n\nQuieter beeps.\n\n## 1.2.2\n\nOlder.\n",
            encoding="utf-8",
        )
        for number, name in enumerate(PACKAGES):
            file = folder / "all" / str(number) / name
            file.parent.mkdir(parents=True)
            file.write_bytes(name.encode())
        self.out = folder / "out"

    def collect(self, tag: str = "v1.2.3") -> subprocess.CompletedProcess[str]:
        """Run the script as the workflow does."""
        command = ["bash", "packaging/release/collect.sh", str(self.folder / "all"), str(self.out), tag]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return Release(tmp_path)


def test_all_packages_lie_together_with_their_hashes_and_the_notes_of_their_version(release: Release) -> None:
    ended = release.collect()
    assert ended.returncode == 0, ended.stderr
    lines = (release.out / "packages" / "SHA256SUMS").read_text("utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert listed == {name: hashlib.sha256(name.encode()).hexdigest() for name in PACKAGES}
    assert (release.out / "notes.md").read_text(encoding="utf-8").strip() == "Quieter beeps."


def test_the_list_of_parts_of_every_package_is_kept(release: Release) -> None:
    """Both kinds of Mac make one of the same version."""
    names = {
        sbom.name("1.2.3", system, machine)
        for system, machine in (
            ("linux", "x86_64"),
            ("windows", "AMD64"),
            ("macos", "arm64"),
            ("macos", "x86_64"),
        )
    }
    for number, name in enumerate(names):
        file = release.folder / "all" / f"parts-{number}" / name
        file.parent.mkdir()
        file.touch()
    assert release.collect().returncode == 0
    assert {path.name for path in (release.out / "packages").glob("*.cdx.json")} == names
    assert len(names) == 4


def test_a_tag_of_another_version_is_refused(release: Release) -> None:
    ended = release.collect("v1.2.4")
    assert ended.returncode == 1
    assert "the program says 1.2.3" in ended.stderr


@pytest.mark.parametrize("name", PACKAGES)
def test_a_missing_package_is_noticed(release: Release, name: str) -> None:
    next(release.folder.rglob(name)).unlink()
    assert release.collect().returncode == 1


def test_a_version_without_notes_is_refused(release: Release) -> None:
    release.changelog.write_text("# Changelog\n\n## Unreleased\n", encoding="utf-8")
    ended = release.collect()
    assert ended.returncode == 1
    assert "CHANGELOG.md says nothing" in ended.stderr
