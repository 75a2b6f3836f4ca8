"""The commands without a window: lookup, queue, sync, doctor, key. None of them imports Qt."""

from __future__ import annotations

import asyncio
import codecs
import getpass
import os
import signal
import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from loopdesk.app.commands import console
from loopdesk.app.commands.console import HOW_TO_GIVE, Exit, complain, say, say_json
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.domain.api_key import key_fault, pasted_key
from loopdesk.domain.checks import Check, Status, worst
from loopdesk.domain.errors import (
    AddressUnconfirmed,
    AlreadyRunning,
    ApiError,
    HubNotJoined,
    KeyRefused,
    KeyUnusable,
    Unreachable,
)
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import Meaning
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.i18n import catalogue
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.words import check_words, errors, hub_words, scan_words, words
from loopdesk.services.ports.store import Hit
from loopdesk.system.host.single import ProfileLock
from loopdesk.system.settings.model import KEY_VARIABLE


def run(arguments: Namespace) -> int:
    """Run one command and return its exit code.

    Raises:
        LoopdeskError: Settings, store or profile cannot be used; ``cli`` turns it into an exit code.
    """
    commands: dict[str, Callable[[Runtime, Namespace], Awaitable[int]]] = {
        "lookup": _lookup,
        "queue": _queue,
        "sync": _sync,
        "doctor": _doctor,
        "key": _key,
        "evidence": _evidence,
        "hub-join": _hub_join,
    }
    return asyncio.run(_on_ground(commands[arguments.command], arguments))


async def _on_ground(command: Callable[[Runtime, Namespace], Awaitable[int]], arguments: Namespace) -> int:
    options = Options.of(arguments)
    profile = open_profile(options, os.environ)
    lock = ProfileLock(profile)
    works = arguments.command in ("sync", "hub-join")
    is_ours = _took(lock, or_fails=works)
    try:
        environ = os.environ
        if arguments.command in ("key", "hub-join"):  # only about the key store, whatever this run was given
            environ.pop(KEY_VARIABLE, None)
        is_for_people = not getattr(arguments, "json", False)
        speak = console.speak if is_for_people else None
        if not is_for_people:
            catalogue.use(None)  # what programs read never changes with the language
        runtime = await open_runtime(profile, options, environ, is_ours=is_ours, speak=speak)
        try:
            if not works:
                lock.release()  # it was needed to open the store; a window may be started now
            return await command(runtime, arguments)
        finally:
            await runtime.close()
    finally:
        lock.release()


def _took(lock: ProfileLock, *, or_fails: bool) -> bool:
    """Take the profile's lock if it is free. Raises ``AlreadyRunning`` for a command that needs it."""
    try:
        lock.acquire()
    except AlreadyRunning:
        if or_fails:
            raise
        return False
    return True


# --- evidence ---------------------------------------------------------------------------------------


async def _evidence(runtime: Runtime, arguments: Namespace) -> int:
    """Write the evidence sheet of a return; the one command that needs Qt, and no screen."""
    from loopdesk.app.evidence import sheet_of, write_sheet
    from loopdesk.app.program import Program
    from loopdesk.app.sharing import vocabularies_of

    program = Program(runtime, _complain, is_command=True)
    try:
        found = await sheet_of(
            runtime,
            arguments.return_id,
            vocabularies=await vocabularies_of(runtime),
            zone=program.zone,
            station=program.station().station,
        )
    finally:
        await program.close_client()
    if found is None:
        complain(_("This station knows no return {id}.", id=arguments.return_id))
        return Exit.ATTENTION
    try:
        write_sheet(Path(arguments.out), found)
    except OSError as failure:
        complain(str(failure))
        return Exit.ATTENTION
    say(str(arguments.out))
    return Exit.DONE


# --- lookup -----------------------------------------------------------------------------------------


async def _lookup(runtime: Runtime, arguments: Namespace) -> int:
    """Print what codes resolve to: from the store, then from Loop unless ``--offline``."""
    program = None
    if not arguments.offline:
        from loopdesk.app.program import Program

        program = Program(runtime, _complain, is_command=True)
        if not await program.load_key():
            complain(_no_key(program), "  " + _("Loop was not asked."))
            program = None
    try:
        out = [await _resolve(runtime, program, code) for code in arguments.codes]
    finally:
        if program is not None:
            await program.close_client()
    if arguments.json:
        say_json([record for record, _trouble in out])
    else:
        for record, trouble in out:
            say(*_as_text(record), *([f"  {trouble}"] if trouble else []))
    return Exit.DONE if all(record["candidates"] for record, _trouble in out) else Exit.ATTENTION


