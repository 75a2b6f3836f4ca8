"""The log: what it contains, and above all what it never contains."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.system.host.logs import DEBUG_SECONDS, FILES_KEPT, LONGEST_LINE, Logs, Redactor

CANARY = "CANARY-key-0123456789"
SHOPPER = "canary.shopper+dock@mail.example.com"


class Turned:
    """A monotonic clock turned by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Turned:
    return Turned()


@pytest.fixture
def redactor() -> Redactor:
    return Redactor()


@pytest.fixture
def logs(tmp_path: Path, redactor: Redactor, clock: Turned) -> Iterator[Logs]:
    with Logs(tmp_path, redactor, "debug", clock) as opened:
        yield opened


def lines(logs: Logs) -> list[str]:
    return logs.file.read_text(encoding="utf-8").splitlines()


def test_an_event_is_one_line_with_time_level_and_subject(logs: Logs) -> None:
    logging.getLogger("loopdesk.scan").info("kept seq=%d kind=%s", 7, "tracking")
    (line,) = lines(logs)
    moment, level, subject, words = line.split(" ", 3)
    assert (level, subject, words) == ("INFO", "loopdesk.scan", "kept seq=7 kind=tracking")
    assert moment.endswith("Z")
    assert len(moment) == len("2026-11-20T10:31:00.000Z")


@pytest.mark.fault(114)
def test_a_learned_key_is_nowhere_in_the_file(logs: Logs, redactor: Redactor) -> None:
    redactor.learn(CANARY)
    log = logging.getLogger("loopdesk.api")
    log.warning("headers %s", {"X-Authorization": CANARY})
    log.warning("url https://x.example/?k=%s&b=1", CANARY)
    try:
        raise RuntimeError(f"refused {CANARY}") from ValueError(CANARY)
    except RuntimeError:
        log.exception("failed")
    assert CANARY not in logs.file.read_text(encoding="utf-8")
    assert len(lines(logs)) == 3


@pytest.mark.parametrize(
    "text",
    [
        "X-Authorization: not-learned-1234",
        "{'x-authorization': 'not-learned-1234'}",
        "[(b'X-Authorization', b'not-learned-1234')]",
        "LOOPDESK_API_KEY=not-learned-1234",
        "api_key=not-learned-1234 next=1",
        "Authorization: not-learned-1234",
    ],
)
def test_a_key_that_was_never_learned_is_known_by_its_header(redactor: Redactor, text: str) -> None:
    cleaned = redactor.clean(text)
    assert "not-learned" not in cleaned
    assert "<key>" in cleaned


def test_a_longer_key_is_taken_out_whole(redactor: Redactor) -> None:
    redactor.learn("CANARY")
    redactor.learn("CANARY-longer")
    assert redactor.clean("a CANARY-longer b CANARY c") == "a <key> b <key> c"


def test_the_key_of_practice_leaves_words_alone(redactor: Redactor) -> None:
    redactor.learn("demo")
    redactor.learn("")
    assert redactor.clean("demo profile") == "demo profile"


@pytest.mark.fault(120)
@pytest.mark.parametrize(
    "text",
    [SHOPPER, f"<{SHOPPER}>", f"email={SHOPPER},", f"({SHOPPER})", f"'{SHOPPER}'", f"mailto:{SHOPPER}"],
)
def test_addresses_of_shoppers_are_taken_out(redactor: Redactor, text: str) -> None:
    cleaned = redactor.clean(f"before {text} after")
    assert "canary" not in cleaned
    assert "<email>" in cleaned
    assert cleaned.startswith("before ")
    assert cleaned.endswith(" after")


@pytest.mark.fault(111)
def test_every_control_character_is_escaped(logs: Logs) -> None:
    nasty = "".join(chr(n) for n in (*range(32), *range(127, 160), 0x2028, 0x2029, 0x202E, 0x200B, 0xFEFF))
    logging.getLogger("loopdesk.scan").info("raw %s", nasty)
    raw = logs.file.read_bytes()
    assert raw.count(b"\n") == 1
    assert raw.endswith(b"\n")
    assert all(32 <= byte < 127 for byte in raw[:-1])
    assert b"\\x1b" in raw
    assert b"\\u202e" in raw


