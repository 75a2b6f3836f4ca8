"""Settings that IT pushed to a machine: its file, the Windows registry, and what a station cannot change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.presenters.words import errors
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.desk import SettingField, SettingsDesk
from loopdesk.system.settings.file import Loaded, SettingsFile, Source
from loopdesk.system.settings.machine import (
    INSTALLED_FOLDER,
    MACHINE_VARIABLE,
    POLICY_FOLDER,
    machine_file,
    read_registry,
)
from loopdesk.system.settings.model import KNOWN_KEYS, Settings

NOTHING: Mapping[str, str] = {}
SCANNER = '[scanner]\nprefix = "x"\n'


class Machine:
    """A machine with a file of its own, a registry and one profile."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "machine.toml"
        self.profile = Profile(folder / "profile")
        self.profile.folder.mkdir()
        self.folders: dict[str, Mapping[str, str]] = {}
        self.environ = {MACHINE_VARIABLE: str(self.file)}
        self.command_line: dict[str, str] = {}

    def settings(self) -> SettingsFile:
        return SettingsFile(
            self.profile,
            self.environ,
            self.command_line,
            registry=lambda folder: self.folders.get(folder, NOTHING),
        )

    def load(self) -> Loaded:
        return self.settings().load()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_is_pushed_stands_in_where_the_profile_says_nothing(machine: Machine) -> None:
    machine.file.write_text('scale = 150\ntheme = "contrast"\n', encoding="utf-8")
    machine.profile.settings_file.write_text('theme = "dark"\n', encoding="utf-8")
    loaded = machine.load()
    assert (loaded.settings.scale, loaded.settings.theme) == (150, "dark")
    assert loaded.which_source("scale") is Source.MACHINE
    assert loaded.which_source("theme") is Source.FILE
    assert not loaded.is_locked("scale")


@pytest.mark.parametrize(
    ("locked", "keys"),
    [
        ("true", {"scale", "theme", "api.version"}),
        ("false", set()),
        ('["scale", "api"]', {"scale", "api.version"}),
        ('["api.version"]', {"api.version"}),
    ],
)
def test_what_is_locked_wins_over_everything(machine: Machine, locked: str, keys: set[str]) -> None:
    machine.file.write_text(
        f'locked = {locked}\nscale = 150\ntheme = "contrast"\n[api]\nversion = "2026-10"\n', encoding="utf-8"
    )
    machine.profile.settings_file.write_text('scale = 110\n[api]\nversion = "v1"\n', encoding="utf-8")
    machine.environ["LOOPDESK_THEME"] = "dark"
    machine.command_line["api.version"] = "2026-07"
    loaded = machine.load()
    values = {key: loaded.settings.value(key) for key in ("scale", "theme", "api.version")}
    pushed = {"scale": 150, "theme": "contrast", "api.version": "2026-10"}
    own = {"scale": 110, "theme": "dark", "api.version": "2026-07"}
    assert values == {key: pushed[key] if key in keys else own[key] for key in values}
    assert {key for key in values if loaded.which_source(key) is Source.POLICY} == keys


def test_a_table_that_is_locked_is_locked_whole(machine: Machine) -> None:
    """What the machine's file does not set of it stays at its default, or at what the installer was told."""
    machine.file.write_text('locked = ["api", "station", "scale"]\n[api]\nversion = "v1"\n', encoding="utf-8")
    machine.folders[INSTALLED_FOLDER] = {"station.name": "Dock 7"}
    machine.profile.settings_file.write_text(
        'scale = 150\n[api]\nurl = "https://person.example"\n[station]\nname = "Mine"\n', encoding="utf-8"
    )
    machine.environ["LOOPDESK_API_PROXY"] = "http://person.example:3128"
    machine.command_line["station.operator"] = "Somebody"
    loaded = machine.load()
    settings, plain = loaded.settings, Settings()
    assert (settings.api.url, settings.api.proxy) == (plain.api.url, plain.api.proxy)
    assert (settings.api.version, settings.scale) == ("v1", plain.scale)
    assert (settings.station.name, settings.station.operator) == ("Dock 7", plain.station.operator)
    assert all(loaded.is_locked(key) for key in KNOWN_KEYS if key.startswith(("api.", "station.")))
    assert not loaded.is_locked("theme")


def test_a_policy_wins_over_the_default_of_a_locked_table(machine: Machine) -> None:
    machine.file.write_text('locked = ["api"]\n', encoding="utf-8")
    machine.folders[POLICY_FOLDER] = {"api.version": "v1"}
    assert machine.load().settings.api.version == "v1"


