"""What the program skips or defers at startup, and how soon busy threads yield to the window."""

from __future__ import annotations

import gc
import importlib
import linecache
import sys
from collections.abc import Callable
from typing import Any


def tune_startup() -> None:
    """Skip what costs time and memory at startup and is useless here."""
    # Nothing that is loaded before the window is painted is garbage; ``gui`` enables the collector again.
    gc.disable()
    _read_no_sources()
    # WORKAROUND: httpx imports its own command line, which imports click, rich and pygments if installed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # "cannot be imported"


def _read_no_sources() -> None:
    """Keep PySide from reading the source of every imported module.

    WORKAROUND: it searches for the name PySide6, for a feature (``from __feature__ import snake_case``) that
    is not used here. That takes a third of the startup and ten megabytes of text.
    """
    importlib.import_module("PySide6.QtCore")
    feature: Any = importlib.import_module("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _uses_no_feature
    linecache.clearcache()


def _uses_no_feature(_module: object) -> bool:
    return False


class LazyPart:
    """Builds the real object on the first use of any attribute, once."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._built: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._built is None:
            self._built = self._build()
        return getattr(self._built, name)


SWITCH_SECONDS = 0.0005
"""Python lets a busy thread run for five milliseconds; a scan during a first fill waits for ten such slices.

In ``benchmarks/beside.py`` the median scan during a fill takes half as long with half a millisecond.
"""


def shorten_thread_turns() -> None:
    """Make threads that read and translate Loop's pages yield to the window soon."""
    sys.setswitchinterval(SWITCH_SECONDS)