def test_letters_of_any_script_stay_readable(redactor: Redactor) -> None:
    assert redactor.clean("Åse Müller 返品 Łódź") == "Åse Müller 返品 Łódź"


def test_a_traceback_stays_one_line(logs: Logs) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("loopdesk.ui").exception("fault=%s", "F1")
    (line,) = lines(logs)
    assert "Traceback" in line
    assert "ValueError: first\\nsecond" in line


@pytest.mark.parametrize("piece", ["x", "x@", "x@y ", "api_key", "\x1b"])
def test_an_endless_line_is_cut_at_once_and_says_so(redactor: Redactor, piece: str) -> None:
    cleaned = redactor.clean(piece * 100_000)
    assert len(cleaned) < LONGEST_LINE + 50
    assert cleaned.endswith(" characters)")


def test_the_file_is_for_this_user_alone_also_after_rotating(
    logs: Logs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.umask", lambda mask: mask)
    monkeypatch.setattr("loopdesk.system.host.logs.FILE_BYTES", 1000)
    for number in range(200):
        logging.getLogger("loopdesk.scan").info("filling number=%d", number)
    files = sorted(logs.file.parent.iterdir())
    assert len(files) == FILES_KEPT + 1
    assert {x.stat().st_mode & 0o777 for x in files} == {0o600}
    assert "number=199" in logs.file.read_text(encoding="utf-8")
    written = [int(number) for x in files for number in re.findall(r"number=(\d+)", x.read_text("utf-8"))]
    assert sorted(written) == list(range(min(written), 200)), "the newest lines, without a gap"


@pytest.mark.fault(125)
@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "uvicorn.access", "asyncio"])
def test_noisy_libraries_are_heard_from_warnings_on(
    logs: Logs, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = logging.getLogger(name)
    monkeypatch.setattr(noisy, "propagate", True)  # a uvicorn that serves without access log switches it off
    before = noisy.level
    noisy.setLevel(logging.DEBUG)  # as uvicorn does by itself
    try:
        noisy.debug("body %s", CANARY)
        noisy.info("GET https://x.example")
        noisy.warning("slow")
    finally:
        noisy.setLevel(before)
    assert [line.rpartition(" ")[2] for line in lines(logs)] == ["slow"]


@pytest.mark.fault(125)
def test_debug_ends_by_itself_after_an_hour(logs: Logs, clock: Turned) -> None:
    log = logging.getLogger("loopdesk.api")
    log.debug("one")
    clock.seconds += DEBUG_SECONDS
    log.debug("two")
    log.info("three")
    logs.set_level("debug")
    log.debug("four")
    assert [line.rpartition(" ")[2] for line in lines(logs)] == ["one", "three", "four"]


def test_the_level_chosen_holds(logs: Logs) -> None:
    logs.set_level("warning")
    logging.getLogger("loopdesk.scan").info("quiet")
    logging.getLogger("loopdesk.scan").warning("loud")
    assert [line.rpartition(" ")[2] for line in lines(logs)] == ["loud"]


def test_closing_leaves_logging_as_it_was(tmp_path: Path, redactor: Redactor) -> None:
    root, httpx = logging.getLogger(), logging.getLogger("httpx")
    before = (list(root.handlers), httpx.level, logging.getLogger("loopdesk").level)
    with Logs(tmp_path, redactor):
        assert httpx.level == logging.WARNING
    assert (list(root.handlers), httpx.level, logging.getLogger("loopdesk").level) == before


def test_a_full_disk_loses_lines_and_nothing_else(
    logs: Logs, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    log = logging.getLogger("loopdesk.scan")
    log.info("before")
    handler = next(
        x for x in logging.getLogger().handlers if getattr(x, "baseFilename", "") == str(logs.file)
    )
    monkeypatch.setattr(handler, "flush", full)
    log.info("lost")
    monkeypatch.undo()
    log.info("after")
    assert lines(logs)[-1].endswith("after")
    assert "No space" not in capfd.readouterr().err
