"""One copy per profile: a second one raises the first's window and exits; a newer program's store is left
alone."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from loopdesk.app import gui as window_module
from loopdesk.app.faults import Faults
from loopdesk.cli import main
from loopdesk.ui.main_window import MainWindow
from tests.scenarios.command import Commands
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can take")


@pytest.fixture
def commands(desk: Desk, shop: SimulatorThread) -> Commands:
    """Return the command line of the same desk."""
    made = Commands(desk.folder, f"{shop.url}/api", shop.key)
    made.environ.update(desk.environ)
    return made


class FirstCopy:
    """Runs the program in this process as ``loopdesk`` does, and watches its window.

    Args:
        watch: Called every 20 ms once the window is there; says when it has seen enough.
    """

    def __init__(self, app: QApplication, watch: Callable[[MainWindow], bool]) -> None:
        self._app = app
        self._watch = watch
        self._failed: Exception | None = None
        self._has_enough = False

    def run(self, monkeypatch: pytest.MonkeyPatch) -> int:
        """Run to the end and return the exit code; a failure of ``watch`` is raised."""
        loops: list[asyncio.AbstractEventLoop] = []
        make = window_module.new_loop

        def remembered(app: QApplication, faults: Faults) -> asyncio.AbstractEventLoop:
            loops.append(make(app, faults))
            return loops[-1]

        monkeypatch.setattr(window_module, "new_loop", remembered)
        timer = QTimer(self._app)
        timer.timeout.connect(self._look)
        timer.start(20)
        try:
            code = main([])
        finally:
            timer.stop()
            timer.deleteLater()
            for loop in loops:
                shiboken6.delete(vars(loop)["_timer"])  # qasync leaves its timers running
        if self._failed is not None:
            raise self._failed
        return code

    def _look(self) -> None:
        windows = [x for x in self._app.topLevelWidgets() if isinstance(x, MainWindow)]
        if self._has_enough or not windows or not windows[0].windowTitle().startswith("Ready"):
            return
        try:
            self._has_enough = self._watch(windows[0])
        except Exception as failure:  # noqa: BLE001 - raised after the program has ended
            self._failed, self._has_enough = failure, True
        if self._has_enough:
            windows[0].close()


def _environment(monkeypatch: pytest.MonkeyPatch, commands: Commands) -> None:
    for name, value in commands.environ.items():
        monkeypatch.setenv(name, value)


@pytest.mark.fault(76)
def test_a_second_copy_ends_with_3_and_brings_the_first_to_the_front(
    commands: Commands, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    second: list[subprocess.Popen[str]] = []

    def watch(window: MainWindow) -> bool:
        if not second:
            window.showMinimized()
            assert window.isMinimized()
            second.append(commands.start())
            return False
        if second[0].poll() is None or window.isMinimized():
            return False
        seen.append("raised")
        return True

    _environment(monkeypatch, commands)
    try:
        code = FirstCopy(qapp, watch).run(monkeypatch)
        out, err = second[0].communicate(timeout=30)
    finally:
        for process in second:
            with process:  # which closes the pipes, whatever went wrong
                process.kill()
    assert (code, seen) == (0, ["raised"])
    assert (second[0].returncode, out) == (3, "")
    assert err.startswith("loopdesk: ")
    assert "already" in err
    assert "Traceback" not in err


@pytest.mark.fault(77)
@POSIX
def test_a_killed_copy_keeps_nobody_out(commands: Commands, shop: SimulatorThread) -> None:
    with commands.start() as first:
        try:
            _until(lambda: bool(shop.requests("GET", "/return/list")))
            blocked = commands.run("sync", "--once")
        finally:
            first.kill()
    assert blocked.code == 3
    assert commands.run("sync", "--once").code == 0


@pytest.mark.fault(59)
@POSIX
def test_the_window_ends_in_order_when_the_system_asks(commands: Commands, shop: SimulatorThread) -> None:
    with commands.start() as running:
        try:
            _until(lambda: bool(shop.requests("GET", "/return/list")))
            running.send_signal(signal.SIGTERM)
            out, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert (running.returncode, out, err) == (0, "", "")
    assert "stopped" in (_log(Path(commands.environ["LOOPDESK_PROFILE"])))


@pytest.mark.fault(139)
def test_the_window_refuses_a_store_that_is_newer_than_the_program(commands: Commands) -> None:
    assert commands.run("queue").code == 0
    folder = Path(commands.environ["LOOPDESK_PROFILE"])
    (file,) = folder.rglob("*.db")
    connection = apsw.Connection(str(file))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = file.read_bytes()
    ran = commands.run()
    assert (ran.code, ran.out) == (5, "")
    first, *advice = ran.err.splitlines()
    assert first.startswith("loopdesk: ")
    assert "newer" in first
    assert advice, "it says what to do"
    assert "Traceback" not in ran.err
    assert file.read_bytes() == before


def test_the_window_refuses_wrong_settings_and_names_the_place(commands: Commands) -> None:
    folder = Path(commands.environ["LOOPDESK_PROFILE"])
    folder.mkdir()
    (folder / "settings.toml").write_text("theme = 'pink'\n", encoding="utf-8")
    commands.environ.pop("LOOPDESK_THEME")
    ran = commands.run()
    assert (ran.code, ran.out) == (4, "")
    assert f"{folder / 'settings.toml'}:1: theme" in ran.err


def _log(folder: Path) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in folder.rglob("loopdesk.log"))


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
