"""``loopdesk --smoke``: whether this copy of the program is complete and works on this machine.

It works in a profile of its own that is thrown away: the station's data, settings and key are not touched,
and nothing leaves the machine. Exit code 0 when all is well, else 1; never later than ``LIMIT_SECONDS``.
"""

from __future__ import annotations

import asyncio
import faulthandler
import json
import platform
import secrets
import ssl
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
from loopdesk.domain.errors import SecretsUnavailable
from loopdesk.presenters.words import errors
from loopdesk.system.host.clock import SystemClock
from loopdesk.system.host.paths import resources_dir

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from loopdesk.app.practice import Practice
    from loopdesk.app.session import Session
    from loopdesk.domain.returns.grading import Vocabulary

# --- the checks -------------------------------------------------------------------------------------
# A frozen program can lack a part silently: a key store without metadata, a plugin that only makes empty
# images. So each of these is used once, as the program uses it.

EXPECTED_STORES = {
    "win32": "keyring.backends.Windows",
    "darwin": "keyring.backends.macOS",
    "linux": "keyring.backends.SecretService",
}
"""The module of the key store that must be found, by system."""

PICTURES = ("png", "jpeg", "webp", "svg", "ico")
"""Image formats the window shows: its icons, product pictures, and the photos added to a mystery parcel."""

_ICON, _EDGE = "check", 24
_RETURN = (
    '{"id":"91000001","state":"open","created_at":"2026-11-03T14:05:09+00:00","order_name":"#1","currency":"USD",'
    '"line_items":[{"line_item_id":"1","sku":"TEE-M","title":"Tee","price":"23.00"}]}'
)


class NotWhole(Exception):
    """This copy of the program lacks something, or cannot use it."""


def expect(holds: bool, otherwise: str) -> None:
    """Assert that something holds.

    Raises:
        NotWhole: It does not; ``otherwise`` says what is the case instead.
    """
    if not holds:
        raise NotWhole(otherwise)


def look_at_interpreter() -> str:
    """UTF-8 is used whatever the system's code page is; a frozen program enables it itself."""
    is_frozen = bool(getattr(sys, "frozen", False))
    expect(not is_frozen or sys.flags.utf8_mode == 1, "the frozen program does not run in UTF-8 mode")
    return f"{'frozen' if is_frozen else 'not frozen'}, UTF-8 mode {'on' if sys.flags.utf8_mode else 'off'}"


def look_at_words() -> str:
    """The shipped vocabulary can be read."""
    return f"{len(_shipped_words().grades)} grades"


def _shipped_words() -> Vocabulary:
    """Read the shipped vocabulary."""
    from loopdesk.system.settings.vocabulary import load_vocabulary, vocabulary_file

    folder = resources_dir()
    return load_vocabulary(vocabulary_file("", folder, folder))


def look_at_key_store(profile: Path) -> str:
    """The system's key store is found by name, and stores, returns and deletes a throw-away key."""
    from loopdesk.system.keys import found_stores

    found = found_stores()
    wanted = EXPECTED_STORES.get(sys.platform, "")
    count = len(found.entry_points)
    expect(count > 0, f"keyring names no back end; it would use {found.chosen}")
    expect(not wanted or wanted in found.entry_points, f"{wanted} is missing among {found.entry_points}")
    if found.refused and sys.platform.startswith("linux"):
        import secretstorage  # noqa: F401 - without a session there is no service, but the client library is here

        return f"{found.chosen} of {count}: nobody is signed in to a desktop with a key store"
    expect(not found.refused, f"{found.chosen} does not keep a key safely")
    asyncio.run(_keep_and_forget(profile))
    return f"{found.chosen} of {count}, a key was kept and forgotten"


async def _keep_and_forget(profile: Path) -> None:
    from loopdesk.system.keys import KeyringSecrets

    def stores() -> KeyringSecrets:
        return KeyringSecrets(profile, "https://smoke.invalid", {}, learn=lambda _: None)

    key = f"smoke-{secrets.token_hex(16)}"
    first = stores()
    await first.keep_key(key)
    try:
        expect(await stores().key() == key, "the key store gave back another key than was kept")
    finally:
        await first.forget_key()
    try:
        expect(await stores().key() is None, "the key store did not forget the key")
    except SecretsUnavailable as failure:
        raise NotWhole(errors.reason(failure)) from None


def look_at_tls() -> str:
    """Connections demand a certificate trusted by this machine's trust store."""
    from loopdesk.api.connections import trusting_context

    context = trusting_context()
    expect(context.verify_mode is ssl.CERT_REQUIRED, "certificates are not demanded")
    expect(context.check_hostname, "names in certificates are not compared")
    roots = _roots()
    expect(bool(roots), "this machine has no trusted certificates; install its package ca-certificates")
    return f"{ssl.OPENSSL_VERSION}, trust store: {roots}"


def _roots() -> str:
    """Name the trust store; "" if it is empty."""
    if sys.platform == "win32":
        count = len(ssl.enum_certificates("ROOT"))
        return f"{count} roots of Windows" if count else ""
    if sys.platform == "darwin":
        return "the system's keychains"
    paths = ssl.get_default_verify_paths()
    if paths.cafile and Path(paths.cafile).stat().st_size:
        return paths.cafile
    return paths.capath if paths.capath and any(Path(paths.capath).glob("*.0")) else ""


def look_at_sounds() -> str:
    """Every sound can be read, and the sound library can be loaded; no speaker is needed."""
    from loopdesk.system.host.sounds import NAMES, DeviceOutput, load_sound

    for name in NAMES:
        expect(bool(load_sound(resources_dir() / "sounds" / f"{name}.wav", 80)), f"{name}.wav is empty")
    DeviceOutput(unheard=True).close()
    return f"{len(NAMES)} sounds"


