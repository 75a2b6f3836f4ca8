"""A site as people use it: three docks in real windows, each on a screen of its own; xdotool types.

Hub, PostgreSQL, simulator and docks are processes as shipped, and can be killed. What a dock says is read as
a screen reader is told it; what reached Loop is read from the simulator's own record.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import httpx

from tests.hub.try_it import HubToTry, join, join_code
from tests.loop_thread import LoopThread
from tests.system.accessible import ScreenReader, Shown, session_bus, told_by
from tests.x_screens import XScreen, display

NEEDED: Final = ("Xvfb", "openbox", "xdotool", "dbus-daemon")

GUN_MS: Final = 15
PERSON_MS: Final = 120

PATIENCE_SECONDS: Final = 240
"""So long something may take on a busy machine; nothing is ever waited for that long where all is well."""

_LOOK_SECONDS: Final = 0.2
_PEOPLE: Final = ("Ana", "Ben", "Cem")


class NeverShown(AssertionError):
    """A dock did not show in time what it should."""


class Dock:
    """One bench in its window.

    Args:
        name: Its name at the hub.
        person: Who works there.
        place: The X display.
    """

    def __init__(self, name: str, person: str, place: str, reader: ScreenReader) -> None:
        self.name, self.person = name, person
        self._environ = os.environ | {"DISPLAY": place}
        self._reader = reader
        self._pid = 0

    @contextmanager
    def running(self, profile: Path, environ: dict[str, str], log: Path) -> Iterator[None]:
        """Run its program."""
        command = [sys.executable, "-m", "loopdesk", "--profile", str(profile)]
        with (
            log.open("a", encoding="utf-8") as out,
            subprocess.Popen(command, env=environ, stderr=out) as run,
        ):
            self._pid = run.pid
            try:
                yield
            finally:
                run.send_signal(signal.SIGTERM)
                run.wait(PATIENCE_SECONDS)

    # --- hands ------------------------------------------------------------------------------------------

    def scan(self, code: str) -> None:
        """Type a code and Enter as fast as a scanner."""
        self._type("type", "--delay", str(GUN_MS), f"{code}\n")

    def press(self, *keys: str) -> None:
        """Press keys one after another as slowly as a person."""
        self._type("key", "--delay", str(PERSON_MS), *keys)

    def confirm(self) -> subprocess.Popen[bytes]:
        """Press the key that confirms; does not wait until it is pressed."""
        return subprocess.Popen(("xdotool", "key", "F12"), env=self._environ)

    def _type(self, *arguments: str) -> None:
        subprocess.run(("xdotool", *arguments), env=self._environ, check=True, timeout=PATIENCE_SECONDS)

    def raise_window(self) -> None:
        """Wait for the window, and give it the keys."""
        wanted = (
            "search",
            "--sync",
            "--onlyvisible",
            "--all",
            "--pid",
            str(self._pid),
            "--name",
            "loopdesk$",
        )
        self._type(*wanted, "windowactivate", "--sync")

    # --- eyes -------------------------------------------------------------------------------------------

    def seen(self) -> list[Shown]:
        """Return all that its screen shows now."""
        program = self._reader.program(self._pid)
        return self._reader.seen(program) if program is not None else []

    def text(self) -> str:
        """Return what its screen says, one thing a line."""
        return "\n".join(each.name for each in self.seen() if each.name)

    @property
    def band(self) -> str:
        """The big word and the sentence of the signal band."""
        return next((each.name for each in self.seen() if each.role == "panel"), "")

    def until(self, what: str, holds: Callable[[], object]) -> None:
        """Wait until its screen is as it should be.

        Raises:
            NeverShown: It did not come; tells what is shown instead.
        """
        end = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > end:
                raise NeverShown(f"{self.name} never showed {what}, but:\n{self.text()}")
            time.sleep(_LOOK_SECONDS)

    def until_said(self, *wanted: str) -> str:
        """Wait until the screen says all of this somewhere; returns all that it says."""
        said = [""]

        def is_said() -> bool:
            said[0] = self.text()
            return all(each in said[0] for each in wanted)

        self.until(" and ".join(map(repr, wanted)), is_said)
        return said[0]

    def until_band(self, pattern: str) -> str:
        """Wait until the band matches; returns what it says."""
        found = [""]

        def matches() -> bool:
            found[0] = self.band
            return re.search(pattern, found[0]) is not None

        self.until(f"a band of {pattern!r}", matches)
        return found[0]

    def until_all_left(self) -> None:
        """Wait until nothing waits to be sent, and nothing that was sent waits for Loop."""
        self.until_said("Online", "kept 0", "sent 0")

    def open(self, code: str, return_id: str) -> None:
        """Scan a return, and wait until it is on the screen."""
        self.scan(code)
        self.until_said(f"RMA {return_id}")

    def decide(self, *grades: str) -> None:
        """Grade all lines of the open return, and wait until Confirm would finish it.

        Where it is asked whether to leave it to another dock, the answer is to go on here. On a busy machine
        keys may come as close as a scanner's, and the window takes none of them: a line that is still
        undecided at the second look is decided again.
        """
        self.press(*grades)
        before = ""

        def may_be_confirmed() -> bool:
            nonlocal before
            said = self.text()
            if "is open at another bench" in said:
                self.press("1")
                return False
            left = re.search(r"^(\d+) lines? to decide\b", said, re.MULTILINE)
            if left and left[0] == before:
                self.press(grades[-int(left[1])])
            before = left[0] if left else ""
            return "cannot be undone at Loop" in said

        self.until("that Confirm would finish it", may_be_confirmed)


class Relay:
    """A dock's own line to the hub, which can be cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._loop = LoopThread("relay")
        self._server: asyncio.Server | None = None
        self._ends: set[asyncio.StreamWriter] = set()
        self.port = 0

    def __enter__(self) -> Relay:
        self._loop.start()
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self._loop.stop()

    def cut(self) -> None:
        """Break all that goes over it, and refuse what comes."""
        self._loop.wait_for(self._cut())

    def mend(self) -> None:
        """Pass everything on from now on."""
        self._loop.wait_for(self._mend())

    async def _cut(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for end in list(self._ends):
            end.transport.abort()

    async def _mend(self) -> None:
        self._server = await asyncio.start_server(self._came, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _came(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, back}
        self._ends |= ends
        try:
            await asyncio.gather(_pass_on(reader, back), _pass_on(there, writer))
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.transport.abort()


class Site:
    """The hub with its docks.

    Attributes:
        docks: Its benches, from left to right. The last one's line to the hub can be cut.
        line: That line.
    """

    def __init__(self, hub: HubToTry, docks: Sequence[Dock], line: Relay) -> None:
        self.hub, self.docks, self.line = hub, tuple(docks), line

    def kill_hub(self) -> None:
        """End the hub's process within whatever it does."""
        self.hub.hub.kill()

    def kill_postgres(self) -> None:
        """End every process of PostgreSQL within whatever it does."""
        first = self.hub.postgres.pid
        for pid in (first, *_children(first)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.hub.postgres.stop(hard=True)

    # --- what Loop knows --------------------------------------------------------------------------------

    def truth(self, return_id: str) -> dict[str, Any]:
        """Return what is true of a return at Loop."""
        found: dict[str, Any] = httpx.get(
            f"{self.hub.loop}/_control/truth/{return_id}", trust_env=False
        ).json()
        return found

    def acted(self, return_id: str) -> list[str]:
        """Return the actions on the whole return that reached Loop, in order: ``process``, ``note`` …"""
        about = re.compile(rf"/return/{return_id}/(\w+)$")
        found = (about.search(path) for path in self._posts())
        return [each.group(1) for each in found if each is not None]

    def posted(self) -> int:
        """Count the actions of any kind that reached Loop."""
        return len(self._posts())

    def _posts(self) -> list[str]:
        asked = httpx.get(f"{self.hub.loop}/_control/requests", trust_env=False).json()
        return [each["path"] for each in asked if each["method"] == "POST"]


def _children(pid: int) -> list[int]:
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(each) for each in told.split()]


@contextmanager
def a_site(folder: Path, **settings: str) -> Iterator[Site]:
    """Run a site of three docks, each ready to scan.

    Args:
        settings: Of every dock, as its environment names them.
    """
    with ExitStack() as stack:
        hub = HubToTry(folder)
        url = httpx.URL(stack.enter_context(hub.running()))
        assert url.port is not None
        line = stack.enter_context(Relay(url.port))
        bus = stack.enter_context(session_bus())
        reader = ScreenReader(bus)
        stack.callback(reader.close)
        docks = []
        for number, person in enumerate(_PEOPLE, 1):
            name, profile = f"Dock {number}", folder / f"dock-{number}"
            place = stack.enter_context(display(XScreen(1280, 800)))
            dock = Dock(name, person, place, reader)
            environ = join(join_code(hub.command("bench", "add", name)), profile, person)
            environ |= {"DISPLAY": place, "QT_QPA_PLATFORM": "xcb"} | settings | told_by(bus)
            if number == len(_PEOPLE):
                environ["LOOPDESK_API_URL"] = f"https://127.0.0.1:{line.port}/api"
            stack.enter_context(dock.running(profile, environ, folder / f"dock-{number}.log"))
            docks.append(dock)
        for dock in docks:
            dock.raise_window()
            dock.until_said("Online", "Scan a label", "synced")
        yield Site(hub, docks, line)
