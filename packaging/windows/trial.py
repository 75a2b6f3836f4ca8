"""Installs, uses, upgrades, repairs and removes the program, and checks each time what must have stayed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from windows import msi as package
from windows.msi import ROOT
from windows.running import Runner, end, expect
from windows.wine import REFUSED, Wine, z

FOLDER = r"C:\Program Files\loopdesk"
WINDOW, CONSOLE = rf"{FOLDER}\loopdesk.exe", rf"{FOLDER}\loopdesk-cli.exe"
MACHINE_FILE = r"C:\fleet\loopdesk.toml"
SAMPLE = "91000101"
"""The return of the simulated shop that is settled; one item, to be refunded."""

KEY = r"HKLM\Software\loopdesk"
RUN = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Run"
PROGRAMS = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall"
STATION = "Dock 7 – Łódź"
SMOKE_SECONDS = 180


@dataclass(frozen=True, slots=True)
class Shop:
    """The simulator of Loop on this machine's loopback.

    Attributes:
        url: Where it is.
        key: The API key that it takes.
    """

    url: str
    key: str

    def processings(self, return_id: str) -> int:
        """How often a return was processed there."""
        with urllib.request.urlopen(f"{self.url}/_control/truth/{return_id}", timeout=30) as answer:
            return int(json.load(answer)["processings"])


@contextmanager
def open_shop(runner: Runner, memory: Path) -> Iterator[Shop]:
    """Serve the simulator of Loop from this checkout.

    Args:
        memory: Keeps the port, so that a rehearsal that goes on finds the shop where the key was kept for.
    """
    port = memory.read_text("utf-8") if memory.exists() else "0"
    process = runner.start(sys.executable, "-m", "loopdesk", "simulate", "--port", port, folder=ROOT)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        expect(said.startswith("http"), f"the simulator of Loop did not start: {said}")
        url, _, key = said.split()
        memory.write_text(url.rpartition(":")[2], encoding="utf-8")
        yield Shop(url, key)
    finally:
        end(process)


class Trial:
    """One machine on which the program is tried.

    Args:
        this: The MSI to ship.
        newer: One of a later version, with a file more and a file less.
        logs: Where the installer's own logs go.
    """

    def __init__(self, wine: Wine, shop: Shop, this: Path, newer: Path, logs: Path) -> None:
        self._wine = wine
        self._shop = shop
        self._this = this
        self._newer = newer
        self._logs = logs

    # --- the steps --------------------------------------------------------------------------------

    def install(self) -> str:
        """Install silently, with every property that may be given."""
        self._write_machine_file()
        given = (f"STATION={STATION}", f"SETTINGSFILE={MACHINE_FILE}", "AUTOSTART=1")
        began = time.monotonic()
        self._wine.msiexec("/i", z(self._this), *given, log=self._logs / "msi-install.log")
        took = time.monotonic() - began
        self._expect_installed(self._this)
        expect(self._wine.file(r"C:\ProgramData\loopdesk").is_dir(), "the machine's folder was not made")
        return f"silently in {took:.1f} s, with station, settings file and autostart"

    def smoke(self) -> str:
        """Run the installed program's smoke test; it settles a practice return on the way."""
        report = self._logs / "smoke.json"
        report.unlink(missing_ok=True)
        self._wine.run(WINDOW, "--smoke", "--report", z(report), limit=SMOKE_SECONDS, code=None)
        expect(report.exists(), "the program wrote no report")
        found = json.loads(report.read_text("utf-8"))
        checks = {check["name"]: check for check in found["checks"]}
        wrong = {name: check["found"] for name, check in checks.items() if not check["ok"]}
        expect(found["ok"] and not wrong, f"not whole: {wrong or found['running']}")
        expect(found["frozen"], "it is not the frozen program")
        return f"{len(checks)} checks; {checks['first paint']['found']}; {checks['practice return']['found']}"

    def keep_key(self) -> str:
        """Give the key to Windows' credential store, and let another run of the program read it there."""
        said = self._wine.run(CONSOLE, "key", "set", limit=90, given=f"{self._shop.key}\n").out
        expect("Loop accepts the key" in said, said)
        said = self._wine.run(CONSOLE, "key", "check", limit=90).out
        expect("Loop accepts it" in said, said)
        in_plain = [x for x in self._files() if self._shop.key.encode() in x.read_bytes()]
        expect(not in_plain, f"the key stands in {in_plain}")
        return "kept, read and accepted; in no file of the profile"

    def keep_actions(self) -> str:
        """Leave a settlement unsent, like an operator who goes home."""
        keeper = (sys.executable, "-m", "windows.queued", str(self._profile), f"{self._shop.url}/api", SAMPLE)
        path = os.pathsep.join((str(ROOT / "packaging"), str(ROOT)))
        self._wine.runner.run(
            "env", f"PYTHONPATH={path}", f"LOOPDESK_API_KEY={self._shop.key}", *keeper, limit=90
        )
        waiting = self._queue()
        expect(waiting, "nothing waits")
        self._kept.write_text(json.dumps(waiting), encoding="utf-8")
        return ", ".join(f"{entry['kind']} {entry['stage']}" for entry in waiting)

    def refuse_while_running(self) -> str:
        """Try to upgrade and remove it while the program runs; nothing may change."""
        with self._practising():
            log = self._logs / "msi-refused.log"
            said = self._wine.msiexec("/i", z(self._newer), log=log, code=REFUSED)
            expect("loopdesk is running" in said, "the log does not say why")
            log = self._logs / "msi-removal-refused.log"
            said = self._wine.msiexec("/x", z(self._this), log=log, code=REFUSED)
            expect("loopdesk is running" in said, "the log does not say why")
        self._expect_installed(self._this)
        self._expect_kept()
        return "upgrade and removal refused, nothing changed"

    def upgrade(self) -> str:
        """Upgrade, waiting for the program to be closed."""
        log = self._logs / "msi-upgrade.log"
        log.unlink(missing_ok=True)
        command = ("msiexec", "/i", z(self._newer), "WAITSECONDS=180", "/qn", "/l*v", z(log))
        with self._practising() as running:
            process = self._wine.runner.start("wine", *command)
            try:
                _until(
                    lambda: log.exists() and "RefuseWhileRunning" in _text(log), 120, "the upgrade to wait"
                )
                expect(process.poll() is None, "the upgrade did not wait")
                end(running)
                process.communicate(timeout=240)
            finally:
                end(process)
        expect(process.returncode == 0, f"the upgrade ended with {process.returncode}")
        self._expect_installed(self._newer)
        only_here, only_before = self._different()
        expect(only_here <= self._installed(), f"new files are missing: {only_here}")
        expect(not only_before & self._installed(), f"old files are left: {only_before}")
        self._expect_kept()
        return "waited for the program to end; one version, its files; settings and actions kept"

    def refuse_downgrade(self) -> str:
        """Try to install an older version over a newer one; it must be refused."""
        log = self._logs / "msi-downgrade.log"
        said = self._wine.msiexec("/i", z(self._this), log=log, code=REFUSED)
        # Windows writes the condition's message into the log; wine only what led to it.
        expect(f"WIX_DOWNGRADE_DETECTED = {_code(self._newer)}" in said, "it was refused for another reason")
        self._expect_installed(self._newer)
        return "refused, because of the newer one"

    def repair(self) -> str:
        """Repair: bring a deleted file back."""
        lost = self._wine.file(rf"{FOLDER}\_internal\PySide6\Qt6Svg.dll")
        lost.unlink(missing_ok=True)
        # The long form of /fa, which wine's msiexec only half understands.
        what = ("REINSTALL=ALL", "REINSTALLMODE=amus")
        self._wine.msiexec("/i", _code(self._newer), *what, log=self._logs / "msi-repair.log")
        expect(lost.exists(), f"{lost.name} is still missing")
        self._expect_installed(self._newer)
        self._expect_kept()
        return f"{lost.name} is back; settings and actions kept"

    def remove(self) -> str:
        """Remove the program; its data stays, and the log says so."""
        waiting = len(json.loads(self._kept.read_text("utf-8")))
        said = self._wine.msiexec("/x", _code(self._newer), log=self._logs / "msi-removal.log")
        expect(f"{waiting} actions are still waiting at this machine" in said, "the log does not count them")
        self._expect_removed()
        expect((self._profile / "store" / "loopdesk.db").exists(), "the store is gone")
        return f"nothing left but data; the log says that {waiting} actions wait"

    def install_again(self) -> str:
        """Reinstall; what waited is sent, once, with the key that is still in the credential store."""
        self._write_machine_file()
        given = f"SETTINGSFILE={MACHINE_FILE}"
        self._wine.msiexec("/i", z(self._this), given, log=self._logs / "msi-again.log")
        self._expect_kept()
        self._wine.run(CONSOLE, "sync", "--once", limit=180)
        stages = {entry["stage"] for entry in self._queue()}
        expect(stages == {"done"}, f"the actions are {stages}")
        count = self._shop.processings(SAMPLE)
        expect(count == 1, f"Loop processed the return {count} times")
        return "what waited was sent and read back, once"

    def remove_again(self) -> str:
        """Remove it when nothing waits."""
        said = self._wine.msiexec("/x", _code(self._this), log=self._logs / "msi-end.log")
        expect("0 actions are still waiting at this machine" in said, "the log does not say that none wait")
        self._expect_removed()
        return "nothing left but data; the log says that nothing waits"

    # --- looking ----------------------------------------------------------------------------------

    @property
    def _profile(self) -> Path:
        return self._wine.home / "AppData" / "Local" / "loopdesk" / "bench"

    @property
    def _kept(self) -> Path:
        return self._logs / "kept.json"

    def _files(self) -> list[Path]:
        return [path for path in self._profile.rglob("*") if path.is_file()]

    def _queue(self) -> list[dict[str, str]]:
        """Return what the installed program says that its outbox holds."""
        out = self._wine.run(CONSOLE, "queue", "--json", limit=90).out
        entries = json.loads(out[out.index("[") : out.rindex("]") + 1])
        return [{name: entry[name] for name in ("entry_id", "kind", "stage")} for entry in entries]

    def _expect_kept(self) -> None:
        """Check that exactly the actions that were left are waiting."""
        expect(self._queue() == json.loads(self._kept.read_text("utf-8")), "the actions are others")

    def _installed(self) -> set[str]:
        folder = self._wine.file(FOLDER)
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    def _different(self) -> tuple[set[str], set[str]]:
        """Return the names of the files that only the newer and only this version has."""
        names = [
            {row[2].split("|")[-1] for row in package.table(x, "File")} for x in (self._newer, self._this)
        ]
        return names[0] - names[1], names[1] - names[0]

    def _expect_installed(self, msi: Path) -> None:
        """Check that this version and no other is installed, with the given properties."""
        expect(self._listed() == [msi.name], f"in Programs stand {self._listed()}")
        expect(self._wine.file(WINDOW).exists(), "the program is not there")
        told = self._wine.registry(KEY) or {}
        expect(told.get("station.name") == STATION, f"the station is not kept: {told}")
        expect(told.get("settings_file") == MACHINE_FILE, f"the settings file is not named: {told}")
        expect(WINDOW in (self._wine.registry(RUN) or {}).get("loopdesk", ""), "it does not start by itself")
        expect(self._menu_entries(), "there is no entry in the Start menu")

    def _expect_removed(self) -> None:
        """Check that nothing of the program is left."""
        expect(not self._wine.file(FOLDER).exists(), f"left over: {sorted(self._installed())[:5]}")
        expect(self._wine.registry(KEY) is None, "the registry still has a key")
        expect("loopdesk" not in (self._wine.registry(RUN) or {}), "the registry still starts it")
        expect(not self._menu_entries(), "the Start menu still has an entry")
        expect(not self._listed(), f"in Programs stands {self._listed()}")
        expect(not self._wine.file(r"C:\ProgramData\loopdesk").exists(), "the machine's empty folder is left")

    def _listed(self) -> list[str]:
        """Return which versions stand in Windows' list of programs."""
        both = (self._this, self._newer)
        return [x.name for x in both if self._wine.registry(rf"{PROGRAMS}\{_code(x)}") is not None]

    def _menu_entries(self) -> list[Path]:
        """Return the entries of the Start menu; wine puts one for all users into the user's own menu."""
        return [path for path in self._wine.drive.rglob("loopdesk.lnk") if "Start Menu" in path.parts]

    def _write_machine_file(self) -> None:
        """Push the settings of a fleet; the shop's port is another one in each run."""
        file = self._wine.file(MACHINE_FILE)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'[api]\nurl = "{self._shop.url}/api"\n\n[sound]\non = false\n', encoding="utf-8")

    @contextmanager
    def _practising(self) -> Iterator[subprocess.Popen[str]]:
        """Have the program run in practice, where it sends nothing."""
        practice = self._profile.with_name("practice")
        shutil.rmtree(practice, ignore_errors=True)
        with self._wine.running(WINDOW, "--demo") as running:
            _until((practice / "store" / "loopdesk.db").exists, 120, "the program to open")
            yield running


def _code(msi: Path) -> str:
    return package.properties(msi)["ProductCode"]


def _text(log: Path) -> str:
    return log.read_bytes().replace(b"\0", b"").decode("utf-8", errors="replace")


def _until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        expect(time.monotonic() < deadline, f"waited in vain for {what}")
        time.sleep(0.2)
