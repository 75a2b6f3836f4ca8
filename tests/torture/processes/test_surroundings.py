"""Surroundings that fail: native faults, no memory, strange locales and places; and what must never leak."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import pytest

from loopdesk.store import open_database
from loopdesk.store.recovery.salvage import replace_damaged
from loopdesk.store.sql import migrations
from tests.torture.processes import killing
from tests.torture.processes.shop import TrialShop
from tests.torture.processes.zygote import ROOT, Zygote

CANARY_KEY = "canary-key-7f3a9e51c0d2b846"
CANARY_SHOPPER = ("Quillenbrixx", "Zwartholm", "quillenbrixx@zwartholm.test")


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Fork programs with and without window for every test of this file."""
    with Zygote(with_window=True) as zygote:
        yield zygote


@pytest.mark.fault(58)
def test_a_native_fault_of_the_window_loses_nothing(zygote: Zygote, tmp_path: Path) -> None:
    faults = (signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS)

    def work(fault: signal.Signals) -> dict[str, list[str]]:
        with _shop(tmp_path / fault.name, fault) as shop:
            shop.bad_network()
            window = shop.start(zygote)
            killing.until(lambda: len(shop.shop.requests("POST")) > 2)
            window.signal(fault)
            assert window.wait() == -fault
            assert shop.key not in window.words()
            return _drained(zygote, shop)

    assert killing.in_parallel(work, faults, len(faults)) == [{}] * len(faults)


@pytest.mark.fault(60)
def test_a_program_without_memory_loses_nothing(zygote: Zygote, tmp_path: Path) -> None:
    megabytes = (1, 8, 24, 48)

    def work(most: int) -> dict[str, list[str]]:
        with _shop(tmp_path / f"{most}", most) as shop:
            starved = shop.start(zygote, "sync", "--once", memory=most)
            if not starved.has_ended(6.0):
                starved.kill()
            starved.wait()
            return _drained(zygote, shop)

    assert killing.in_parallel(work, megabytes, len(megabytes)) == [{}] * len(megabytes)


@contextmanager
def _shop(folder: Path, seed: int, returns: int = 4) -> Iterator[TrialShop]:
    """Serve a shop with a queue in a folder of its own."""
    folder.mkdir()
    with TrialShop(folder, seed, returns) as shop:
        shop.fill()
        yield shop


def _drained(zygote: Zygote, shop: TrialShop) -> dict[str, list[str]]:
    """Let a healthy program drain, and return what is wrong then."""
    shop.good_network()
    assert shop.start(zygote, "sync", "--once").wait() in (0, 1)
    return shop.judge().complaints()


@pytest.mark.fault(72)
def test_nothing_but_sqlite_opens_the_store(zygote: Zygote, tmp_path: Path) -> None:
    with TrialShop(tmp_path, 5, 2) as shop:
        shop.fill()
        first = shop.start(zygote, "sync", "--once", watched=True)
        assert first.wait() == 0
        assert "opened" not in first.words()
        window = shop.start(zygote, watched=True)
        killing.until(lambda: len(shop.shop.requests("GET", "/destinations")) > 0)
        window.signal(signal.SIGTERM)
        assert window.wait() == 0
        assert "opened" not in window.words()


@pytest.mark.fault(124)
def test_no_program_listens_to_the_network(zygote: Zygote, tmp_path: Path) -> None:
    with TrialShop(tmp_path, 5, 2) as shop:
        shop.fill()
        for program in (("sync",), ()):
            before = len(shop.shop.requests("GET"))
            running = shop.start(zygote, *program)
            killing.until(lambda before=before: len(shop.shop.requests("GET")) > before + 3)  # type: ignore[misc]
            assert _listening(running.pid) == []
            running.signal(signal.SIGTERM)
            assert running.wait() == 0


