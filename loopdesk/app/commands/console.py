"""What the commands print, whatever outputs they were given, and what their exit codes mean.

Order names, notes and codes are other people's text: a terminal would act on the control signs in them. And
an output may know few signs, be closed, or be on a full disk. None of that ends a command half way: what
could not be printed is said at the end, and the exit code says it too.
"""

from __future__ import annotations

import io
import os
import re
import sys
from contextlib import suppress
from enum import IntEnum
from typing import TextIO
from unicodedata import category

from loopdesk.i18n import catalogue
from loopdesk.i18n.catalogue import N_, _


class Exit(IntEnum):
    """Why the program ended."""

    DONE = 0
    ATTENTION = 1
    USAGE = 2
    ALREADY_RUNNING = 3
    SETTINGS = 4
    STORE = 5


_ACTING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories of what a terminal interprets, what hides or reorders text, and lone surrogates."""

_HARMLESS = re.compile(r"[ -~]*")

_lost: list[OSError] = []
"""The failures of outputs in this run; the first is reported."""


def prepare() -> None:
    """Prepare both outputs for any text. Called once, before anything is printed or opened.

    A closed stream's file descriptor is redirected to null: otherwise the next file opened, maybe the store,
    would get it.
    """
    _lost.clear()
    if os.name == "posix":
        for number in range(3):
            try:
                os.fstat(number)
            except OSError:
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def speak(wanted: str) -> None:
    """Speak a language from now on.

    One that only the computer is set to does not change what IT reads.

    Args:
        wanted: The setting ``language``.
    """
    from loopdesk.i18n.languages import catalogue_of, chosen_language
    from loopdesk.system.host.paths import resources_dir

    locales = resources_dir() / "locales"
    with suppress(OSError):  # a damaged file costs a language and not the command
        catalogue.use(catalogue_of(chosen_language(wanted, (), locales), locales))


def say(*lines: str, at_once: bool = False) -> None:
    """Print lines on standard output; ``at_once`` flushes, for what somebody waits to read."""
    _write(sys.stdout, "".join(f"{visible(line)}\n" for line in lines), at_once=at_once)


def complain(*lines: str) -> None:
    """Print lines on standard error; the first names the program."""
    first, *more = lines
    _write(sys.stderr, "".join(f"{visible(line)}\n" for line in (f"loopdesk: {first}", *more)))


def say_json(value: object) -> None:
    """Print one JSON document; characters that the output lacks, or that would be interpreted, are
    escaped.
    """
    import json  # imported late: most commands print none, and the window nothing

    text = json.dumps(value, ensure_ascii=not _knows_all(sys.stdout), indent=2)
    _write(sys.stdout, "".join(x if x == "\n" or not _acts(x) else json.dumps(x)[1:-1] for x in text) + "\n")


def visible(text: str) -> str:
    """Return one harmless line: control characters and line ends are escaped as in Python."""
    if _HARMLESS.fullmatch(text):
        return text
    return "".join(x.encode("unicode_escape").decode() if _acts(x) else x for x in text)


def finish(code: int) -> int:
    """Flush both outputs before the program ends.

    Returns:
        The exit code: the command's own, or "needs attention" if its output was lost. A reader that went
            away, as ``head`` does, has what it wanted.
    """
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            try:
                stream.flush()
            except OSError as failure:
                _lost.append(failure)
                _drop(stream)
    if not _lost or isinstance(_lost[0], BrokenPipeError):
        return code
    complain(_("The output could not be written ({error}).", error=_lost[0].strerror))
    return code or Exit.ATTENTION


def _acts(sign: str) -> bool:
    return category(sign) in _ACTING


def _knows_all(stream: TextIO | None) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").casefold().replace("_", "-") in ("utf-8", "utf8")


def _write(stream: TextIO | None, text: str, *, at_once: bool = False) -> None:
    if stream is None:  # it was closed before the program began
        _lost.append(OSError(0, _("it is closed")))
        return
    try:
        stream.write(text)
        if at_once:
            stream.flush()
    except OSError as failure:
        _lost.append(failure)
        _drop(stream)


def _drop(stream: TextIO) -> None:
    """Discard the rest of a stream, so that the interpreter's shutdown does not fail on it."""
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)
    except OSError:  # it has no descriptor, or there is no null device: then nothing is left in it either
        return


HOW_TO_GIVE = (
    "  Linux, macOS:  loopdesk key set < key.txt",
    "  PowerShell:    Get-Content -Raw key.txt | loopdesk-cli key set",
    N_("  or run it without either, and paste the key when it asks for it."),
)
"""What to type; the help of the parser shows it in English."""
