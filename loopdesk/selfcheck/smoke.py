"""``loopdesk --smoke``: whether this copy of the program is complete and works on this machine.

It works in a profile of its own that is thrown away: the station's data, settings and key are not touched,
and nothing leaves the machine. Exit code 0 when all is well, else 1; never later than ``LIMIT_SECONDS``.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import platform
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loopdesk import __version__
from loopdesk.app.commands.console import Exit, say
from loopdesk.selfcheck.checks import expect, look_at_store, with_window, without_window
from loopdesk.system.host.clock import SystemClock

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from loopdesk.app.practice import Practice
    from loopdesk.app.session import Session


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check.

    Attributes:
        found: What was found, or what went wrong.
        milliseconds: How long it took.
    """

    name: str
    ok: bool
    found: str
    milliseconds: int


@dataclass(slots=True)
class Report:
    """The results so far, kept in a UTF-8 JSON file if one was named.

    Args:
        file: Its path; None to print the report at the end.
        monotonic: Seconds that never go back.
    """

    file: Path | None
    monotonic: Callable[[], float]
    findings: list[Finding] = field(default_factory=list)
    running: str = ""

    def check(self, name: str, look: Callable[[], str]) -> bool:
        """Run one check; an exception is a result, and the next check still runs."""
        with self.taking(name) as say:
            say(look())
        return self.findings[-1].ok

    @contextmanager
    def taking(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a check that cannot be one function; what is passed to the callback is what was found."""
        around, self.running = self.running, name
        self._keep()
        began, said, ok = self.monotonic(), [""], True
        try:
            yield said.append
        except Exception as failure:  # noqa: BLE001 - a broken copy fails in ways that nobody listed
            ok, said = False, [f"{type(failure).__name__}: {failure}"]
        self.findings.append(Finding(name, ok, said[-1], round((self.monotonic() - began) * 1000)))
        self.running = around
        self._keep()

    @property
    def ok(self) -> bool:
        """Whether all checks passed and none is running."""
        return not self.running and bool(self.findings) and all(finding.ok for finding in self.findings)

    def text(self) -> str:
        """Return the report as JSON."""
        said = {
            "program": "loopdesk",
            "version": __version__,
            "frozen": bool(getattr(sys, "frozen", False)),
            "system": platform.platform(),
            "python": platform.python_version(),
            "ok": self.ok,
            "running": self.running or None,
            "checks": [asdict(finding) for finding in self.findings],
        }
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"

    def _keep(self) -> None:
        if self.file is not None:
            self.file.write_text(self.text(), encoding="utf-8")


LIMIT_SECONDS = 120
FIRST_PAINT_SECONDS = 15
"""Far more than any bench needs: anything slower hangs."""


def run(report_file: str | None) -> int:
    """Run every check and return the exit code.

    Args:
        report_file: Where the report goes; None prints it.
    """
    report = Report(Path(report_file).absolute() if report_file else None, SystemClock().monotonic)
    with (
        tempfile.TemporaryDirectory(prefix="loopdesk-smoke-", ignore_cleanup_errors=True) as name,
        _hard_limit(Path(name), report.file),
    ):
        folder = Path(name)
        # First, because this is what an operator waits for.
        app = _paint(report, folder)
        for what, look in without_window(folder).items():
            report.check(what, look)
        if app is not None:
            for what, look in with_window(folder).items():
                report.check(what, look)
            _practise(report, folder)
    if report.file is None and sys.stdout is not None:
        say(*report.text().splitlines())
    return Exit.DONE if report.ok else Exit.ATTENTION


@contextmanager
def _hard_limit(folder: Path, report: Path | None) -> Iterator[None]:
    """End the process with code 1 if it takes too long, wherever it hangs.

    Qt may wait in its own code for a click on a message that nobody sees; only what needs no Python code can
    end that. The stack of every thread is written next to the report.
    """
    from loopdesk.system.host.watchdog import ended_after

    trace = report.with_name(report.name + ".stuck") if report is not None else folder / "stuck"
    with trace.open("w", encoding="utf-8") as out, ended_after(LIMIT_SECONDS + 5):
        # On Windows an exit would wait for the hanging call.
        faulthandler.dump_traceback_later(LIMIT_SECONDS, exit=sys.platform != "win32", file=out)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
    trace.unlink(missing_ok=True)


def _paint(report: Report, folder: Path) -> QApplication | None:
    """Start like the program, up to the first paint, and check the store that is open then."""
    app = None
    with report.taking("first paint") as say:
        from loopdesk.app.startup_tuning import tune_startup

        tune_startup()
        from PySide6.QtTest import QSignalSpy

        from loopdesk.app.runtime import Options, open_profile, prepare_runtime
        from loopdesk.app.startup_window import StartupWindow
        from loopdesk.ui.app import make_app

        began = report.monotonic()
        app = make_app(sys.argv[:1])
        options = Options(profile=str(folder / "bench"))
        ground = prepare_runtime(open_profile(options, {}), options, {})
        try:
            ground.open_store()
            front = StartupWindow(app, ground.loaded.settings, practice=False)
            painted = QSignalSpy(front.window.first_painted)
            front.paint()
            seconds = report.monotonic() - began
            report.check("sqlite", lambda: look_at_store(ground.profile.store_folder))
            front.abandon()
        finally:
            asyncio.run(ground.close())
        expect(painted.count() > 0, f"the window was not drawn on the platform {app.platformName()!r}")
        expect(seconds < FIRST_PAINT_SECONDS, f"the window was drawn after {seconds:.1f} s")
        say(f"{round(seconds * 1000)} ms, platform {app.platformName()}")
    return app


def _practise(report: Report, folder: Path) -> None:
    """Work like a person: a practice return is scanned, graded, settled, sent and read back."""
    from loopdesk.app import gui

    async def play(session: Session, practice: Practice) -> int:
        with report.taking("loopback http") as say:
            await session.program.check_key(practice.key)
            say(practice.api_url)
        with report.taking("practice return") as say:
            say(await _settle_one(session, practice, folder))
        return Exit.DONE

    with report.taking("practice") as say:
        arguments = Namespace(demo=True, profile=str(folder))
        expect(gui.run(arguments, play) == Exit.DONE, "the practice window ended otherwise than it should")
        say("opened, worked in and left")


async def _settle_one(session: Session, practice: Practice, folder: Path) -> str:
    """Settle one return by three scans and compare with Loop's truth."""
    from loopdesk.selfcheck.tour import Tour
    from loopdesk.simulator.samples import SAMPLES

    sample = SAMPLES["single"]
    tour = Tour(session, practice, folder)
    await tour.hand.until(
        "the first synchronization", lambda: session.program.parts.prefetch.synced_at is not None
    )
    # A background window gets no keys; scans are queued in order regardless.
    session.intake.receive(sample.tracking_number or sample.return_id)
    session.intake.receive(session.codes.printed("LDCMDGRADEA"))
    title = f"{sample.order_name} · {sample.return_id} — loopdesk"
    await tour.hand.until("the return on screen", lambda: session.window.windowTitle() == title)
    await tour.hand.look()
    session.intake.receive(session.codes.printed("LDCMDCONFIRM"))
    await tour.settled(sample)
    found = tour.truth(sample)
    expect(found["processings"] == 1, f"Loop processed the return {found['processings']} times")
    expect(found["state"] == "closed", f"Loop says that the return is {found['state']}")
    expect(session.faults.count == 0, f"{session.faults.count} failures that nobody expected")
    return f"{sample.order_name} settled, read back and {found['state']}"
