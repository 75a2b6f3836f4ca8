"""Whatever a station's files contain: a setting, or the place of the mistake; never anything else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.file import SettingsFile
from loopdesk.system.settings.model import Settings
from loopdesk.system.settings.vocabulary import load_vocabulary
from tests.architecture import ROOT
from tests.torture import figures
from tests.torture.fuzz import inputs

SETTINGS = b"""# a station's settings
hold_seconds = 10
theme = "dark"

[api]
version = "2026-07"

[station]
name = "Dock 3"
stations = 2

[limits]
process = 600

[scanner]
order_prefixes = ["EU-", "UK-"]
"""


@pytest.mark.fault(118)
def test_a_settings_file_is_read_or_its_mistake_is_named(tmp_path: Path) -> None:
    profile = Profile(tmp_path)
    read = refused = 0
    files = _damaged("settings_files", SETTINGS)
    for text in files:
        profile.settings_file.write_bytes(text)
        profile.last_good_settings_file.unlink(missing_ok=True)
        try:
            loaded = SettingsFile(profile, {}).load()
        except SettingsWrong as mistake:
            refused += str(profile.settings_file) in str(mistake)
        else:
            read += 1
            assert isinstance(loaded.settings, Settings)
            assert loaded.settings.api.url.startswith("https://")
    assert 0 < read < len(files)
    assert read + refused == len(files)


@pytest.mark.fault(118)
def test_a_vocabulary_is_read_or_its_mistake_is_named(tmp_path: Path) -> None:
    shipped = (ROOT / "resources" / "vocab" / "default.toml").read_bytes()
    file = tmp_path / "own.toml"
    read = refused = 0
    files = _damaged("vocabulary_files", shipped)
    for text in files:
        file.write_bytes(text)
        try:
            vocabulary = load_vocabulary(file)
        except SettingsWrong as mistake:
            refused += str(file) in str(mistake)
        else:
            read += 1
            assert len({rule.grade for rule in vocabulary.grades}) == len(vocabulary.grades)
    assert 0 < read < len(files)
    assert read + refused == len(files)


def _damaged(name: str, original: bytes) -> list[bytes]:
    files = figures.size(name, 600, 20_000)
    counts = figures.begin(name.replace("_", " "), figures.seed())
    counts.trials = files
    chance = random.Random(figures.seed())
    made = [inputs.damaged(original, chance) for _ in range(files)]
    counts.end()
    return made
