"""How the hub's commands speak: through what the command line gives them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeAlias

from loopdesk.hub.failures import HubFailure

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""To what a command adds its parser."""


class Complain(Protocol):
    """Prints lines on standard error; the first names the program."""

    def __call__(self, *lines: str) -> None:
        """Print them."""


class Voice(NamedTuple):
    """Where a command's words go.

    Attributes:
        say: Prints lines on standard output, at once.
        complain: Prints lines on standard error.
    """

    say: Complain
    complain: Complain


def who_says(by: str) -> str:
    """Return who is named by ``--by``.

    Raises:
        HubFailure: Nobody is.
    """
    name = by.strip()
    if not name or not name.isprintable():
        raise HubFailure(why="name_missing")
    return name


Run: TypeAlias = Callable[[argparse.Namespace, Voice], int]
"""What runs a command, and returns the exit code."""
