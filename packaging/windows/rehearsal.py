"""Builds the Windows installer and tests it under wine, from an empty folder to a clean removal.

    python -m windows.rehearsal [--start-at STEP] [--list]

Everything lies in ``build/package-windows``: the MSI, the logs of every step, the machine it was tried on.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freeze import version

from windows import gather, lacking, looking, making, signing
from windows import msi as package
from windows.msi import ROOT
from windows.running import Log, Runner, Step, rehearse
from windows.trial import Shop, Trial, open_shop
from windows.wine import Wine

WORK = ROOT / "build" / "package-windows"
LOCK = ROOT / "requirements" / "package.txt"
UV = ROOT / ".venv" / "bin" / "uv"


class Rehearsal:
    """The steps, and where each finds what those before it made."""

    def __init__(self, runner: Runner, shop: Shop) -> None:
        numbers = version.read(ROOT)
        major, minor, patch = version.three(numbers)
        self._runner = runner
        self._wine = Wine(WORK / "prefix", runner)
        self._python = WORK / "python"
        self._frozen = WORK / "frozen" / "loopdesk"
        self._numbers = {"this": numbers, "newer": f"{major}.{minor}.{patch + 1}"}
        self._msis = {name: WORK / f"loopdesk-{value}.msi" for name, value in self._numbers.items()}
        self._actions = WORK / "actions.dll"
        self._signer = WORK / "signer"
        self.trial = Trial(self._wine, shop, self._msis["this"], self._msis["newer"], WORK)

    def steps(self) -> dict[str, Step]:
        """Return all of them in their order."""
        trial = self.trial
        return {
            "tools": lambda: gather.system_tools(self._runner),
            "python": lambda: gather.python(self._python),
            "libraries": lambda: gather.libraries(self._runner, UV, LOCK, self._python),
            "machine": self._machine,
            "bootloader": self._bootloader,
            "freeze": lambda: making.freeze(self._wine, self._python, self._frozen, WORK),
            "look at folder": self._look_at_folder,
            "sign programs": self._sign_programs,
            "msi": self._make_msis,
            "look at msi": self._look_at_msi,
            "sign msi": self._sign_msis,
            "install": trial.install,
            "smoke": trial.smoke,
            "key": trial.keep_key,
            "actions": trial.keep_actions,
            "refuse while running": trial.refuse_while_running,
            "upgrade": trial.upgrade,
            "refuse downgrade": trial.refuse_downgrade,
            "repair": trial.repair,
            "remove": trial.remove,
            "install again": trial.install_again,
            "remove again": trial.remove_again,
            "lacking": lambda: lacking.try_without_each(self._wine, self._frozen, WORK),
        }

    def _machine(self) -> str:
        self._wine.boot(WORK / "stubs")
        return self._wine.run("cmd", "/c", "ver", limit=60).out.strip()

    def _bootloader(self) -> str:
        source = gather.bootloader_source(LOCK, WORK)
        return making.bootloader(self._runner, source, self._python)

    def _look_at_folder(self) -> str:
        return looking.look_at_folder(self._frozen, WORK / "analysis" / "loopdesk" / "warn-loopdesk.txt")

    def _certificate(self) -> tuple[Path, Path]:
        certificate, key = self._signer / "certificate.pem", self._signer / "key.pem"
        if not key.exists():
            return signing.throw_away_certificate(self._runner, self._signer)
        return certificate, key

    def _sign_programs(self) -> str:
        package.compile_actions(self._actions)
        files = [self._frozen / name for name in sorted(looking.UNSIGNED)] + [self._actions]
        count = signing.sign_all(self._runner, files, *self._certificate(), WORK)
        left = looking.unsigned(self._frozen)
        return f"{count} signed, {len(left)} left unsigned; one bit turned is noticed in each"

    def _make_msis(self) -> str:
        """Make the MSI to ship, and a later one with a file more and a file less to upgrade to."""
        newer = WORK / "newer"
        shutil.rmtree(newer, ignore_errors=True)
        shutil.copytree(self._frozen, newer, copy_function=os.link)
        next(iter(sorted(newer.rglob("LICENSE*")))).unlink()
        (newer / "only-in-the-newer.txt").write_text("a file of the newer version\n", encoding="utf-8")
        for name, folder in (("this", self._frozen), ("newer", newer)):
            package.build(folder, self._msis[name], self._numbers[name], actions=self._actions)
        return self._msis["this"].name

    def _look_at_msi(self) -> str:
        unpacked = WORK / "unpacked"
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        return looking.look_at_msi(self._msis["this"], self._frozen, self._numbers["this"], unpacked)

    def _sign_msis(self) -> str:
        count = signing.sign_all(self._runner, self._msis.values(), *self._certificate(), WORK)
        return f"{count} signed; one bit turned is noticed in each"

    def end(self) -> None:
        """Leave nothing running."""
        if self._wine.prefix.exists():
            self._wine.stop()


@contextmanager
def a_screen(runner: Runner) -> Iterator[None]:
    """Start a virtual X server; it chooses a free display number by itself."""
    reading, writing = os.pipe()
    size = ("-screen", "0", "1280x900x24", "-nolisten", "tcp")
    with subprocess.Popen(
        ("Xvfb", *size, "-displayfd", str(writing)), pass_fds=(writing,), stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                runner.environ["DISPLAY"] = f":{told.readline().strip()}"
            yield
        finally:
            server.terminate()


def main() -> int:
    """Make all steps. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Build the Windows installer and try it out under wine.")
    parser.add_argument(
        "--start-at", default="", metavar="STEP", help="take what former steps made as it lies"
    )
    parser.add_argument("--list", action="store_true", help="name the steps")
    chosen = parser.parse_args()
    if not chosen.start_at and not chosen.list:
        shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    runner = Runner(Log(WORK / "00-before.log"))
    if not chosen.list:
        gather.system_tools(runner)  # a screen is one of them
    with open_shop(runner, WORK / "shop.port") as shop, a_screen(runner):
        rehearsal = Rehearsal(runner, shop)
        steps = rehearsal.steps()
        if chosen.list:
            print("\n".join(steps))
            return 0
        try:
            return 0 if rehearse(steps, runner, WORK, chosen.start_at) else 1
        finally:
            rehearsal.end()


if __name__ == "__main__":
    sys.exit(main())
