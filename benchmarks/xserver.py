"""A real X server without a screen (Xvfb): Qt draws there by its xcb plug-in, as on a Linux bench."""

from __future__ import annotations

import ctypes
import mmap
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import CannotRun

SCREEN = "1280x800x24"
"""A bench's screen: width, height, bits a pixel."""

LOOK_SECONDS = 0.0005
QUIET_SECONDS = 0.15
"""A picture is finished when no pixel has changed for so long."""


_C = ctypes.CDLL(None)
_C.memcmp.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t)


@dataclass(frozen=True, slots=True)
class XServer:
    """A running server.

    Attributes:
        environ: What makes Qt draw on it.
        frame: Its framebuffer, as its pixels are now.
    """

    environ: dict[str, str]
    frame: mmap.mmap

    def last_change(self, is_over: Callable[[], bool]) -> float:
        """Watch the pixels until something is over and the picture rests after it.

        Returns:
            When the last pixel changed, by ``time.perf_counter``, which all processes share.
        """
        size = len(self.frame)
        pixels = ctypes.addressof(ctypes.c_char.from_buffer(self.frame))
        seen, changed = ctypes.create_string_buffer(self.frame[:], size), time.perf_counter()
        while not is_over() or time.perf_counter() - changed < QUIET_SECONDS:
            now = time.perf_counter()
            if _C.memcmp(pixels, seen, size):  # copies nothing while nothing changes
                ctypes.memmove(seen, pixels, size)
                changed = now
            time.sleep(LOOK_SECONDS)
        return changed


@contextmanager
def x_server() -> Iterator[XServer]:
    """Run an X server on a display that is free.

    Raises:
        CannotRun: Xvfb is not installed, or did not start.
    """
    if shutil.which("Xvfb") is None:
        raise CannotRun("Xvfb is missing: install the package xvfb (Fedora: xorg-x11-server-Xvfb)")
    with tempfile.TemporaryDirectory(prefix="loopdesk-bench-x-") as folder:
        reading, writing = os.pipe()
        command = ("Xvfb", "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp")
        # Without -noreset it begins again when its last client leaves, and refuses the next one meanwhile.
        process = subprocess.Popen(
            (*command, "-noreset", "-fbdir", folder), pass_fds=(writing,), stderr=subprocess.DEVNULL
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                number = told.readline().strip()  # empty when it ended instead
            if not number:
                raise CannotRun(f"Xvfb ended with {process.wait()}")
            with (
                (Path(folder) / "Xvfb_screen0").open("r+b") as file,
                mmap.mmap(file.fileno(), 0) as frame,
            ):
                yield XServer({"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}, frame)
        finally:
            process.terminate()
            process.wait()
