"""Every command speaks the language that is set, and what programs read stays as it is."""

from __future__ import annotations

import re
import socket
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Stage
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from loopdesk.store.database import FILE_NAME
from tests.scenarios.command import Commands, Ran
from tests.scenarios.desk import Desk
from tests.scenarios.said import words_in
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
STRAY = ups(9_999_991)
COMMAND_CODE = "LDCMDGRADEA"

NAMES = frozenset({"loop", "loopdesk", "rma", "api", "linux", "macos", "powershell", "ups", "json", "sqlite"})
"""Names that are the same in every language."""

TYPED = re.compile(
    r"loopdesk(?:-cli)? .*|Get-Content .*|--?[a-z-]+|LOOPDESK_\w+|\bdocs/\S+|\w+[._]\w+\b|/\S+|'[^']*'"
)
"""Commands, options, variables, settings and paths."""

FOREIGN = re.compile(
    r"\([^()]*(?:Error|Not a directory|No such file)[^()]*\)|\(error while attempting to bind .*\)"
)
"""What the system, SQLite or Python says."""


@dataclass
class Station:
    """A profile, the commands on it, and a folder beside it."""

    commands: Commands
    shop: SimulatorThread
    profile: Path
    folder: Path

    def run(self, *arguments: str, **environ: str) -> Ran:
        return self.commands.run(*arguments, LOOPDESK_LANGUAGE="pseudo", **environ)


@pytest.fixture
def station(desk: Desk, shop: SimulatorThread, tmp_path: Path) -> Station:
    return Station(Commands(desk.folder, f"{shop.url}/api", shop.key), shop, desk.folder, tmp_path)


def plain(ran: Ran) -> list[str]:
    """Return the lines that have words of plain letters which are neither names nor typed nor foreign."""
    same = NAMES | words_in([PARCEL.order_name, STRAY, COMMAND_CODE])
    same |= {stage.value for stage in Stage} | {kind.value for kind in Kind} | {"dock", "ada"}
    lines = (ran.out + ran.err).splitlines()
    return [line for line in lines if words_in([TYPED.sub(" ", FOREIGN.sub(" ", line))]) - same]


def _lookup(station: Station) -> list[Ran]:
    known = station.run("lookup", PARCEL.return_id, STRAY, "42090210", COMMAND_CODE)
    station.shop.fault("offline")
    unreachable = station.run("lookup", PARCEL.return_id)
    return [known, unreachable, station.run("lookup", STRAY, LOOPDESK_API_KEY="two words")]


def _queue(station: Station) -> list[Ran]:
    torn = station.folder / "torn" / "store"
    torn.mkdir(parents=True)
    (torn / FILE_NAME).write_bytes(b"no database at all" * 100)
    damaged = station.run("queue", LOOPDESK_PROFILE=str(station.folder / "torn"))
    return [station.run("queue"), station.run("queue", "--machine"), damaged]


def _sync(station: Station) -> list[Ran]:
    station.run("sync", "--once")
    refused = station.run("sync", "--once", LOOPDESK_API_KEY="not-the-right-key")
    station.shop.fault("offline")
    return [refused, station.run("sync", "--once"), station.run("sync", "--once", LOOPDESK_API_KEY="")]


def _doctor(station: Station) -> list[Ran]:
    return [station.run("doctor"), station.run("doctor", "--bundle", str(station.folder / "no" / "file.zip"))]


def _key(station: Station) -> list[Ran]:
    return [station.run("key", each) for each in ("set", "check", "remove")]


def _restore(station: Station) -> list[Ran]:
    station.run("sync", "--once")
    missing = station.run("restore", str(station.folder / "missing.db"))
    (backup := station.folder / "copy.db").write_bytes((station.profile / "store" / FILE_NAME).read_bytes())
    return [missing, station.run("restore", str(backup)), station.run("restore", str(station.profile / "x"))]


def _manifest(station: Station) -> list[Ran]:
    private, www = str(station.folder / "updates"), str(station.folder / "www")
    (bad := station.folder / "bad").write_text("no key at all")
    station.run("manifest", "keys", private)
    return [
        station.run("manifest", "keys", private),
        station.run("manifest", "sign", private, "tomorrow", www),
        station.run("manifest", "sign", str(bad), "1.2.3", www),
    ]


def _simulate(station: Station) -> list[Ran]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        return [station.run("simulate", "--port", str(taken.getsockname()[1]))]


def _wrong_settings(station: Station) -> list[Ran]:
    station.profile.mkdir(exist_ok=True)
    (station.profile / "settings.toml").write_text("hold_seconds = 'long'\n")
    blind = station.run("queue")
    (station.profile / "settings.toml").unlink()
    return [blind, station.run("queue", LOOPDESK_HOLD_SECONDS="long")]


@pytest.mark.parametrize(
    "command", [_lookup, _queue, _sync, _doctor, _key, _restore, _manifest, _simulate, _wrong_settings]
)
def test_in_the_pseudo_language_no_command_says_plain_english(
    command: Callable[[Station], list[Ran]], station: Station
) -> None:
    ran = command(station)
    said = [f"{each.out}{each.err}" for each in ran]
    assert all(said), "each of these says something"
    assert [line for each in ran for line in plain(each)] == []
    assert not any("Traceback" in each for each in said)


def test_a_command_speaks_the_language_of_the_settings_file(station: Station) -> None:
    station.profile.mkdir(exist_ok=True)
    (station.profile / "settings.toml").write_text('language = "de"\n')
    assert station.commands.run("queue").out == "Der Ausgang ist leer.\n"
    assert (
        "Die Sicherungskopie ist nicht nutzbar."
        in station.commands.run("restore", str(station.folder / "no")).err
    )
    assert station.commands.run("queue", LOOPDESK_LANGUAGE="system").out == "The queue is empty.\n"


def test_what_programs_read_never_changes_with_the_language(station: Station) -> None:
    codes = (PARCEL.return_id, "42090210", COMMAND_CODE)
    english = station.commands.run("lookup", "--json", *codes)
    assert station.run("lookup", "--json", *codes).json == english.json
    assert "command code" in english.out
    station.run("doctor", "--bundle", str(station.folder / "help.zip"))
    assert b"\xc3\xa5" not in _part(station.folder / "help.zip", "doctor.json")


def _part(file: Path, name: str) -> bytes:
    with zipfile.ZipFile(file) as bundle:
        return bundle.read(name)