async def _resolve(runtime: Runtime, program: Any, code: str) -> tuple[dict[str, Any], str]:
    """Resolve one code. Returns the record and, in words, why Loop could not be asked."""
    known = runtime.command_codes().recognize(code)
    if known is not None:
        return _record(known.masked, Meaning(known.masked), (), rule=_("command code")), ""
    prefixes = runtime.settings.scanner.order_prefixes
    meaning = classify(code, order_prefixes=prefixes)
    hits = await runtime.store.returns.find(meaning.candidates) if meaning.candidates else ()
    trouble = ""
    if not hits and program is not None and meaning.candidates and not meaning.hint:
        try:
            hits = (await program.parts.lookup.ask_loop(meaning.candidates)).hits
        except ApiError as failure:
            trouble = errors.told(failure)
            complain(f"{code}: {errors.title(failure)}")
    return _record(code, meaning, hits), trouble


def _record(code: str, meaning: Meaning, hits: Sequence[Hit], rule: str = "") -> dict[str, Any]:
    likely = () if meaning.hint else meaning.candidates
    first = hits[0].candidate if hits else (likely[0] if likely else None)
    return {
        "code": code,
        "rule": rule or (scan_words.rule(first.rule) if first is not None else ""),
        "hint": (scan_words.hint(meaning.hint) or None) if not hits else None,
        "candidates": [
            {"return_id": hit.return_id, "order_name": hit.order_name, "state": hit.state.value}
            for hit in hits
        ],
    }


def _as_text(record: dict[str, Any]) -> list[str]:
    known = record["rule"] or record["hint"] or _("nothing known")
    head = f"{record['code']}: {known}"
    rows = [
        f"  {x['order_name']}  RMA {x['return_id']}  {words.state(ReturnState(x['state']))}"
        for x in record["candidates"]
    ]
    if not rows:
        said = record["hint"] if record["hint"] and record["rule"] else _("no return found")
        rows = [f"  {said}"]
    return [head, *rows]


# --- queue ------------------------------------------------------------------------------------------


async def _queue(runtime: Runtime, arguments: Namespace) -> int:
    """Print the outbox; the exit code says whether something needs a person."""
    stage = Stage(arguments.stage) if arguments.stage else None
    entries = await runtime.store.outbox.entries(stage, None)
    if arguments.json:
        say_json([_entry(entry) for entry in entries])
    else:
        for entry in entries:
            why = f"  {words.failure(entry.cause)}" if entry.cause else ""
            say(f"{entry.stage.value:10} {entry.kind.value:8} {entry.order_name:12} {entry.return_id}{why}")
        if not entries:
            say(_("The queue is empty."))
    return Exit.ATTENTION if any(entry.stage is Stage.PARKED for entry in entries) else Exit.DONE


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "entry_id": entry.entry_id,
        "return_id": entry.return_id,
        "kind": entry.kind.value,
        "stage": entry.stage.value,
        "attempts": entry.tries,
        "decided_at": entry.decided_at.isoformat(),
        "due_at": _iso(entry.due_at),
        "last_error": entry.cause.code or None,
        "last_error_value": entry.cause.value or None,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


# --- sync -------------------------------------------------------------------------------------------


async def _sync(runtime: Runtime, arguments: Namespace) -> int:
    """Bring the store up to date and drain the queue; ``--once`` ends when nothing more can move."""
    from loopdesk.app.program import Program
    from loopdesk.app.runtime import findings

    sentence, detail = findings(runtime.store.database.report)
    if sentence:
        complain(sentence, *([f"  {detail}"] if detail else []))
    program = Program(runtime, _complain, is_command=True)
    await program.load_key()
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        with suppress(NotImplementedError):  # Windows ends by the console's own event
            loop.add_signal_handler(getattr(signal, name), stopped.set)
    try:
        if arguments.once:
            ended_well = await _work_until(stopped, program)
            await _tell_left(runtime, program)
            return Exit.DONE if ended_well else Exit.ATTENTION
        await program.start()
        await stopped.wait()
        return Exit.DONE
    finally:
        await program.stop()


async def _work_until(stopped: asyncio.Event, program: Any) -> bool:
    """Work once, or until a signal: then what is being sent is finished, and the rest stays."""
    me = asyncio.current_task()
    assert me is not None

    async def end() -> None:
        await stopped.wait()
        me.cancel()

    program.parts.tasks.spawn(end(), name="signal")
    try:
        return bool(await program.work_once())
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
        me.uncancel()
        return False


