"""The runs of the program in ``cases.json``: one test each, through the real command line.

Where a case is about the process itself (its outputs, its environment, its limits) the program runs in one
of its own; all others call the same ``main`` in this one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest

from loopdesk import cli
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.settings import Settings
from loopdesk.system.host import clock
from tests.public.cases import Case, of_type
from tests.simulator_thread import SimulatorThread

ROOT = Path(__file__).parents[2]
CASES = of_type("cli")
SAMPLE = SAMPLES["single"]
NAMED = "#41002-注文"
KINDS = {case.kind for case in CASES}

DONE, ATTENTION, USAGE, SETTINGS, STORE = 0, 1, 2, 4, 5


@pytest.fixture(scope="module")
def shop() -> Iterator[SimulatorThread]:
    """Serve one shop for all cases; one of its orders has a name of another script."""
    with SimulatorThread(settings=Settings(processing_seconds=0.1)) as shop:
        shop.loop.get(SAMPLE.return_id).order_name = NAMED
        yield shop


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class Station:
    """A profile, the shop it works for, and ways to run the program on it."""

    profile: Path
    shop: SimulatorThread
    environ: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def here(self, *arguments: str, **environ: str) -> Ran:
        """Run ``main`` in this process."""
        with self.monkeypatch.context() as patch:
            for name, value in (self.environ | environ).items():
                patch.setenv(name, value)
            self.capsys.readouterr()
            code = cli.main(list(arguments))
            patch.delenv("LOOPDESK_API_KEY", raising=False)
        told = self.capsys.readouterr()
        return _calm(Ran(code, told.out, told.err))

    def apart(self, *arguments: str, shell: str = "", **environ: str) -> Ran:
        """Run the program in a process of its own, by a shell where one is given."""
        return self._spawn([sys.executable, "-m", "loopdesk", *arguments], shell, environ)

    def at_clock(self, wrong: timedelta, *arguments: str) -> Ran:
        """Run ``main`` at a wrong clock; that of the shop is right."""
        with self.monkeypatch.context() as patch:
            patch.setattr(clock, "_machine_time", lambda: datetime.now(UTC) + wrong)
            return self.here(*arguments)

    def in_zone(self, zone: str, *arguments: str) -> Ran:
        """Run ``main`` where the machine's time zone is another one."""
        with self.monkeypatch.context() as patch:
            patch.setenv("TZ", zone)
            time.tzset()
            try:
                return self.here(*arguments)
            finally:
                patch.undo()
                time.tzset()

    def _spawn(self, command: list[str], shell: str, more: dict[str, str]) -> Ran:
        environ = {**os.environ, **self.environ, **more}
        encoding = "cp1252" if more.get("PYTHONIOENCODING") == "cp1252" else "utf-8"
        ended = subprocess.run(
            ["sh", "-c", shell, *command] if shell else command,
            cwd=ROOT,
            env={name: value for name, value in environ.items() if value != "(unset)"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        texts = (ended.stdout.decode(encoding, "replace"), ended.stderr.decode(encoding, "replace"))
        return _calm(Ran(ended.returncode, *texts))


def _calm(ran: Ran) -> Ran:
    assert "Traceback" not in ran.out + ran.err, ran.err
    return ran


@pytest.fixture
def station(
    tmp_path: Path,
    shop: SimulatorThread,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Station:
    """Return a station of the shop on a new profile."""
    environ = {
        "LOOPDESK_PROFILE": str(tmp_path / "profile"),
        "LOOPDESK_API_URL": f"{shop.url}/api",
        "LOOPDESK_API_KEY": shop.key,
        "LOOPDESK_STATION": "dock 1",
        "LOOPDESK_OPERATOR": "Ada",
    }
    return Station(tmp_path / "profile", shop, environ, monkeypatch, capsys)


# --- the clock ----------------------------------------------------------------------------------------


def _clock_wrong(case: Case, station: Station) -> None:
    number, unit = float(case.input["offset"][:-1]), case.input["offset"][-1]
    wrong = timedelta(minutes=number * {"m": 1, "d": 1440, "y": 525_600}[unit])
    station.at_clock(wrong, "sync", "--once")
    return_id = station.shop.act("add_return", "", spec={"age_seconds": 5.0})
    ended = station.at_clock(wrong, "sync", "--once")
    if ended.code == ATTENTION:
        assert "clock" in ended.err
    else:
        assert station.here("lookup", "--offline", return_id).code == DONE


def _clock_put_right(_: Case, station: Station) -> None:
    """An hour goes by at Loop between the wrong clock and the right one; the change is in the midst of it."""
    hour = timedelta(hours=1)
    with SimulatorThread() as shop:
        station.environ["LOOPDESK_API_URL"] = f"{shop.url}/api"
        station.at_clock(hour, "sync", "--once")
        shop.loop.advance(1200.0)
        return_id = shop.act("add_return", "", spec={"age_seconds": 5.0})
        shop.loop.advance(2400.0)
        for _time in range(4):
            station.at_clock(hour, "sync", "--once")  # by now that is Loop's own time
        assert station.here("lookup", "--offline", return_id).code == DONE


def _clock_at_1970(_: Case, station: Station) -> None:
    ended = station.at_clock(-(datetime.now(UTC) - datetime(1970, 1, 2, tzinfo=UTC)), "sync", "--once")
    assert "clock" in ended.err


# --- outputs ------------------------------------------------------------------------------------------


def _lookup_on_output(case: Case, station: Station) -> None:
    command = case.input.get("command", "lookup").split()
    ran = station.apart(*command, SAMPLE.return_id, **case.input["env"])
    assert ran.code == DONE
    assert SAMPLE.return_id in ran.out
    assert ("\\u6ce8" if "--json" in command else "#41002") in ran.out


def _output_gone(_: Case, station: Station) -> None:
    for shell in ('exec "$0" "$@" >&-', 'exec "$0" "$@" >/dev/full'):
        ran = station.apart("queue", shell=shell)
        assert ran.code == ATTENTION
        assert "The output could not be written" in ran.err
    assert station.apart("queue", shell='"$0" "$@" | true').code == DONE
    assert station.apart("queue", shell='exec "$0" "$@" >&- 2>&-').code == ATTENTION


# --- keys -----------------------------------------------------------------------------------------------


def _key_in_environment(case: Case, station: Station) -> None:
    text = case.input["env"].replace("BOM ", "\ufeff").replace("KEY", station.shop.key)
    assert station.here("lookup", SAMPLE.return_id, LOOPDESK_API_KEY=text).code == DONE
    wrong = station.here("sync", "--once", LOOPDESK_API_KEY=text.replace(station.shop.key, "two words"))
    assert (wrong.code, "LOOPDESK_API_KEY holds no API key" in wrong.err) == (ATTENTION, True)


_KEYS: dict[str, Callable[[str], bytes]] = {
    "newline": lambda key: f"{key}\n".encode(),
    "CRLF": lambda key: f"{key}\r\n".encode(),
    "spaces": lambda key: f"  {key}  ".encode(),
    "set utf16": lambda key: key.encode("utf-16"),
    "set utf8 BOM": lambda key: f"{key}\r\n".encode("utf-8-sig"),
    "set quotes": lambda key: f'"{key}"\n'.encode(),
    "set empty": lambda _: b"\r\n",
    "set two lines": lambda key: f"{key}\n{key}\n".encode(),
}


def _key_text(case: Case, station: Station) -> None:
    what = case.input["what"]
    text = _KEYS[what](station.shop.key)
    if not what.startswith("set "):
        assert station.here("lookup", SAMPLE.return_id, LOOPDESK_API_KEY=text.decode()).code == DONE
        return
    file = station.profile.with_name("key.txt")
    file.write_bytes(text)
    shell = f'exec "$0" "$@" < "{file}"'
    ran = station.apart("key", "set", shell=shell, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")
    assert station.shop.key not in ran.out + ran.err
    if what in ("set empty", "set two lines"):
        assert ran.code == USAGE
        assert "Nothing was kept." in ran.err
    else:  # it was taken for the key that it is; that this machine has no key store is said
        assert ran.code == ATTENTION
        assert "key store" in ran.err


# --- the profile ------------------------------------------------------------------------------------------


def _no_display(_: Case, station: Station) -> None:
    ran = station.apart(QT_QPA_PLATFORM="(unset)", DISPLAY="(unset)", WAYLAND_DISPLAY="(unset)")
    assert (ran.code, ran.out) == (ATTENTION, "")
    assert "There is no display to open the window on." in ran.err


def _read_only(_: Case, station: Station) -> None:
    station.here("queue")
    if os.geteuid() == 0:  # to whom rights mean nothing; that file system takes nothing from anybody
        station.environ["LOOPDESK_PROFILE"] = "/sys/loopdesk"
    else:
        station.profile.chmod(0o500)
    ran = station.here("queue")
    assert ran.code == SETTINGS
    assert "profile folder" in ran.err


_PATHS = {
    "quotes": 'it\'s "here"',
    "emoji": "📦 dock",
    "200 n": "n" * 200,
    "NFC": unicodedata.normalize("NFC", "Jörg"),
    "NFD": unicodedata.normalize("NFD", "Jörg"),
    "700 long": "/".join(["n" * 99] * 7),
}


def _profile_path(case: Case, station: Station) -> None:
    name = case.input["path"]
    folder = station.profile.parent / _PATHS.get(name, name)
    station.environ["LOOPDESK_PROFILE"] = str(folder)
    ran = station.here("lookup", SAMPLE.return_id)
    assert ran.code in (DONE, STORE), ran.err
    if ran.code == DONE:
        assert (folder / "store" / "loopdesk.db").exists()
        assert station.here("sync", "--once").code == DONE
    else:
        assert ran.err.startswith("loopdesk: ")


def _damage(what: str, store: Path) -> None:
    """Do to a store what a case says."""
    data = bytearray(store.read_bytes())
    match what:
        case "zero length":
            store.write_bytes(b"")
        case "half":
            store.write_bytes(data[: len(data) // 2])
        case "header garbage":
            store.write_bytes(b"garbage!" * 12 + data[96:])
        case "middle garbage":
            middle = len(data) // 2
            store.write_bytes(data[:middle] + b"garbage!" * 1024 + data[middle + 8192 :])
        case "stale wal":
            store.with_name(f"{store.name}-wal").write_bytes(b"stale" * 2000)
        case "folder":
            store.unlink()
            store.mkdir()
        case _:
            raise AssertionError(what)


def _store_damaged(case: Case, station: Station) -> None:
    what = case.input["what"]
    assert station.here("sync", "--once").code == DONE
    store = station.profile / "store" / "loopdesk.db"
    if what == "locked by another":
        other = apsw.Connection(str(store))
        other.execute("BEGIN EXCLUSIVE")
        ran = station.here("sync", "--once")
        other.execute("ROLLBACK")
        other.close()
    elif what.startswith("disk full"):
        shutil.rmtree(station.profile)
        ran = station.apart("sync", "--once", shell='ulimit -f 2048; trap "" XFSZ; exec "$0" "$@"')
    else:
        _damage(what, store)
        ran = station.here("sync", "--once")
    assert ran.code in (DONE, ATTENTION, STORE), ran.err
    if ran.code == DONE:
        assert station.here("lookup", "--offline", SAMPLE.return_id).code == DONE
    else:
        assert ran.err.startswith("loopdesk: ")


# --- surroundings -------------------------------------------------------------------------------------------

_FILE = "hold_seconds = 9\n\n[station]\nname = 'Dock Ä'\n"

_FILES: dict[str, bytes] = {
    "settings BOM": _FILE.encode("utf-8-sig"),
    "settings utf16": _FILE.encode("utf-16"),
    "settings CRLF": _FILE.replace("\n", "\r\n").encode(),
    "settings cp1252": _FILE.encode("cp1252"),
    "settings smart quotes": _FILE.replace("'", "“").encode(),
    "settings backslash": b'vocabulary = "C:\\Users\\new"\n',
    "settings empty": b"",
    "settings CR": _FILE.replace("\n", "\r").encode(),
    "settings NUL": _FILE.encode() + b"\x00",
}

_ADDRESSES: dict[str, Callable[[str], str]] = {
    "url slash": lambda url: f"{url}/api/",
    "url /api": lambda url: f"{url}/api",
    "HTTP": lambda url: f"{url.replace('http', 'HTTP')}/api",
    "url spaces": lambda url: f"  {url}/api  ",
    "localhost": lambda url: f"{url.replace('127.0.0.1', 'localhost')}/api",
    "https on http": lambda url: f"{url.replace('http', 'https')}/api",
    "IDN": lambda _: "https://bücher.invalid/api",
}


def _surroundings(case: Case, station: Station) -> None:
    what = case.input["what"]
    sync = ("sync", "--once")
    if what in _FILES:
        station.profile.mkdir()
        (station.profile / "settings.toml").write_bytes(_FILES[what])
        _works_or_names_the_line(station.here("queue"), station.profile / "settings.toml")
    elif what in _ADDRESSES:
        ran = station.here(*sync, LOOPDESK_API_URL=_ADDRESSES[what](station.shop.url))
        assert ran.code == DONE or ran.err.startswith("loopdesk: "), ran
        assert ran.code in (DONE, ATTENTION, SETTINGS)
        assert ran.code == DONE or what in ("https on http", "IDN", "localhost")
    elif what == "TZ x6":
        for zone in ("UTC", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu", "nonsense", ":"):
            assert station.in_zone(zone, *sync).code == DONE, zone
    else:
        none = str(station.profile / "none")
        proxies = {f"{x}_PROXY": "http://127.0.0.1:9" for x in ("HTTP", "HTTPS", "ALL")}
        more = {
            "SSL_CERT_FILE": {"SSL_CERT_FILE": none},
            "SSL_CERT_DIR": {"SSL_CERT_DIR": none},
            "SSLKEYLOGFILE": {"SSLKEYLOGFILE": str(station.profile.with_name("keys"))},
            "proxies": proxies | {name.lower(): url for name, url in proxies.items()},
            "HOME unset": {"HOME": "(unset)"},
        }[what]
        assert station.apart(*sync, **more).code == DONE
        assert not station.profile.with_name("keys").exists(), "no secrets of the line are written down"


def _works_or_names_the_line(ran: Ran, file: Path) -> None:
    assert ran.code in (DONE, SETTINGS), ran.err
    assert ran.code == DONE or f"{file}:" in ran.err, ran.err


HOW: dict[str, Callable[[Case, Station], None]] = {
    "clock of the computer wrong": _clock_wrong,
    "changes skipped for good after the clock was put right": _clock_put_right,
    "clock at 1970": _clock_at_1970,
    "standard output not UTF-8": _lookup_on_output,
    "LC_ALL=C": _lookup_on_output,
    "standard output closed (>&-), or full": _output_gone,
    "LOOPDESK_API_KEY given but not plain": _key_in_environment,
    "no DISPLAY": _no_display,
    "read-only profile": _read_only,
    "profile path": _profile_path,
    "store damaged": _store_damaged,
    "API key": _key_text,
    "environment": _surroundings,
}


@pytest.mark.fault(171, 172, 173)
@pytest.mark.expects_log
@pytest.mark.skipif(sys.platform == "win32", reason="closes streams and sets limits as POSIX shells do")
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_run_ends_as_the_case_says(case: Case, station: Station) -> None:
    HOW[case.kind](case, station)
