"""``loopdesk key``: stores the API key in the key store of the user who runs it, or removes it.

The key is read from standard input and never appears on a command line, where every process could read it.
"""

from __future__ import annotations

import codecs
import getpass
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable

from loopdesk.app.commands.console import Exit, complain, say
from loopdesk.app.commands.key_help import HOW_TO_GIVE
from loopdesk.app.runtime import Runtime
from loopdesk.domain.api_key import pasted_key
from loopdesk.domain.errors import ApiError
from loopdesk.presenters.words import errors

LONGEST_INPUT = 4096


async def key_command(ground: Runtime, arguments: Namespace, check: Callable[[str], Awaitable[None]]) -> int:
    """Run one of ``set``, ``check`` and ``remove``.

    Args:
        check: Asks Loop whether it accepts a key.

    Raises:
        SecretsUnavailable: The key store cannot be used.
    """
    match arguments.key_command:
        case "set":
            return await _set(ground, check)
        case "check":
            return await _check(ground, check)
        case _:
            return await _remove(ground)


async def _set(ground: Runtime, check: Callable[[str], Awaitable[None]]) -> int:
    """Store the key from standard input, unless Loop refuses it."""
    from loopdesk.presenters.pages.key_entry import refusal, shape_problem

    text = _read_key()
    wrong = shape_problem(text)
    if wrong:
        complain(f"{wrong} Nothing was kept.", *HOW_TO_GIVE)
        return Exit.USAGE
    key = pasted_key(text)
    said = "Loop accepts the key. It is kept in this user's key store."
    try:
        await check(key)
    except ApiError as failure:
        verdict = refusal(failure)
        if not verdict.may_go_on:
            complain(f"{verdict.sentence} Nothing was kept.")
            return Exit.ATTENTION
        said = f"The key is kept, but Loop could not be asked whether it is right: {errors.title(failure)}"
    await ground.secrets.keep_key(key)
    say(said)
    return Exit.DONE


async def _check(ground: Runtime, check: Callable[[str], Awaitable[None]]) -> int:
    """Say whether there is a key and whether Loop accepts it."""
    key = await ground.secrets.key()
    if key is None:
        complain("No key is kept for this user and profile. Give one to: loopdesk key set")
        return Exit.ATTENTION
    try:
        await check(key)
    except ApiError as failure:
        complain(f"There is a key. {errors.told(failure)}")
        return Exit.ATTENTION
    say("There is a key, and Loop accepts it.")
    return Exit.DONE


async def _remove(ground: Runtime) -> int:
    """Remove the key of the current address, and list the addresses whose keys remain."""
    address = ground.loaded.settings.api.url
    await ground.secrets.forget_key()
    say(f"No key is kept for this profile and {address} any more.")
    for other in ground.secrets.other_addresses():
        say(f"A key for {other} is still kept. To remove it: loopdesk key remove --api-url {other}")
    return Exit.DONE


def _read_key() -> str:
    """Read standard input in whatever encoding a shell or an editor wrote it."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        return getpass.getpass("API key: ")
    raw = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read(LONGEST_INPUT) if raw is None else decoded(raw.read(LONGEST_INPUT))


def decoded(data: bytes) -> str:
    """Decode a few lines of UTF-8 or UTF-16, with or without a byte order mark; else Latin-1."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\x00" in data:  # ASCII letters in UTF-16 have a zero in every second byte
        return data.decode("utf-16-be" if data.startswith(b"\x00") else "utf-16-le", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