async def _tell_left(runtime: Runtime, program: Any) -> None:
    """Report on standard error why Loop was not reached, a wrong clock, and the rest in the queue."""
    from loopdesk.system.doctor import check_clock

    state = program.parts.connection.state
    said = _link_words(program.parts.connection.link.value, state.trouble)
    if program.sync_problem is not None:
        said = errors.told(program.sync_problem)
    if not program.key_fingerprint:
        said = _no_key(program)
    counts, photos = await runtime.store.outbox.counts(), await runtime.store.photo_queue.counts()
    if program.parts.uploads.trouble is not None:
        complain(errors.found(program.parts.uploads.trouble))
    left = [
        _(text, n=number)
        for number, text in (
            (counts.kept, N_("{n} kept")),
            (counts.sent, N_("{n} sent and not confirmed")),
            (counts.attention, N_("{n} in Attention")),
            (photos.waiting if program.photos.public() is not None else 0, N_("{n} photos to be stored")),
        )
        if number
    ]
    clock = check_clock(runtime.clock.skew_seconds)
    if clock.status is not Status.OK and runtime.clock.skew_seconds is not None:
        found = _("This computer's clock: {found}.", found=check_words.found(clock))
        complain(f"{found} {check_words.advice(clock)}")
    if said:
        complain(said)
    if left:
        complain(_("left in the queue: {what}.", what=", ".join(left)))


def _no_key(program: Any) -> str:
    """Say why there is no key, and what to do."""
    match program.key_problem:
        case None:
            return _(
                "No API key is kept for this user, profile and address. Give one to: {command}", command=SET
            )
        case KeyUnusable() | AddressUnconfirmed() as failure:
            return errors.told(failure)
        case failure:
            unlock = _("Unlock it, or give the API key as {variable}.", variable=KEY_VARIABLE)
            return f"{errors.title(failure)} {unlock}"


def _link_words(link: str, trouble: str = "") -> str:
    """Say why Loop cannot be asked, "" if it can. For ``trouble`` see ``ConnectionState``."""
    match link:
        case "offline" | "key_refused" if trouble in hub_words.WORDS:
            return " ".join(_(text) for text in hub_words.WORDS[trouble])
        case "offline":
            return errors.told(Unreachable)
        case "login_page":
            page = _("A login page answers in its place. Sign in to the network.")
            return f"{errors.title(Unreachable)} {page}"
        case "key_refused":
            return errors.told(KeyRefused)
        case "locked":
            return _(
                "The queue was made with another key or for another address. Say in Settings whether it is "
                "the same shop."
            )
        case _:
            return ""


# --- key --------------------------------------------------------------------------------------------


async def _key(runtime: Runtime, arguments: Namespace) -> int:
    """Store, check or remove the API key."""
    from loopdesk.app.program import Program

    if getattr(arguments, "photos", False):
        return await _photo_secret(runtime, arguments)
    program = Program(runtime, _complain, is_command=True)
    try:
        return await key_command(runtime, arguments, program.check_key)
    finally:
        await program.close_client()


async def _hub_join(runtime: Runtime, arguments: Namespace) -> int:
    """Join this bench to a hub, by a code that is given as an argument or on standard input."""
    from loopdesk.app.joining import joining_of
    from loopdesk.app.program import Program
    from loopdesk.presenters.words import hub_words

    program = Program(runtime, _complain, is_command=True)
    try:
        await program.load_key()
        joined, is_stored = await joining_of(program).join(arguments.code or _read_key())
    except HubNotJoined as failure:
        complain(errors.told(failure))
        return Exit.ATTENTION
    finally:
        await program.close_client()
    say(" ".join(map(str, hub_words.joined(joined, is_stored=is_stored))))
    return Exit.DONE if is_stored else Exit.ATTENTION


async def _photo_secret(runtime: Runtime, arguments: Namespace) -> int:
    """Store or remove what allows storing photos; whether it fits is seen when the first photo goes."""
    secret, place = runtime.evidence_secret, runtime.settings.evidence.url
    if not place:
        complain(_("No place for photos is set. Set evidence.kind and evidence.url first."))
        return Exit.USAGE
    match arguments.key_command:
        case "set":
            text = _read_key()
            if key_fault(text) is not None:
                complain(_("That is no secret: it is one line without spaces. Nothing was kept."))
                return Exit.USAGE
            await secret.keep_key(text)
            say(_("It is kept in this user's key store, for {address} alone.", address=place))
        case "remove":
            await secret.forget_key()
            say(_("Nothing is kept for this profile and {address} any more.", address=place))
        case _:
            is_kept = await secret.key() is not None
            say(_("There is one for {address}.", address=place) if is_kept else _("There is none."))
            return Exit.DONE if is_kept else Exit.ATTENTION
    return Exit.DONE


