"""Detects what a test left behind by mistake: threads, widgets, timers, hooks, log records."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
import time
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

PATIENCE_SECONDS = 5.0
"""How long things that are stopping may take."""

TURNS = 10
"""Loop iterations in which things that are stopping may finish: asyncio closes abandoned generators in a
task."""

HEARD = ("loopdesk", "asyncio")
"""The loggers whose warnings and errors a test has to expect."""


_TIMERS: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
"""The living timers that Python made, by their identity: a subclass may be unhashable."""


def register_timers() -> None:
    """Have each QTimer that Python makes from now on register itself; subclasses inherit it."""
    construct = QTimer.__init__

    def register(self: QTimer, *args: Any, **kwargs: Any) -> None:
        construct(self, *args, **kwargs)
        _TIMERS[id(self)] = self

    setattr(QTimer, "__init__", register)  # noqa: B010 - mypy refuses the assignment


@dataclass(frozen=True, slots=True)
class Before:
    """A snapshot from before a test; whatever is there only afterwards was left behind."""

    threads: frozenset[int] = frozenset()
    widgets: frozenset[int] = frozenset()
    timers: frozenset[int] = frozenset()
    hooks: tuple[Any, ...] = ()


def look() -> Before:
    """Take a snapshot."""
    return Before(
        threads=frozenset(thread.ident or 0 for thread in threading.enumerate()),
        widgets=frozenset(_addresses(_top_widgets())),
        timers=frozenset(_addresses(_running_timers())),
        hooks=_hooks(),
    )


def left_since(before: Before) -> list[str]:
    """Name what was left behind since; waits a little for things that are stopping."""
    _delete_what_waits()
    found = _new_qt(before)
    if found:
        gc.collect()
        _delete_what_waits()
        found = _new_qt(before)
    if _hooks() != before.hooks:
        found.append("the interpreter's exception hooks")
    return found + _new_threads(before)


async def tasks_left() -> list[str]:
    """Name the tasks besides the current one that still run after a few loop iterations."""
    mine = asyncio.current_task()
    for _ in range(TURNS):
        if asyncio.all_tasks() == {mine}:
            break
        await asyncio.sleep(0)
    left = (task for task in asyncio.all_tasks() if task is not mine)
    return [f"the task {task.get_name()!r}, {task.get_coro()!r}" for task in left]


# --- threads and hooks ------------------------------------------------------------------------------


def _new_threads(before: Before) -> list[str]:
    """Name the threads that do not end; Qt's own are known to Python as dummies that never go away."""
    end = time.monotonic() + PATIENCE_SECONDS
    left = [
        thread
        for thread in threading.enumerate()
        if thread.ident not in before.threads and not isinstance(thread, threading._DummyThread)
    ]
    for thread in left:
        thread.join(max(0.0, end - time.monotonic()))
    return [f"the thread {thread.name!r}" for thread in left if thread.is_alive()]


def _hooks() -> tuple[Any, ...]:
    return (sys.excepthook, threading.excepthook, sys.unraisablehook)


# --- Qt -----------------------------------------------------------------------------------------------


def _addresses(things: Sequence[Any]) -> list[int]:
    return [shiboken6.getCppPointer(thing)[0] for thing in things if shiboken6.isValid(thing)]


def _top_widgets() -> list[QWidget]:
    return QApplication.topLevelWidgets() if QApplication.instance() is not None else []


def _running_timers() -> list[QTimer]:
    """Return the timers that run: those that the application owns, and those that Python made."""
    app = QApplication.instance()
    owned = app.findChildren(QTimer) if app is not None else []
    return [timer for timer in (*owned, *_TIMERS.values()) if shiboken6.isValid(timer) and timer.isActive()]


def _delete_what_waits() -> None:
    """Let Qt delete what was told to be deleted later."""
    if QApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def _new_qt(before: Before) -> list[str]:
    windows = [x for x in _top_widgets() if _addresses([x])[0] not in before.widgets]
    timers = [x for x in _running_timers() if _addresses([x])[0] not in before.timers]
    found = [f"the window {type(x).__name__} {x.windowTitle()!r}" for x in windows]
    found += [f"a running timer of {type(x.parent()).__name__}, every {x.interval()} ms" for x in timers]
    return found


# --- log records ------------------------------------------------------------------------------------


@dataclass
class Listener(logging.Handler):
    """Hears what the program says at WARNING or above."""

    records: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Become a handler."""
        logging.Handler.__init__(self, logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record in one line."""
        self.records.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    def __enter__(self) -> Listener:
        for name in HEARD:
            logging.getLogger(name).addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        for name in HEARD:
            logging.getLogger(name).removeHandler(self)

    __hash__ = object.__hash__