def _listening(pid: int) -> list[str]:
    """Return the addresses at which a process takes connections over TCP, or datagrams over UDP."""
    own = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    found = []
    for table, state in (("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == state and f"socket:[{fields[9]}]" in own:
                found.append(fields[1])
    return found


SURROUNDINGS = (
    ("POSIX", "Asia/Kathmandu", "Größe & Ärger"),
    ("tr_TR.UTF-8", "Pacific/Apia", "with 'quotes' and 日本語"),
    ("de_DE.UTF-8", "America/St_Johns", "/".join("a-rather-long-name-of-a-folder" for _ in range(9))),
)
"""Locale, time zone, and what the profile's folder is called."""


@pytest.mark.fault(146)
def test_locale_zone_and_place_of_the_profile_do_not_matter(tmp_path: Path) -> None:
    def work(number: int) -> dict[str, list[str]]:
        locale, zone, folder = SURROUNDINGS[number]
        own = tmp_path / f"{number}"
        own.mkdir()
        with TrialShop(own, 3, 2) as shop:
            shop.profile = own / folder
            shop.profile.mkdir(parents=True)
            shop.fill()
            environ = {**os.environ, **shop.environ, "LC_ALL": locale, "LANG": locale, "TZ": zone}
            assert _as_a_process(shop, environ, "sync", "--once").returncode == 0
            listed = json.loads(_as_a_process(shop, environ, "queue", "--json").stdout)
            assert {entry["stage"] for entry in listed} <= {"done", "superseded"}
            return shop.judge().complaints()

    numbers = range(len(SURROUNDINGS))
    assert killing.in_parallel(work, numbers, len(numbers)) == [{}] * len(numbers)


def _as_a_process(
    shop: TrialShop, environ: dict[str, str], *command: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program as a person would, without any fork."""
    whole = [sys.executable, "-m", "loopdesk", *shop.arguments(*command)]
    return subprocess.run(whole, cwd=ROOT, env=environ, capture_output=True, timeout=60, check=False)


@pytest.mark.fault(114, 120)
def test_key_and_shopper_are_in_no_byte_outside_their_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs, what commands print, what a crash leaves, and copies of the database among them."""
    for name in ("HOME", "TMPDIR", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with Zygote(with_window=True) as zygote, TrialShop(tmp_path, 23, 6, key=CANARY_KEY) as shop:
        first, last, mail = CANARY_SHOPPER
        for return_id in shop.return_ids:
            ret = shop.shop.loop.get(return_id)
            ret.customer_first_name, ret.customer_last_name, ret.customer_email = first, last, mail
        shop.fill()
        chance = random.Random(1)
        for way in killing.WAYS.values():
            way(zygote, shop, chance, chance.random())
        shop.good_network()
        shop.shop.fault("answer", method="POST", status=500, body=f"Traceback {CANARY_KEY}", count=2)
        shop.shop.fault("refuse_key", method="GET", count=1, skip=3)
        for command in (
            ("sync", "--once"),
            ("sync", "--once"),
            ("queue", "--json"),
            ("doctor", "--json"),
            ("lookup", "--json", *shop.return_ids[:3]),
            ("lookup", "--offline", *shop.return_ids[3:]),
        ):
            shop.start(zygote, *command).wait()
        for ending in (signal.SIGTERM, signal.SIGSEGV):
            window = shop.start(zygote)
            window.has_ended(2.0)
            assert CANARY_KEY.encode() not in Path(f"/proc/{window.pid}/cmdline").read_bytes()
            window.signal(ending)
            window.wait()
        _copy_as_an_update_does(shop.profile / "store" / "loopdesk.db")
    _search(tmp_path, shop.profile / "store")


def _copy_as_an_update_does(file: Path) -> None:
    """Let the store be backed up before a migration, and damaged, moved aside and salvaged after it."""
    connection = apsw.Connection(str(file))
    open_database._back_up(connection, file, 1)
    connection.close()
    aside, _ = replace_damaged(file, migrations())
    assert aside.exists()


def _search(folder: Path, home: Path) -> None:
    """Look for the canaries in every byte of a folder; shoppers may be at home in the store."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 12
    shoppers = [word.encode() for word in CANARY_SHOPPER]
    seen_at_home = False
    for path in files:
        content = path.read_bytes()
        assert CANARY_KEY.encode() not in content, path
        found = [word for word in shoppers if word in content]
        if path.is_relative_to(home):
            seen_at_home = seen_at_home or bool(found)
        else:
            assert not found, (path, found)
    assert seen_at_home