def _complain(where: str, failure: BaseException) -> None:
    complain(f"{where}: {type(failure).__name__}")


# --- doctor -----------------------------------------------------------------------------------------


async def _doctor(runtime: Runtime, arguments: Namespace) -> int:
    """Check this station and say what to do about each problem."""
    from loopdesk.app.examination import examine
    from loopdesk.app.program import Program

    program = Program(runtime, _complain, is_command=True)
    await program.load_key()
    try:
        checks = await examine(program)
    finally:
        await program.close_client()
    if arguments.bundle and not await _bundle(runtime, checks, arguments.bundle):
        return Exit.USAGE
    if arguments.json:
        say_json([check_words.record(check) for check in checks])
    else:
        for check in checks:
            say(f"{check_words.status(check):8} {check_words.name(check)}: {check_words.found(check)}")
            if advice := check_words.advice(check):
                say(f"         {advice}")
    return Exit.ATTENTION if worst(checks) is Status.FAILED else Exit.DONE


async def _bundle(runtime: Runtime, checks: Sequence[Check], file: str) -> bool:
    """Write the support bundle. False if it cannot be written there."""
    from loopdesk.app.commands.bundle import write_bundle

    try:
        await write_bundle(runtime, checks, Path(file))
    except OSError as failure:
        complain(_("{file} cannot be written ({error}).", file=file, error=failure.strerror))
        return False
    return True


# --- the key ----------------------------------------------------------------------------------------

LONGEST_INPUT = 4096
SET = "loopdesk key set"


async def key_command(runtime: Runtime, arguments: Namespace, check: Callable[[str], Awaitable[None]]) -> int:
    """Run one of ``set``, ``check`` and ``remove``.

    Args:
        check: Asks Loop whether it accepts a key.

    Raises:
        SecretsUnavailable: The key store cannot be used.
    """
    match arguments.key_command:
        case "set":
            return await _set(runtime, check)
        case "check":
            return await _check(runtime, check)
        case _:
            return await _remove(runtime)


async def _set(runtime: Runtime, check: Callable[[str], Awaitable[None]]) -> int:
    """Store the key from standard input, unless Loop refuses it."""
    from loopdesk.presenters.pages.key_entry import refusal, shape_problem

    text = _read_key()
    wrong = shape_problem(text)
    if wrong:
        complain(_("{why} Nothing was kept.", why=wrong), *map(_, HOW_TO_GIVE))
        return Exit.USAGE
    key = pasted_key(text)
    said = _("Loop accepts the key. It is kept in this user's key store.")
    try:
        await check(key)
    except ApiError as failure:
        verdict = refusal(failure)
        if not verdict.may_go_on:
            complain(_("{why} Nothing was kept.", why=verdict.sentence))
            return Exit.ATTENTION
        said = _(
            "The key is kept, but Loop could not be asked whether it is right: {failure}",
            failure=errors.title(failure),
        )
    await runtime.secrets.keep_key(key)
    say(said)
    return Exit.DONE


async def _check(runtime: Runtime, check: Callable[[str], Awaitable[None]]) -> int:
    """Say whether there is a key and whether Loop accepts it."""
    key = await runtime.secrets.key()
    if key is None:
        complain(_("No key is kept for this user and profile. Give one to: {command}", command=SET))
        return Exit.ATTENTION
    try:
        await check(key)
    except ApiError as failure:
        complain(_("There is a key. {why}", why=errors.told(failure)))
        return Exit.ATTENTION
    say(_("There is a key, and Loop accepts it."))
    return Exit.DONE


async def _remove(runtime: Runtime) -> int:
    """Remove the key of the current address, and list the addresses whose keys remain."""
    address = runtime.settings.api.url
    await runtime.secrets.forget_key()
    say(_("No key is kept for this profile and {address} any more.", address=address))
    for other in runtime.secrets.other_addresses():
        remove = f"loopdesk key remove --api-url {other}"
        say(_("A key for {address} is still kept. To remove it: {command}", address=other, command=remove))
    return Exit.DONE


def _read_key() -> str:
    """Read standard input in whatever encoding a shell or an editor wrote it."""
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        return getpass.getpass(_("API key: "))
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
