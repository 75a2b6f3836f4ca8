"""The settings: values, sources, mistakes, and the page made from them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Patience
from loopdesk.presenters.words import errors
from loopdesk.services.ports.station import Limits
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings import table
from loopdesk.system.settings.file import Loaded, SettingsFile, Source
from loopdesk.system.settings.model import (
    SECTIONS,
    SETTINGS,
    LimitSettings,
    Settings,
    setting,
)
from loopdesk.system.settings.values import is_safe_api_url


def load(
    folder: Path,
    text: str | None = None,
    environ: dict[str, str] | None = None,
    line: dict[str, str] | None = None,
) -> Loaded:
    profile = Profile(folder)
    if text is not None:
        profile.settings_file.write_text(text, encoding="utf-8")
    return SettingsFile(profile, environ or {}, line).load()


def wrong(folder: Path, text: str | None = None, environ: dict[str, str] | None = None) -> SettingsWrong:
    with pytest.raises(SettingsWrong) as caught:
        load(folder, text, environ)
    return caught.value


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.settings == Settings()
    assert {loaded.which_source(x.key) for x in SETTINGS} == {Source.DEFAULT}
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(tmp_path: Path) -> None:
    text = 'hold_seconds = 1\nsync_seconds = 1\npurge_days = 1\n[station]\nname = "file"\n'
    environ = {"LOOPDESK_SYNC_SECONDS": "2", "LOOPDESK_PURGE_DAYS": "2", "LOOPDESK_STATION": "environment"}
    loaded = load(tmp_path, text, environ, {"purge_days": "3", "station.name": "line"})
    got = loaded.settings
    assert (got.hold_seconds, got.sync_seconds, got.purge_days, got.station.name, got.scale) == (
        1,
        2,
        3,
        "line",
        100,
    )
    keys = ("hold_seconds", "sync_seconds", "purge_days", "station.name", "scale")
    assert [loaded.which_source(key) for key in keys] == [
        Source.FILE,
        Source.ENVIRONMENT,
        Source.COMMAND_LINE,
        Source.COMMAND_LINE,
        Source.DEFAULT,
    ]
    assert [loaded.is_locked(key) for key in keys] == [False, True, True, True, False]


TEXTS = {
    "api.url": "https://loop.test/api",
    "api.proxy": "http://proxy.test:1",
    "updates.url": "https://it.test/loopdesk/manifest.json",
    "evidence.url": "https://photos.test/dock",
    "evidence.public_url": "https://photos.test/public",
    "scanner.site_secret": "fifteen-and-one-more",
    "updates.public_key": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=",
    "hub.certificate": "MIIBCgKCAQEAq83v",
}
"""What settings take that check their texts."""


LISTS = {"pictures.hosts": ("cdn.shopify.com", "images.example.org")}


def other_value(key: str) -> tuple[str, object]:
    """A value that is not the default: as text, and as it should arrive."""
    known = setting(key)
    match known.kind:
        case "switch":
            return ("no", False) if known.default else ("yes", True)
        case "choice":
            return known.options[-1], known.options[-1]
        case "list":
            texts = LISTS.get(key, ("EU-", "UK-"))
            return ", ".join(texts), texts
        case "table":
            return '{"rmaid": "{return}"}', (("rmaid", "{return}"),)
        case "whole" | "number":
            value = known.least if known.least != known.default else known.most
            assert value is not None
            return f"{value:g}", value
        case _:
            text = TEXTS.get(key, "123")
            return text, text


@pytest.mark.parametrize("key", [x.key for x in SETTINGS])
def test_every_setting_has_a_name_in_the_environment(tmp_path: Path, key: str) -> None:
    text, value = other_value(key)
    loaded = load(tmp_path, environ={setting(key).env: text})
    assert loaded.settings.value(key) == value != setting(key).default
    assert loaded.which_source(key) is Source.ENVIRONMENT
    assert loaded.unknown_variables == ()


@pytest.mark.parametrize("key", [x.key for x in SETTINGS])
def test_every_setting_can_be_saved_and_read_again(tmp_path: Path, key: str) -> None:
    _, value = other_value(key)
    file = SettingsFile(Profile(tmp_path), {})
    assert file.save({key: value}).settings.value(key) == value
    assert file.load().which_source(key) is Source.FILE
    assert file.save({key: None}).settings == Settings()


def test_the_names_in_the_environment_are_the_documented_ones() -> None:
    names = [x.env for x in SETTINGS]
    assert len(set(names)) == len(names)
    assert {
        "LOOPDESK_HOLD_SECONDS",
        "LOOPDESK_SYNC_SECONDS",
        "LOOPDESK_API_URL",
        "LOOPDESK_API_VERSION",
        "LOOPDESK_STATION",
        "LOOPDESK_OPERATOR",
    } <= set(names)
    assert not {"LOOPDESK_PROFILE", "LOOPDESK_API_KEY"} & set(names)


def test_an_empty_variable_is_no_value(tmp_path: Path) -> None:
    assert load(tmp_path, environ={"LOOPDESK_STATION": "", "LOOPDESK_SCALE": " "}).settings == Settings()


def test_a_variable_that_is_no_setting_is_reported(tmp_path: Path) -> None:
    environ = {"LOOPDESK_STATON": "x", "LOOPDESK_API_KEY": "k", "LOOPDESK_PROFILE": "p", "PATH": "/bin"}
    assert load(tmp_path, environ=environ).unknown_variables == ("LOOPDESK_STATON",)


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("LOOPDESK_HOLD_SECONDS", "soon", "must be a number from 0 to 60 (s)"),
        ("LOOPDESK_HOLD_SECONDS", "61", "must be a number from 0 to 60 (s)"),
        ("LOOPDESK_HOLD_SECONDS", "nan", "must be a number from 0 to 60 (s)"),
        ("LOOPDESK_SYNC_SECONDS", "1.5", "must be a whole number from 0 to 3600 (s)"),
        ("LOOPDESK_SOUND", "loud", "must be true or false"),
        ("LOOPDESK_THEME", "pink", 'must be one of "system", "light", "dark", "contrast"'),
        ("LOOPDESK_API_URL", "http://loop.example/api", "must begin with https://"),
        ("LOOPDESK_DESTINATION_ID", "12a", "must be digits only"),
        ("LOOPDESK_STATION", "x" * 41, "must have at most 40 characters"),
    ],
)
def test_a_wrong_value_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, text: str, expected: str
) -> None:
    error = wrong(tmp_path, environ={variable: text})
    assert error.file == variable
    assert error.key == next(x.key for x in SETTINGS if x.env == variable)
    assert expected in errors.reason(error)


@pytest.mark.parametrize(
    ("text", "line", "key", "expected"),
    [
        ("hold_seconds = 99\n", 1, "hold_seconds", "must be a number from 0 to 60 (s)"),
        ('# first\n\nhold_seconds = "8"\n', 3, "hold_seconds", "must be a number from 0 to 60 (s)"),
        ("[station]\n# who\nname = 3\n", 3, "station.name", "must be text in quotes"),
        ('[station]\nname = "a\\nb"\n', 2, "station.name", "must be one line of plain text"),
        ("hold_secnds = 8\n", 1, "hold_secnds", 'did you mean "hold_seconds"?'),
        (
            '[api]\nversion = "v1"\n\n[station]\nnmae = "x"\n',
            5,
            "station.nmae",
            'did you mean "station.name"?',
        ),
        ("[staton]\n", 1, "staton", 'did you mean "station"?'),
        ("[entirely.else]\nx = 1\n", 1, "entirely", "is not a known setting"),
        ("api = 3\n", 1, "api", "must be a table: [api]"),
        ('api.url = "ftp://x"\n', 1, "api.url", "must begin with https://"),
        ('api = { version = "v9" }\n', 1, "api.version", 'must be one of "v1", "2026-07", "2026-10"'),
        ("[scanner]\norder_prefixes = [\n  1,\n]\n", 2, "scanner.order_prefixes", "must be a list of texts"),
        ("[sound]\non = 1\n", 2, "sound.on", "must be true or false"),
        ("[limits]\nflag_sends = true\n", 2, "limits.flag_sends", "must be a whole number from 1 to 10"),
        ("hold_seconds = 8\nhold_seconds = 9\n", 2, "", "Cannot overwrite"),
        ("hold_seconds = 8\nname == 3\n", 2, "", "Invalid value"),
        ("[station]\nname = 'x", 2, "", "'"),
    ],
)
def test_a_mistake_in_the_file_names_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, expected: str
) -> None:
    error = wrong(tmp_path, text)
    assert (error.file, error.line, error.key) == (str(tmp_path / "settings.toml"), line, key)
    assert expected in errors.reason(error)


def test_of_several_mistakes_the_first_in_the_file_is_named(tmp_path: Path) -> None:
    assert wrong(tmp_path, "scale = 9\n[sound]\nvolume = 200\n[api]\nversion = 'x'\n").line == 1


def test_text_inside_a_long_string_is_not_taken_for_a_key(tmp_path: Path) -> None:
    text = '[scanner]\nsuffix = """\nport=1\n"""\nport=1\n'
    assert wrong(tmp_path, text).line == 5


@pytest.mark.parametrize(
    "text", ['[api]\nkey = "CANARY"\n', 'api_key = "CANARY"\n', '[station]\ntoken = "CANARY"\n']
)
def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    error = wrong(tmp_path, text)
    assert "never stands in a file" in errors.reason(error)
    assert "CANARY" not in str(error)
    assert error.__cause__ is None


def test_a_wrong_value_is_not_repeated(tmp_path: Path) -> None:
    error = wrong(tmp_path, '[api]\nproxy = "user:CANARY@proxy"\n')
    assert "CANARY" not in str(error)


def test_text_that_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b'[station]\nname = "D\xfcsseldorf"\n')
    error = wrong(tmp_path)
    assert error.line == 2
    assert "UTF-8" in errors.reason(error)


def test_the_mark_that_windows_editors_write_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b'\xef\xbb\xbf[station]\r\nname = "K\xc3\xb6ln"\r\n')
    assert load(tmp_path).settings.station.name == "Köln"


@pytest.mark.fault(119)
@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://api.loopreturns.com/api", True),
        ("http://127.0.0.1:8080/api", True),
        ("http://[::1]:8080/api", True),
        ("http://localhost:8080/api", True),
        ("http://api.loopreturns.com/api", False),
        ("http://127.0.0.1.example.com/api", False),
        ("http://localhost.example.com/api", False),
        ("https://user:pass@api.loopreturns.com/api", False),
        ("https:///api", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_a_key_goes_only_over_https_or_to_this_machine(url: str, safe: bool) -> None:
    assert is_safe_api_url(url) is safe


def test_settings_do_not_change_under_anyones_feet() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().hold_seconds = 1  # type: ignore[misc]


def test_the_limits_are_those_of_the_services() -> None:
    plain, told = LimitSettings().limits(), LimitSettings(process=60, note_sends=4).limits()
    assert [plain.patience(kind) for kind in Kind] == [Limits().patience(kind) for kind in Kind]
    assert (plain.witness, plain.polls) == (Limits().witness, Limits().polls)
    assert told.patience(Kind.PROCESS) == Patience(60, 1)
    assert told.patience(Kind.NOTE) == Patience(30, 4)


@pytest.mark.parametrize("name", [x.name for x in fields(LimitSettings)])
def test_no_limit_is_set_in_vain(name: str) -> None:
    setting = next(x for x in SETTINGS if x.key == f"limits.{name}")
    assert setting.most is not None
    values: dict[str, Any] = {name: setting.most}
    told = replace(LimitSettings(), **values)
    assert [told.limits().patience(kind) for kind in Kind] != [Limits().patience(kind) for kind in Kind]


def test_every_setting_says_what_it_does() -> None:
    assert all(x.label and x.about.endswith(".") for x in SETTINGS)
    assert {x.key.partition(".")[0] for x in SETTINGS if "." in x.key} == SECTIONS


def test_an_unknown_key_is_no_value() -> None:
    for key in ("nothing", "api.nothing", "api", "nothing.url"):
        with pytest.raises(KeyError):
            Settings().value(key)


def test_the_page_of_settings_is_up_to_date() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.render(), "run: make docs"


@pytest.mark.parametrize(
    "name", ["", "127.0.0.1", "https://cdn.shopify.com", "*.shopify.com", "localhost", "cdn.shopify.com/s"]
)
def test_a_host_of_pictures_is_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        SettingsFile(Profile(tmp_path), {}).save({"pictures.hosts": ("Images.Example.org", name)})
    assert wrong.value.why == "must_be_host"
    saved = SettingsFile(Profile(tmp_path), {}).save({"pictures.hosts": ("Images.Example.org",)})
    assert saved.settings.pictures.hosts == ("images.example.org",)