def look_at_models() -> str:
    """A return as Loop sends it can be parsed."""
    from loopdesk.api.translate import from_body

    parsed = from_body(_RETURN, is_details=False)
    expect(parsed.return_id == "91000001", f"the return was read as {parsed.return_id!r}")
    expect(len(parsed.lines) == 1, f"{len(parsed.lines)} lines were read instead of one")
    return f"return {parsed.return_id}, {len(parsed.lines)} line"


def look_at_store(folder: Path) -> str:
    """The SQLite version cannot damage the store, and supports a write-ahead log."""
    from loopdesk.store.database import FILE_NAME
    from loopdesk.store.open_database import check_sqlite, sqlite_version

    version = sqlite_version()
    check_sqlite(version)
    log = folder / f"{FILE_NAME}-wal"
    expect(log.exists(), f"{log.name} is not there although the store is open")
    return f"SQLite {version}, write-ahead log"


# --- with a window ----------------------------------------------------------------------------------


def look_at_drawings() -> str:
    """An icon is drawn, and not empty."""
    from PySide6.QtGui import QColor

    from loopdesk.ui.assets import tinted

    picture = tinted(_ICON, _EDGE, QColor("black")).toImage()
    expect(not picture.isNull(), f"the icon {_ICON!r} is missing")
    shown = sum(picture.pixelColor(x, y).alpha() > 0 for x in range(_EDGE) for y in range(_EDGE))
    expect(shown > 0, f"the icon {_ICON!r} is empty")
    return f"{shown} of {_EDGE * _EDGE} points drawn"


def look_at_pictures() -> str:
    """Every image format that is shown can be read."""
    from PySide6.QtGui import QImageReader

    known = {bytes(name.data()).decode("ascii") for name in QImageReader.supportedImageFormats()}
    missing = [kind for kind in PICTURES if kind not in known]
    expect(not missing, f"cannot read {', '.join(missing)}; known are {', '.join(sorted(known))}")
    return ", ".join(PICTURES)


def look_at_camera() -> str:
    """The part that reads cameras is here, where it is shipped; having no camera is not a fault."""
    from loopdesk.domain.errors import CameraUnusable
    from loopdesk.ui.camera import BACK_ENDS, QtCameras

    ships = bool(getattr(sys, "frozen", False)) and sys.platform in BACK_ENDS
    cameras = QtCameras(monotonic=SystemClock().monotonic)
    try:
        found = asyncio.run(cameras.find())
    except CameraUnusable as unusable:
        expect(not ships, f"cameras cannot be read: {unusable}")
        return "cameras are not read by this copy of the program"
    return f"{len(found)} found"


def look_at_languages() -> str:
    """Every language that may be chosen has its catalogue, and Qt's own words."""
    from loopdesk.i18n.languages import ENGLISH, PSEUDO, SYSTEM, catalogue_of
    from loopdesk.system.settings.model import setting
    from loopdesk.ui.language import qts_own_words

    offered = [name for name in setting("language").options if name not in (SYSTEM, PSEUDO)]
    for language in offered:
        try:
            catalogue_of(language, resources_dir() / "locales")
            if language != ENGLISH:
                qts_own_words(language)
        except FileNotFoundError as failure:
            raise NotWhole(f"{language}: {failure.filename or failure} is missing") from None
        except OSError as failure:
            raise NotWhole(f"{language}: {failure.filename} cannot be read") from None
    return ", ".join(offered)


def look_at_fonts() -> str:
    """There is a font to write with."""
    from PySide6.QtGui import QFontDatabase

    count = len(QFontDatabase.families())
    expect(count > 0, "no font was found; the window would show empty boxes")
    return f"{count} families"


def look_at_sheets(folder: Path) -> str:
    """The sheet of command codes can be printed."""
    from loopdesk.domain.labels.command_codes import printed
    from loopdesk.presenters.bench.code_sheet import sheet_pages
    from loopdesk.ui.printing import write_command_sheet

    sheet = folder / "sheet.pdf"
    write_command_sheet(sheet, sheet_pages(_shipped_words(), lambda word: printed(word, "smoke")))
    size = sheet.stat().st_size
    expect(size > 0, "the printed sheet is empty")
    return f"{size} bytes"


def look_at_ports() -> str:
    """The library for scanners at serial ports is here; having no port is not a fault."""
    from loopdesk.system.host.scanners import SystemSerialPorts

    return f"{len(asyncio.run(SystemSerialPorts().find()))} found"


def without_window(folder: Path) -> dict[str, Callable[[], str]]:
    """Return the checks that need no window. ``folder`` is deleted afterwards."""
    return {
        "interpreter": look_at_interpreter,
        "vocabulary": look_at_words,
        "key store": lambda: look_at_key_store(folder),
        "tls": look_at_tls,
        "sounds": look_at_sounds,
        "serial ports": look_at_ports,
        "model": look_at_models,
    }


def with_window(folder: Path) -> dict[str, Callable[[], str]]:
    """Return the checks that need Qt."""
    return {
        "svg": look_at_drawings,
        "image formats": look_at_pictures,
        "languages": look_at_languages,
        "fonts": look_at_fonts,
        "camera": look_at_camera,
        "printed sheet": lambda: look_at_sheets(folder),
    }


# --- the run ----------------------------------------------------------------------------------------


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
        runtime = prepare_runtime(open_profile(options, {}), options, {})
        try:
            runtime.open_store()
            front = StartupWindow(app, runtime.settings, practice=False)
            painted = QSignalSpy(front.window.first_painted)
            front.paint()
            seconds = report.monotonic() - began
            report.check("sqlite", lambda: look_at_store(runtime.profile.store_folder))
            front.abandon()
        finally:
            asyncio.run(runtime.close())
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
