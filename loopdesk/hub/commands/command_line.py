"""``loopdesk hub …``: arguments in, an exit code out.

Each command is a module with ``add(commands)``, which adds its parser and names what runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from loopdesk.domain.errors import LoopdeskError
from loopdesk.hub.commands import (
    audit,
    backup,
    bench,
    certificate,
    check,
    claims,
    init,
    people,
    publishing,
    returns,
    serve,
    shop,
    webhooks,
    words,
)
from loopdesk.hub.commands.speaking import Run, Voice
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.logs import failure_told
from loopdesk.hub.settings import DEFAULT_FILE

ATTENTION, STORE = 1, 5
"""Exit codes, as the other commands have them."""


def run(argv: Sequence[str], voice: Voice) -> int:
    """Run a command of the hub.

    Args:
        argv: What follows ``loopdesk hub``.
        voice: What it says goes there.

    Returns:
        The exit code.

    Raises:
        SettingsWrong: In the hub's settings file.
    """
    arguments = parser().parse_args(argv)
    command: Run = arguments.run
    try:
        return command(arguments, voice)
    except HubFailure as failure:
        voice.complain(*words.told(failure))
        return STORE if isinstance(failure, DatabaseUnusable) else ATTENTION
    except LoopdeskError:
        raise
    except Exception as failure:  # noqa: BLE001 - a trace would show what it says, such as somebody's row
        voice.complain(*words.unexpected(failure_told(failure)))
        return ATTENTION


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    made = argparse.ArgumentParser(prog="loopdesk hub", description="One hub for the benches of a warehouse.")
    made.add_argument(
        "--settings",
        metavar="FILE",
        type=Path,
        default=DEFAULT_FILE,
        help=f"the hub's settings; {DEFAULT_FILE} by default",
    )
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    every = (
        serve,
        init,
        check,
        bench,
        shop,
        publishing,
        certificate,
        claims,
        returns,
        people,
        webhooks,
        audit,
        backup,
    )
    for each in every:
        each.add(commands)
    return made
