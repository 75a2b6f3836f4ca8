"""Saving settings, and starting with a settings file that is damaged."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.presenters.words import errors
from loopdesk.system.host.paths import Profile, replace_file
from loopdesk.system.settings.file import SettingsFile, Source
from loopdesk.system.settings.model import Settings

WRITTEN = """\
# bench by the door
hold_seconds = 12   # the lead asked for more

[station]
name = "Dock 3"     # as painted on the wall

# scanner on the arm
[scanner]
order_prefixes = [
    "EU-",  # since May
]
"""


def settings_file(folder: Path, **environ: str) -> SettingsFile:
    return SettingsFile(Profile(folder), environ)


def test_saving_keeps_comments_and_order(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")
    settings_file(tmp_path).save({"hold_seconds": 20.0, "station.operator": "Åse", "sound.on": False})
    text = (tmp_path / "settings.toml").read_text(encoding="utf-8")
    assert text.startswith("# bench by the door\nhold_seconds = 20   # the lead asked for more\n")
    assert '# as painted on the wall\noperator = "Åse"' in text
    assert '    "EU-",  # since May\n' in text
    assert tomllib.loads(text)["sound"] == {"on": False}


def test_a_first_save_makes_a_file_for_this_user_alone(tmp_path: Path) -> None:
    loaded = settings_file(tmp_path).save({"station.name": "Dock 1", "theme": "dark"})
    assert (loaded.settings.station.name, loaded.settings.theme) == ("Dock 1", "dark")
    assert loaded.which_source("theme") is Source.FILE
    for name in ("settings.toml", "settings.last-good.toml"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ('[station]\nname = "x"\n', {"scale": 150}, 'scale = 150\n[station]\nname = "x"\n'),
        (
            "# all benches\n\n# who\n[station]\n",
            {"scale": 150},
            "# all benches\nscale = 150\n\n# who\n[station]\n",
        ),
        (
            "theme = 'dark'\n\n# who\n[station]\n",
            {"scale": 150},
            "theme = 'dark'\nscale = 150\n\n# who\n[station]\n",
        ),
        (
            '[station]\r\nname = "x"\r\n',
            {"station.operator": "y"},
            '[station]\r\nname = "x"\r\noperator = "y"\r\n',
        ),
        ('[station]\nname = "x"', {"station.operator": "y"}, '[station]\nname = "x"\noperator = "y"'),
        (
            '[sound]\r\n[station]\r\nname = "x"',
            {"station.operator": "y"},
            '[sound]\r\n[station]\r\nname = "x"\r\noperator = "y"',
        ),
        ("[sound]\n\n# gun\n[scanner]\n", {"sound.on": False}, "[sound]\non = false\n\n# gun\n[scanner]\n"),
        ('station.name = "x"\n', {"station.operator": "y"}, 'station.name = "x"\nstation.operator = "y"\n'),
        (
            'station = { name = "x" }\n',
            {"station.operator": "y"},
            'station = { name = "x", operator = "y"}\n',
        ),
        ("[sound]\non = false # late\nvolume = 5\n", {"sound.on": None}, "[sound]\nvolume = 5\n"),
        ("scale = 150\n", {"sound.on": None}, "scale = 150\n"),
    ],
)
def test_a_new_key_is_written_where_a_person_would_write_it(
    tmp_path: Path, before: str, changes: dict[str, Any], after: str
) -> None:
    (tmp_path / "settings.toml").write_bytes(before.encode())
    settings_file(tmp_path).save(changes)
    assert (tmp_path / "settings.toml").read_bytes().decode() == after


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scale": 5}, "from 100 to 200"),
        ({"scael": 100}, 'did you mean "scale"?'),
        ({"api": {}}, "not a known"),
    ],
)
def test_a_wrong_value_is_not_saved(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")
    with pytest.raises(SettingsWrong) as caught:
        settings_file(tmp_path).save({"hold_seconds": 3, **changes})
    assert expected in errors.reason(caught.value)
    assert (tmp_path / "settings.toml").read_text(encoding="utf-8") == WRITTEN


def test_a_saved_value_that_the_environment_overrides_is_kept_for_later(tmp_path: Path) -> None:
    loaded = settings_file(tmp_path, LOOPDESK_SCALE="200").save({"scale": 125})
    assert loaded.settings.scale == 200
    assert loaded.is_locked("scale")
    assert settings_file(tmp_path).load().settings.scale == 125


@pytest.mark.fault(118)
@pytest.mark.parametrize(
    "damage", [b"\x00" * 40, b"hold_seconds = ", b"[station\n", b"hold_seconds = 'x'\n", b"\xff"]
)
@pytest.mark.expects_log("settings_damaged")
def test_a_damaged_file_is_reported_and_the_last_good_copy_used(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")
    assert settings_file(tmp_path).load().problem is None
    (tmp_path / "settings.toml").write_bytes(damage)
    loaded = settings_file(tmp_path).load()
    assert loaded.settings.hold_seconds == 12
    assert loaded.problem is not None
    assert loaded.problem.file == str(tmp_path / "settings.toml")
    assert (tmp_path / "settings.toml").read_bytes() == damage


def test_a_damaged_file_without_a_copy_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("hold_seconds = ", encoding="utf-8")
    with pytest.raises(SettingsWrong):
        settings_file(tmp_path).load()


@pytest.mark.fault(118)
@pytest.mark.expects_log("settings_damaged")
def test_a_file_cut_at_any_byte_never_means_something_else(tmp_path: Path) -> None:
    whole = b'hold_seconds = 60\n[api]\nurl = "https://api.loopreturns.com/api"\n[station]\nstations = 12\n'
    file = tmp_path / "settings.toml"
    file.write_bytes(whole)
    full = settings_file(tmp_path).load().settings
    for end in range(len(whole)):
        file.write_bytes(whole[:end])
        (tmp_path / "settings.last-good.toml").write_bytes(whole)
        loaded = settings_file(tmp_path).load()
        if end and whole[end - 1 : end] == b"\n":  # whole lines are gone: as if a person had taken them out
            assert loaded.settings.value("hold_seconds") == 60
        else:
            assert loaded.settings == full, whole[:end]


def test_taking_out_lines_by_hand_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")
    settings_file(tmp_path).load()
    (tmp_path / "settings.toml").write_text(WRITTEN.partition("# scanner")[0], encoding="utf-8")
    loaded = settings_file(tmp_path).load()
    assert loaded.problem is None
    assert loaded.settings.scanner.order_prefixes == ()


def test_a_file_whose_last_line_has_no_end_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("scale = 150\n", encoding="utf-8")
    settings_file(tmp_path).load()
    (tmp_path / "settings.toml").write_text("scale = 150", encoding="utf-8")
    assert settings_file(tmp_path).load().problem is None


def test_saving_over_a_damaged_file_puts_it_aside_and_changes_the_good_copy(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")
    settings_file(tmp_path).load()
    (tmp_path / "settings.toml").write_text("hold_seconds = \n# mine", encoding="utf-8")
    loaded = settings_file(tmp_path).save({"scale": 150})
    assert loaded.problem is None
    assert (loaded.settings.scale, loaded.settings.station.name) == (150, "Dock 3")
    assert (tmp_path / "settings.toml.damaged").read_text(encoding="utf-8") == "hold_seconds = \n# mine"


def test_a_copy_that_cannot_be_written_does_not_stop_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "settings.toml").write_text(WRITTEN, encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert settings_file(tmp_path).load().settings.hold_seconds == 12
    assert [x.getMessage() for x in caplog.records] == ["settings_copy_failed error=OSError"]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "settings.toml"
    file.write_text("scale = 100\n", encoding="utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SettingsWrong, match="No space left"):
        settings_file(tmp_path).save({"scale": 125})
    assert file.read_text(encoding="utf-8") == "scale = 100\n"
    assert [x.name for x in tmp_path.iterdir()] == ["settings.toml"]


def test_a_link_to_the_settings_stays_a_link(tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.toml"
    real.parent.mkdir()
    real.write_text("old", encoding="utf-8")
    link = tmp_path / "link.toml"
    link.symlink_to(real)
    replace_file(link, "new")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "new"


@pytest.mark.fault(118, 119)
def test_the_defaults_never_point_anywhere_but_to_loop() -> None:
    assert Settings().api.url == "https://api.loopreturns.com/api"


def test_the_words_of_a_processing_are_a_table_in_the_file_and_json_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('[process.body]\nrmaid = "{return}"\n', encoding="utf-8")
    assert settings_file(tmp_path).load().settings.process.body == (("rmaid", "{return}"),)
    given = settings_file(tmp_path, LOOPDESK_PROCESS_BODY='{"custom1": "{station}"}').load()
    assert given.settings.process.body == (("custom1", "{station}"),)
    saved = settings_file(tmp_path).save({"process.body": (("custom1", "{operator}"), ("x", "y"))})
    assert saved.settings.process.body == (("custom1", "{operator}"), ("x", "y"))
    assert tomllib.loads(file.read_text("utf-8"))["process"]["body"] == {"custom1": "{operator}", "x": "y"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[process.body]\nrmaid = "{retrun}"\n', 1, "placeholder that is not known"),
        ('[process]\nbody = { "rma id" = "x" }\n', 2, "has a key that is not"),
        ("[process]\nbody = 3\n", 2, "must be a table of texts"),
        ("[process]\nbody = { a = 1 }\n", 2, "must be a table of texts"),
    ],
)
def test_a_wrong_body_is_refused_with_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    (tmp_path / "settings.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsWrong) as wrong:
        settings_file(tmp_path).load()
    assert (wrong.value.key, wrong.value.line) == ("process.body", line)
    assert words in errors.reason(wrong.value)


def test_a_wrong_body_in_the_environment_is_refused_in_words(tmp_path: Path) -> None:
    for text in ("rmaid=1", "[]", '{"a": 1}'):
        with pytest.raises(SettingsWrong) as wrong:
            settings_file(tmp_path, LOOPDESK_PROCESS_BODY=text).load()
        assert "must be a table of texts" in errors.reason(wrong.value)
