"""``loopdesk key``: gives the API key to the system's key store of the user who runs it, or takes it away.

The key comes by standard input and never stands on a command line, where every process could read it.
"""

from __future__ import annotations

import getpass
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable

from loopdesk.bootstrap.exits import Exit
from loopdesk.bootstrap.ground import Ground
from loopdesk.domain.errors import ApiError

LONGEST_LINE = 4096


async def key_command(ground: Ground, arguments: Namespace, check: Callable[[str], Awaitable[None]]) -> int:
    """Run one of ``set``, ``check`` and ``remove``.

    Args:
        check: Asks Loop whether it takes a key.

    Raises:
        SecretsUnavailable: The key store cannot be used.
    """
    match arguments.key_command:
        case "set":
            return await _set(ground, check)
        case "check":
            return await _check(ground, check)
        case _:
            await ground.secrets.forget_key()
            _say("No key is kept for this profile any more.")
            return Exit.DONE


async def _set(ground: Ground, check: Callable[[str], Awaitable[None]]) -> int:
    """Keep the key that standard input gives, unless Loop refuses it."""
    from loopdesk.presenters.key_entry import refusal, shape_problem

    key = _read_key().strip()
    wrong = shape_problem(key)
    if wrong:
        _complain(f"{wrong} Nothing was kept.")
        return Exit.USAGE
    said = "Loop accepts the key. It is kept in this user's key store."
    try:
        await check(key)
    except ApiError as failure:
        verdict = refusal(failure)
        if not verdict.may_go_on:
            _complain(f"{verdict.sentence} Nothing was kept.")
            return Exit.ATTENTION
        said = f"The key is kept, but Loop could not be asked whether it is right: {failure.title}"
    await ground.secrets.keep_key(key)
    _say(said)
    return Exit.DONE


async def _check(ground: Ground, check: Callable[[str], Awaitable[None]]) -> int:
    """Say whether there is a key and whether Loop takes it."""
    key = await ground.secrets.key()
    if key is None:
        _complain("No key is kept for this user and profile. Give one to: loopdesk key set")
        return Exit.ATTENTION
    try:
        await check(key)
    except ApiError as failure:
        _complain(f"There is a key. {failure.title} {failure.advice}")
        return Exit.ATTENTION
    _say("There is a key, and Loop accepts it.")
    return Exit.DONE


def _read_key() -> str:
    if sys.stdin is None:
        return ""
    return getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline(LONGEST_LINE)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"loopdesk: {text}\n")
