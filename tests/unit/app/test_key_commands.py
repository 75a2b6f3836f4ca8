"""``loopdesk key``: what standard input gives goes into the key store, and nowhere else."""

from __future__ import annotations

import io
from argparse import Namespace
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from loopdesk.app.commands.console import Exit
from loopdesk.app.commands.headless import key_command
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.domain.errors import ApiError, KeyRefused, ScopeMissing, SecretsUnavailable, Unreachable
from loopdesk.system.keys import Backend
from tests.fakes.key_store import KeyStore
from tests.unit.system.test_secrets import RaisingStore

KEY = "CANARY-key-0123456789"


class Loop:
    """A key store that takes a key, or fails as configured."""

    def __init__(self, failure: ApiError | None = None) -> None:
        self.failure = failure
        self.asked: list[str] = []

    async def __call__(self, key: str) -> None:
        self.asked.append(key)
        if self.failure is not None:
            raise self.failure


class Station:
    """A profile and a key store; every command opens the profile anew."""

    def __init__(self, folder: Path, store: Backend, api_url: str = "") -> None:
        self.folder = folder
        self.store = store
        self.values = {"api.url": api_url} if api_url else {}

    async def run(self, action: str, check: Callable[[str], Awaitable[None]]) -> int:
        runtime = await self._open()
        try:
            return await key_command(runtime, Namespace(key_command=action), check)
        finally:
            await runtime.close()

    async def _open(self) -> Runtime:
        options = Options(profile=str(self.folder), values=self.values)
        return await open_runtime(open_profile(options, {}), options, {}, key_store=lambda: self.store)

    async def kept(self) -> str | None:
        runtime = await self._open()
        try:
            return await runtime.secrets.key()
        finally:
            await runtime.close()


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path / "profile", KeyStore())


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


async def test_a_key_that_loop_takes_is_kept_and_never_shown(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, f" {KEY}\n")
    assert await station.run("set", Loop()) == Exit.DONE
    assert await station.kept() == KEY
    assert await station.run("check", loop := Loop()) == Exit.DONE
    assert loop.asked == [KEY]
    out = capsys.readouterr()
    assert "accepts" in out.out
    assert KEY not in out.out + out.err
    assert not [
        path for path in station.folder.rglob("*") if path.is_file() and KEY.encode() in path.read_bytes()
    ]


@pytest.mark.parametrize("failure", [KeyRefused(), ScopeMissing()])
async def test_a_key_that_loop_refuses_is_not_kept(
    station: Station,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: ApiError,
) -> None:
    give(monkeypatch, KEY)
    assert await station.run("set", Loop(failure)) == Exit.ATTENTION
    assert await station.kept() is None
    assert "Nothing was kept." in capsys.readouterr().err


async def test_without_network_a_key_is_kept_unchecked(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, KEY)
    assert await station.run("set", Loop(Unreachable())) == Exit.DONE
    assert await station.kept() == KEY
    assert "could not be asked" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "\n", "two words\n", "x" * 5000])
async def test_what_cannot_be_a_key_is_refused_before_loop_is_asked(
    station: Station, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    give(monkeypatch, text)
    assert await station.run("set", loop := Loop()) == Exit.USAGE
    assert loop.asked == []
    assert await station.kept() is None


async def test_a_removed_key_is_gone(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, KEY)
    await station.run("set", Loop())
    assert await station.run("remove", Loop()) == Exit.DONE
    assert await station.kept() is None
    assert await station.run("check", Loop()) == Exit.ATTENTION
    assert "loopdesk key set" in capsys.readouterr().err


@pytest.mark.expects_log("key_store_failed")
async def test_a_locked_key_store_is_no_success(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, KEY)
    with pytest.raises(SecretsUnavailable):
        await Station(tmp_path / "profile", RaisingStore()).run("set", Loop())


@pytest.mark.fault(172)
@pytest.mark.parametrize(
    "data",
    [
        f"{KEY}\r\n".encode(),
        f"\ufeff{KEY}\r\n".encode(),
        f"{KEY}\r\n".encode("utf-16"),
        f"{KEY}\r\n".encode("utf-16-le"),
        f"{KEY}\r\n".encode("utf-16-be"),
        f"“{KEY}”\r\n".encode("utf-16"),
        f"\xa0{KEY}\n".encode("latin-1"),
    ],
)
async def test_a_key_is_taken_in_whatever_encoding_a_shell_gives_it(
    station: Station, monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), "utf-8"))
    assert await station.run("set", Loop()) == Exit.DONE
    assert await station.kept() == KEY


@pytest.mark.fault(172)
async def test_what_is_no_key_is_answered_with_the_forms_of_each_shell(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, f"{KEY}\n{KEY}\n")
    assert await station.run("set", Loop()) == Exit.USAGE
    said = capsys.readouterr().err
    assert "several lines" in said
    assert "PowerShell" in said
    assert KEY not in said


async def test_removing_a_key_names_the_addresses_whose_keys_stay(
    station: Station, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, KEY)
    await station.run("set", Loop())
    other = Station(station.folder, station.store, "https://other.example/api")
    give(monkeypatch, KEY)
    await other.run("set", Loop())
    assert await station.run("remove", Loop()) == Exit.DONE
    said = capsys.readouterr().out
    assert "key remove --api-url https://other.example/api" in said
    assert await other.kept() == KEY
