"""Whatever gun types whatever code at whatever moment: nothing is decided, and what is lost is said."""

from __future__ import annotations

import random
import string

import pytest

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.domain.scanner.keys import Key, KeyKind
from loopdesk.domain.scanner.wedge import Notice, WedgeDecoder
from tests import guns
from tests.torture import figures

OPEN_AT_LEAST = 0.99


def a_code(chance: random.Random) -> str:
    """Draw a code: tracking numbers, item numbers, order names, with and without GS and an AIM prefix."""
    digits = "".join(chance.choices(string.digits, k=chance.choice((8, 12, 13, 15, 18, 22, 26))))
    half = chance.choice((4, 6, 9))
    mixed = [*chance.choices(string.ascii_uppercase, k=half), *chance.choices(string.digits, k=half)]
    chance.shuffle(mixed)
    made = (
        digits,
        digits,
        "1Z" + "".join(mixed),
        f"]C1420{digits[:5]}\x1d{digits}",
        f"#{digits[:4]}",
        f"EX-{digits[:5]}",
        digits[:4],
        "1" * 12,
    )
    return chance.choice(made)


def _press(decoder: WedgeDecoder, keys: list[tuple[Key, float]]) -> tuple[list[str], list[Key], list[Notice]]:
    scans: list[str] = []
    replayed: list[Key] = []
    notices: list[Notice] = []
    for key, at in keys:
        verdict = decoder.feed(key, at)
        scans += [verdict.scan] if verdict.scan is not None else []
        replayed += verdict.replay
        notices += [verdict.notice] if verdict.notice is not None else []
    while (deadline := decoder.deadline) is not None:
        verdict = decoder.tick(deadline + 0.001)
        scans += [verdict.scan] if verdict.scan is not None else []
        replayed += verdict.replay
        notices += [verdict.notice] if verdict.notice is not None else []
    return scans, replayed, notices


@pytest.mark.fault(150, 151, 152)
def test_no_gun_decides_anything_and_what_does_not_open_is_said() -> None:
    runs = figures.size("guns", 4_000, 100_000)
    counts = figures.begin("guns through the decoder", figures.seed())
    chance = random.Random(figures.seed())
    opened = said = 0
    while counts.trials < runs and figures.has_time(counts):
        gun, code = guns.draw(chance), a_code(chance)
        if not guns.is_promised(gun, code):
            continue
        counts.trials += 1
        decoder = WedgeDecoder()
        before = chance.uniform(0.26, 2.0)
        person = Key(KeyKind.CHARACTER, chance.choice("1234567"))
        timed = [(each.as_key(in_text=False), before + at) for each, at in gun.types(code, chance)]
        scans, replayed, notices = _press(decoder, [(person, 0.0), *timed])
        decided = [key for key in replayed if key.kind is not KeyKind.MODIFIER]
        assert decided == [person], (gun, code)
        assert scans == [code] or notices, (gun, code)
        opened += scans == [code]
        said += scans != [code]
    counts.more |= {"opened": opened, "said": said}
    counts.end()
    assert opened >= OPEN_AT_LEAST * counts.trials


@pytest.mark.fault(150, 151, 152)
def test_what_a_gun_types_into_a_text_field_ends_nothing_there() -> None:
    """Codes of 8 signs or more, and shorter ones once the station knows its gun."""
    runs = figures.size("guns", 4_000, 100_000)
    counts = figures.begin("guns into a text field", figures.seed())
    chance = random.Random(figures.seed() + 1)
    opened = 0
    while counts.trials < runs and figures.has_time(counts):
        gun, code = guns.draw(chance), a_code(chance)
        is_known = chance.random() < 0.5
        is_short = len(code) < 8 and gun.gap > 0.030
        if not guns.is_promised(gun, code) or (is_short and not (is_known and gun.end != "none")):
            continue
        if len(code) < 8 and (gun.pause or gun.early):
            continue  # too few keys to know a rhythm by
        if gun.way.startswith("alt"):
            continue  # types nothing into a field: the first test is theirs
        counts.trials += 1
        decoder = WedgeDecoder(WedgeRules(typical_seconds=gun.gap if is_known else None))
        timed = [(each.as_key(in_text=True), at) for each, at in gun.types(code, chance)]
        scans, replayed, notices = _press(decoder, timed)
        assert not any(key.ends_line for key in replayed), (gun, code, is_known)
        assert scans == [code] or notices, (gun, code, is_known)
        opened += scans == [code]
    counts.more |= {"opened": opened, "said": counts.trials - opened}
    counts.end()


@pytest.mark.fault(150)
def test_a_person_who_taps_digits_at_100_ms_and_slower_decides_each_of_them_in_order() -> None:
    runs = figures.size("guns", 4_000, 100_000)
    counts = figures.begin("persons through the decoder", figures.seed())
    chance = random.Random(figures.seed() + 2)
    while counts.trials < runs and figures.has_time(counts):
        counts.trials += 1
        at, keys = 0.0, []
        for digit in chance.choices("1234567", k=chance.randrange(1, 8)):
            keys.append((Key(KeyKind.CHARACTER, digit), at))
            at += chance.uniform(0.100, 0.6)
        scans, replayed, notices = _press(WedgeDecoder(), keys)
        assert (scans, notices) == ([], [])
        assert replayed == [key for key, _ in keys]
    counts.end()
