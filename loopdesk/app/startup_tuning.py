"""What the program leaves out and puts off while it starts, and how soon busy threads let the window have its
turn.
"""

from __future__ import annotations

import gc
import importlib
import linecache
import sys
from collections.abc import Callable
from typing import Any


def start_lean() -> None:
    """Leave out what costs time and memory at the start and serves nothing here."""
    # Nothing that is loaded before the window is painted is garbage; ``window`` switches it on again.
    gc.disable()
    _read_no_sources()
    # WORKAROUND: httpx imports its own command line, which imports click, rich and pygments where they are.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # "cannot be imported"


def _read_no_sources() -> None:
    """Keep PySide from reading the source of every module that is imported.

    WORKAROUND: it looks whether the name PySide6 stands there, for a feature (``from __feature__ import
    snake_case``) that nothing here uses. That is a third of the start and ten megabytes of text.
    """
    importlib.import_module("PySide6.QtCore")
    feature: Any = importlib.import_module("shibokensupport.feature")
    if hasattr(feature, "_mod_uses_pyside"):
        feature._mod_uses_pyside = _uses_no_feature
    linecache.clearcache()


def _uses_no_feature(_module: object) -> bool:
    return False


class Late:
    """Builds the real thing at the first use of any of its attributes, once."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._built: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._built is None:
            self._built = self._build()
        return getattr(self._built, name)


SWITCH_SECONDS = 0.0005
"""Python lets a busy thread run for five milliseconds; a scan beside a first fill waits for ten such turns.

By ``benchmarks/beside.py`` the median scan beside a fill takes half as long with half a millisecond.
"""


def take_short_turns() -> None:
    """Let threads that read and translate Loop's pages hand over to the window soon."""
    sys.setswitchinterval(SWITCH_SECONDS)
