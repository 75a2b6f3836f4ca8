"""What stands on a window's screen, as a screen reader is told it: AT-SPI over D-Bus.

On a session bus of its own the bus of accessibility starts by itself when the first window asks for it.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_ACCESSIBLE: Final = "org.a11y.atspi.Accessible"
_ROOT: Final = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
_SHOWING: Final = 1 << 25
_SECONDS: Final = 60

Place = tuple[str, str]
"""Of one object: the name of its program on the bus, and its path there."""


class Gone(Exception):
    """The object that was asked is not there any more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing on a screen.

    Attributes:
        role: What it is: ``label``, ``push button``, ``panel`` …
        name: What a screen reader calls it.
    """

    role: str
    name: str


@contextmanager
def session_bus() -> Iterator[str]:
    """Run a session bus; gives its address."""
    command = ("dbus-daemon", "--session", "--nofork", "--print-address")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        assert bus.stdout is not None
        try:
            yield bus.stdout.readline().strip()
        finally:
            bus.send_signal(signal.SIGTERM)


class ScreenReader:
    """Reads the screens of all programs on one session bus.

    Args:
        session: The address of the bus.
    """

    def __init__(self, session: str) -> None:
        with open_dbus_connection(session) as asked:
            place = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            (address,) = _answered(asked, new_method_call(place, "GetAddress"))
        self._bus = open_dbus_connection(address)
        # Whoever calls the registry first starts it. What comes while it starts may stay unknown to it:
        # it has to be there before the first window.
        self._call(_ROOT, "GetChildren")

    def close(self) -> None:
        """Leave the bus."""
        self._bus.close()

    def program(self, pid: int) -> Place | None:
        """Return where the program of a process is; None while it has not come."""
        for name, path in self._call(_ROOT, "GetChildren")[0]:
            try:
                if self._pid(name) == pid:
                    return (name, path)
            except Gone:
                continue
        return None

    def seen(self, place: Place) -> list[Shown]:
        """Return all that is on the screen there, from the outside in and from the top down.

        What goes away meanwhile is left out.
        """
        return list(self._walk(place, depth=0))

    def _walk(self, place: Place, depth: int) -> Iterator[Shown]:
        try:
            state = self._call(place, "GetState")[0][0]
            if depth > 1 and not state & _SHOWING:
                return
            yield Shown(self._call(place, "GetRoleName")[0], self._name(place))
            below = self._call(place, "GetChildren")[0]
        except Gone:
            return
        for name, path in below:
            yield from self._walk((name, path), depth + 1)

    def _name(self, place: Place) -> str:
        asked = Properties(DBusAddress(place[1], place[0], _ACCESSIBLE)).get("Name")
        return str(_answered(self._bus, asked)[0][1])

    def _pid(self, name: str) -> int:
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        asked = new_method_call(bus, "GetConnectionUnixProcessID", "s", (name,))
        return int(_answered(self._bus, asked)[0])

    def _call(self, place: Place, method: str) -> Any:
        return _answered(self._bus, new_method_call(DBusAddress(place[1], place[0], _ACCESSIBLE), method))


def _answered(bus: DBusConnection, message: Any) -> Any:
    reply = bus.send_and_get_reply(message, timeout=_SECONDS)
    if reply.header.message_type is MessageType.error:
        raise Gone(str(reply.body))
    return reply.body


def told_by(session: str) -> dict[str, str]:
    """Return what the environment of a program needs whose screen is to be read on a bus."""
    return {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "DBUS_SESSION_BUS_ADDRESS": session}
