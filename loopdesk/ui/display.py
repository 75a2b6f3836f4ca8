"""Whether there is a display. Without one, Qt itself ends the process with a core dump."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from loopdesk.domain.errors import NoDisplay

_ON_A_DISPLAY = ("xcb", "wayland")
"""Prefixes of the names of Qt's platforms that need one; without a name Qt takes one of them."""


def require_display(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> None:
    """Check for a display where one may be missing.

    Raises:
        NoDisplay: The window cannot be shown.
    """
    environ = os.environ if environ is None else environ
    wanted = environ.get("QT_QPA_PLATFORM", "").split(";")[0].split(":")[0]
    needs_none = bool(wanted) and not wanted.startswith(_ON_A_DISPLAY)
    if platform != "linux" or needs_none or _has_wayland(environ):
        return
    display = environ.get("DISPLAY", "")
    if not display:
        raise NoDisplay(why="unset")
    if not _answers(display):
        raise NoDisplay(why="silent", display=display)


def _has_wayland(environ: Mapping[str, str]) -> bool:
    name = environ.get("WAYLAND_DISPLAY", "")
    return bool(name) and (Path(environ.get("XDG_RUNTIME_DIR", "")) / name).exists()


def _answers(display: str) -> bool:
    """Connect to an X server and disconnect; without its library, leave it to Qt to say what is missing."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not failed