def test_policies_of_the_registry_are_locked_and_win_over_the_machines_file(machine: Machine) -> None:
    machine.file.write_text("locked = true\nscale = 150\n", encoding="utf-8")
    machine.folders[POLICY_FOLDER] = {
        "scale": "125",
        "sound.on": "0",
        "station.name": " ",
        "scanner.order_prefixes": "EU-, UK-",
        "of.tomorrow": "1",
    }
    loaded = machine.load()
    assert (loaded.settings.scale, loaded.settings.sound.on) == (125, False)
    assert loaded.settings.scanner.order_prefixes == ("EU-", "UK-")
    assert loaded.is_locked("scale")
    assert not loaded.is_locked("station.name"), "an empty policy says nothing"
    assert loaded.machine.unknown == ("of.tomorrow",)


def test_what_the_installer_was_told_can_be_changed_at_the_station(machine: Machine) -> None:
    machine.folders[INSTALLED_FOLDER] = {"station.name": "Dock 7", "version": "1.2.3"}
    assert machine.load().settings.station.name == "Dock 7"
    loaded = machine.settings().save({"station.name": "Dock 8"})
    assert loaded.settings.station.name == "Dock 8"
    assert loaded.machine.unknown == ()


@pytest.mark.parametrize("folder", [POLICY_FOLDER, INSTALLED_FOLDER])
def test_the_registry_may_name_the_machines_file(machine: Machine, tmp_path: Path, folder: str) -> None:
    del machine.environ[MACHINE_VARIABLE]
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text("scale = 175\n", encoding="utf-8")
    machine.folders[folder] = {"settings_file": str(elsewhere)}
    loaded = machine.load()
    assert loaded.settings.scale == 175
    assert loaded.machine.unknown == ()


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("win32", {"PROGRAMDATA": "D:/Data"}, "D:/Data/loopdesk/settings.toml"),
        ("darwin", {}, "/Library/Application Support/loopdesk/settings.toml"),
        ("linux", {}, "/etc/loopdesk/settings.toml"),
    ],
)
def test_each_system_has_its_usual_place(platform: str, environ: dict[str, str], expected: str) -> None:
    assert machine_file(environ, "", platform).as_posix() == expected


@pytest.mark.parametrize(
    ("text", "line", "key", "words"),
    [
        ("scale = 5\n", 1, "scale", "from 100 to 200"),
        ("scale = 150\nscael = 1\n", 2, "scael", "did you mean"),
        ('locked = "all"\n', 0, "locked", "true or a list"),
        ('locked = ["scael"]\n', 0, "locked", 'did you mean "scale"'),
        ('api_key = "k"\n', 1, "api_key", "never stands in a file"),
    ],
)
def test_a_mistake_in_the_machines_file_is_named(
    machine: Machine, text: str, line: int, key: str, words: str
) -> None:
    machine.file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsWrong) as caught:
        machine.load()
    assert (caught.value.file, caught.value.line, caught.value.key) == (str(machine.file), line, key)
    assert words in errors.reason(caught.value)


def test_a_wrong_policy_is_named(machine: Machine) -> None:
    machine.folders[POLICY_FOLDER] = {"scale": "huge"}
    with pytest.raises(SettingsWrong) as caught:
        machine.load()
    assert (caught.value.file, caught.value.key) == (rf"HKLM\{POLICY_FOLDER}", "scale")


def test_a_push_that_broke_off_leaves_the_last_good_one_in_force(
    machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    machine.file.write_text("locked = true\nhold_seconds = 60\n", encoding="utf-8")
    assert machine.load().settings.hold_seconds == 60
    machine.file.write_text("locked = true\nhold_seconds = 6", encoding="utf-8")
    loaded = machine.load()
    assert loaded.settings.hold_seconds == 60
    assert loaded.is_locked("hold_seconds")
    assert loaded.problem is not None
    assert loaded.problem.file == str(machine.file)
    assert caplog.records[-1].getMessage().startswith("settings_damaged")


def test_a_machine_without_registry_has_none() -> None:
    assert read_registry(POLICY_FOLDER) == {}


async def test_the_settings_view_shows_what_it_locked_and_saves_the_rest(machine: Machine) -> None:
    machine.file.write_text(f'locked = ["scanner"]\nscale = 150\n{SCANNER}', encoding="utf-8")
    seen: list[Loaded] = []
    at_start = machine.load()
    desk = SettingsDesk(machine.settings(), lambda: seen[-1] if seen else at_start, seen.append, str)

    def fields() -> dict[str, SettingField]:
        return {field.key: field for _, section in desk.sections() for field in section}

    shown = fields()
    assert (shown["scanner.prefix"].locked, shown["scanner.prefix"].source) == (True, "policy")
    assert (shown["scale"].locked, shown["scale"].source) == (False, "machine")
    await desk.save({"scale": "125"})
    assert fields()["scale"].value == "125"
    assert seen[-1].which_source("scale") is Source.FILE
    assert machine.file.read_text(encoding="utf-8").startswith('locked = ["scanner"]')
