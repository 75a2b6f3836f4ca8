"""The command codes of a station: which act, what is printed, and how guessing is slowed."""

from __future__ import annotations

from loopdesk.domain.labels.command_codes import printed
from loopdesk.domain.labels.scans import CodeKind
from loopdesk.services.bench.intake import MOST_WRONG, WRONG_SECONDS, CodeSecrets, CommandCodes
from tests.fakes.clock import HandClock

WORD = "LDCMDCONFIRM"


def codes(secrets: CodeSecrets, clock: HandClock | None = None) -> CommandCodes:
    return CommandCodes(words=[WORD], secrets=lambda: secrets, clock=clock or HandClock())


def kind(reader: CommandCodes, raw: str) -> CodeKind | None:
    found = reader.read(raw)
    return None if found is None else found.kind


def test_the_stations_and_the_sites_codes_act_and_the_sites_are_printed() -> None:
    reader = codes(CodeSecrets("station's", "site's"))
    assert kind(reader, printed(WORD, "station's")) is CodeKind.COMMAND
    assert kind(reader, printed(WORD, "site's")) is CodeKind.COMMAND
    assert reader.printed(WORD) == printed(WORD, "site's")
    assert codes(CodeSecrets("station's")).printed(WORD) == printed(WORD, "station's")


def test_a_sheet_of_before_is_void_once_the_secret_is_another() -> None:
    secrets = CodeSecrets("before")
    reader = CommandCodes(words=[WORD], secrets=lambda: secrets, clock=HandClock())
    sheet = reader.printed(WORD)
    assert kind(reader, sheet) is CodeKind.COMMAND
    secrets = CodeSecrets("after")
    assert kind(reader, sheet) is CodeKind.WRONG


async def test_ten_wrong_codes_in_a_minute_stop_printed_codes_until_it_is_calm() -> None:
    clock = HandClock()
    reader = codes(CodeSecrets("station's"), clock)
    good = printed(WORD, "station's")
    for _ in range(MOST_WRONG):
        assert kind(reader, f"{WORD}BBBBB") is CodeKind.WRONG
        await clock.turn(1.0)
    assert kind(reader, good) is CodeKind.SLOWED, "nobody learns which one was right"
    assert kind(reader, WORD) is CodeKind.BARE
    assert kind(reader, "1Z999AA10123456784") is None
    await clock.turn(WRONG_SECONDS - MOST_WRONG)
    assert kind(reader, good) is CodeKind.COMMAND


async def test_nine_wrong_codes_in_a_minute_stop_nothing() -> None:
    clock = HandClock()
    reader = codes(CodeSecrets("station's"), clock)
    for _ in range(100):
        assert kind(reader, f"{WORD}BBBBB") is CodeKind.WRONG
        await clock.turn(WRONG_SECONDS / (MOST_WRONG - 1))
    assert kind(reader, printed(WORD, "station's")) is CodeKind.COMMAND


def test_a_secret_is_not_shown_when_it_is_printed_for_a_developer() -> None:
    assert "deep" not in repr(CodeSecrets("deep", "deeper"))
