"""The API key is in the key store and on the wire, and in no log, file, text or child of the program."""

from __future__ import annotations

import base64
import gc
import hashlib
import logging
import pprint
import traceback
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.domain.errors import ApiError
from loopdesk.domain.outbox.stages import Stage
from loopdesk.services.ports.loop import Priority
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.samples import SAMPLES, practice_loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey
from loopdesk.system.host.clock import SystemClock
from tests.scenarios.command import Commands
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

CANARY = "canary-key-3f9a71c2e8"
REFUSED = "canary-refused-5d0b44"
SHOPPER = "canary.shopper@mail.example.test"
PARCELS = tuple(SAMPLES[name] for name in ("single", "store_credit", "warranty", "multi_line", "exchange"))


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve the practice shop with a key of its own."""
    clock = SystemClock()
    made: Loop = practice_loop(clock=clock.now, settings=Settings(processing_seconds=0.3))
    made.keys = [ShopKey("canary", CANARY)]
    for sample in PARCELS:
        made.get(sample.return_id).customer_email = SHOPPER
    with SimulatorThread(made) as shop:
        shop.key = CANARY
        yield shop


@pytest.fixture
def commands(desk: Desk, shop: SimulatorThread) -> Commands:
    """Return the command line of the same desk."""
    return Commands(desk.folder, f"{shop.url}/api", shop.key)


def _disguises(secret: str) -> dict[str, bytes]:
    """Return the forms in which a secret may be in a file."""
    plain = secret.encode()
    return {
        "as it is": plain,
        "UTF-16": secret.encode("utf-16-le"),
        "hex": plain.hex().encode(),
        "base64": base64.b64encode(plain).rstrip(b"=")[:-1],
        "reversed": plain[::-1],
        "SHA-256": hashlib.sha256(plain).hexdigest().encode(),
        "SHA-256, raw": hashlib.sha256(plain).digest(),
    }


def _found_in_files(folder: Path, secret: str) -> list[str]:
    found = []
    for file in folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            found += [f"{file.name}: {name}" for name, each in _disguises(secret).items() if each in data]
    return found


async def _trouble(desk: Desk, shop: SimulatorThread) -> list[BaseException]:
    """Provoke every kind of API error with the key in use. Returns what was raised."""
    raised: list[BaseException] = []
    faults: tuple[dict[str, object], ...] = (
        {"kind": "offline"},
        {"kind": "lose_answer"},
        {"kind": "truncate"},
        {"kind": "portal"},
        {"kind": "redirect"},
        {"kind": "throttle", "retry_after": "1"},
        {"kind": "error_before"},
        {"kind": "html_error"},
        {"kind": "refuse_key"},
        {"kind": "answer", "status": 422, "body": f'{{"message": "key {CANARY} is wrong"}}'},
        {"kind": "answer", "status": 200, "body": f'"{CANARY}'},
    )
    for fault in faults:
        given = {name: value for name, value in fault.items() if name != "kind"}
        shop.fault(str(fault["kind"]), path="/return/details", **given)
        try:
            await desk.program.parts.gateway.details(PARCELS[0].return_id, priority=Priority.LOOKUP)
        except ApiError as failure:
            trace = failure.__traceback__
            assert trace is not None
            raised.append(failure.with_traceback(trace.tb_next))  # without this function's own words
        shop.loop.faults.clear()
    for wrong in (REFUSED, f"{REFUSED} and more", f"{REFUSED}\nX-Evil: 1"):
        verdict = await desk.session.entry.enter(wrong)
        assert not verdict.is_taken
        assert REFUSED not in verdict.sentence
    return raised


def _tellings(failure: BaseException) -> Iterator[str]:
    """Return everything that a log, a crash report or a debugger would print of an exception."""
    yield str(failure)
    yield repr(failure)
    yield pprint.pformat(vars(failure) if hasattr(failure, "__dict__") else failure.args)
    yield "".join(traceback.format_exception(failure))
    whole = traceback.TracebackException.from_exception(failure, capture_locals=True)
    yield "".join(whole.format())


def _reprs_of_everything() -> Iterator[str]:
    """Return the ``repr`` of every object of the program and of the HTTP client.

    What holds a widget that Qt has deleted, in an earlier run of this process, says nothing any more.
    """
    for thing in gc.get_objects():
        module = type(thing).__module__ or ""
        if module.startswith(("loopdesk.", "httpx", "httpcore", "h11")) and "simulator" not in module:
            try:
                said = repr(thing)
            except RuntimeError as failure:
                if "already deleted" not in str(failure):
                    raise
                continue
            yield f"{type(thing).__qualname__}: {said}"


async def _day(desk: Desk, shop: SimulatorThread) -> list[BaseException]:
    """A shift with everything that can go wrong with the connection."""
    await desk.synced()
    for sample, fault in zip(PARCELS, ("lose_answer", "error_after", "cut", "truncate", ""), strict=True):
        if fault:
            shop.fault(fault, method="POST", count=1)
        await desk.open(sample)
        await desk.press(*(["1"] * len(set(sample.line_item_ids))), "F12")
    for sample in PARCELS:
        await desk.until_lane(sample.return_id, Stage.DONE, Stage.PARKED, seconds=120)
    return await _trouble(desk, shop)


@pytest.mark.fault(114, 120)
def test_a_shift_full_of_errors_leaves_the_key_nowhere_and_no_address_in_the_log(
    desk: Desk, shop: SimulatorThread, caplog: pytest.LogCaptureFixture
) -> None:
    said: list[str] = []

    async def body() -> None:
        raised = await _day(desk, shop)
        assert len(raised) >= 10
        for failure in raised:
            said.extend(_tellings(failure))
        said.extend(_reprs_of_everything())
        await desk.hand.do(lambda: desk.session.window.show_view("health"))
        await desk.at_rest()
        try:
            raise RuntimeError(f"a bug that holds {CANARY}")
        except RuntimeError as bug:
            logging.getLogger("loopdesk.fault").error("planted", exc_info=bug)

    desk.play(body, LOOPDESK_LOG_LEVEL="debug")

    log = "".join(file.read_text(encoding="utf-8") for file in desk.folder.rglob("loopdesk.log*"))
    assert "a bug that holds <key>" in log
    assert SHOPPER not in log
    leaks = [each[:300] for each in said if CANARY in each or REFUSED in each]
    assert leaks == []
    assert _found_in_files(desk.folder, CANARY) == []
    assert _found_in_files(desk.folder, REFUSED) == []
    kept = [record for record in caplog.records if "planted" not in record.getMessage()]
    assert not [x.getMessage() for x in kept if CANARY in x.getMessage() or CANARY in str(x.exc_text)]
    assert desk.key_store.kept == {}, "a key from the environment is used and not stored"
    assert {seen.key for seen in shop.requests("POST") if seen.effect} == {"canary"}


def test_a_key_that_a_person_enters_is_in_the_key_store_alone(desk: Desk, shop: SimulatorThread) -> None:
    del desk.environ["LOOPDESK_API_KEY"]

    async def body() -> None:
        await desk.session.entry.enter(CANARY)
        assert desk.program.key_fingerprint

    async def again() -> None:
        await desk.synced()
        await desk.open(PARCELS[0])
        await desk.press("1", "F12")
        await desk.until_lane(PARCELS[0].return_id, Stage.DONE)

    desk.play(body)
    desk.play(again)
    assert list(desk.key_store.kept.values()) == [CANARY]
    assert _found_in_files(desk.folder, CANARY) == []


@pytest.mark.fault(114)
def test_no_child_of_the_program_inherits_the_key(commands: Commands) -> None:
    ran = commands.run_python(
        "import os, subprocess, sys\n"
        "from loopdesk.cli import main\n"
        "code = main(['sync', '--once'])\n"
        "child = [sys.executable, '-c', 'import os; print(dict(os.environ))']\n"
        "print(os.environ.get('LOOPDESK_API_KEY'), flush=True)\n"
        "subprocess.run(child, check=True)\n"
        "sys.exit(code)"
    )
    assert ran.code == 0, ran.err
    assert ran.out.startswith("None\n")
    assert "LOOPDESK_PROFILE" in ran.out
    assert CANARY not in ran.out + ran.err


def test_the_commands_never_say_the_key(commands: Commands, desk: Desk, shop: SimulatorThread) -> None:
    shop.fault("answer", path="/destinations$", status=403, body=f'{{"message": "no scope for {CANARY}"}}')
    for command in (["doctor", "--json"], ["doctor"], ["lookup", "1164"], ["sync", "--once"], ["queue"]):
        ran = commands.run(*command)
        assert CANARY not in ran.out + ran.err, command
    assert _found_in_files(desk.folder, CANARY) == []


def test_a_secret_in_a_file_is_found(tmp_path: Path) -> None:
    """The negative control of the search."""
    for number, (name, disguise) in enumerate(_disguises(CANARY).items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / "file.db").write_bytes(zlib.compress(b"x") + disguise + b"\x00")
        assert f"file.db: {name}" in _found_in_files(folder, CANARY)
