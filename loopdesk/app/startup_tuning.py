"""What the program does without while it starts. Called before Qt and the services are imported."""

from __future__ import annotations

import gc
import importlib
import linecache
import sys
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
