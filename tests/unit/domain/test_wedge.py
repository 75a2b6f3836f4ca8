"""A scanner's burst is told from a person's typing, whatever else is going on."""

from __future__ import annotations

import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.wedge import GS, HOLD, Key, KeyKind, Verdict, WedgeDecoder, WedgeRules

ENTER = Key(KeyKind.TERMINATOR, "\r")
TAB = Key(KeyKind.TERMINATOR, "\t")
SHIFT = Key(KeyKind.MODIFIER)
DOWN = Key(KeyKind.OTHER)
F8 = Key(KeyKind.SEPARATOR)
UPS = "1Z999AA10123456784"

Timed = tuple[Key, float]


def char(text: str) -> Key:
    return Key(KeyKind.CHARACTER, text)


def chord(text: str) -> Key:
    return Key(KeyKind.CHORD, text)


def typed(text: str, gap: float, start: float = 0.0) -> list[Timed]:
    """The keys of a text at even gaps, in seconds."""
    return [(char(sign), start + gap * place) for place, sign in enumerate(text)]


class Bench:
    """Feeds a decoder as the window does, and remembers what came out, in order."""

    def __init__(self, rules: WedgeRules | None = None) -> None:
        self.decoder = WedgeDecoder(rules)
        self.scans: list[str] = []
        self.replayed: list[Key] = []
        self.order: list[str | Key] = []

    def note(self, verdict: Verdict) -> None:
        if verdict.scan is not None:
            self.scans.append(verdict.scan)
            self.order.append(verdict.scan)
        self.replayed.extend(verdict.replay)
        self.order.extend(verdict.replay)

    def press(self, *keys: Timed) -> Bench:
        for key, at in keys:
            self.note(self.decoder.tick(at))
            if self.decoder.takes(key, at):
                self.note(self.decoder.feed(key, at))
            else:
                assert self.decoder.feed(key, at) == Verdict(replay=(key,))
                self.note(Verdict(replay=(key,)))
        return self

    def rest(self) -> Bench:
        """Let the time pass that decides what is still held."""
        if self.decoder.deadline is not None:
            self.note(self.decoder.tick(self.decoder.deadline + 0.001))
        assert not self.decoder.is_holding
        assert self.decoder.deadline is None
        return self

    @property
    def text(self) -> str:
        return "".join(key.text for key in self.replayed)


# --- scans ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0.0, 0.001, 0.010, 0.035])
@pytest.mark.parametrize("terminator", [ENTER, TAB])
def test_a_burst_ended_by_enter_or_tab_is_a_scan_at_once(gap: float, terminator: Key) -> None:
    bench = Bench().press(*typed(UPS, gap), (terminator, gap * len(UPS)))
    assert bench.scans == [UPS]
    assert not bench.decoder.is_holding
    assert not bench.replayed


def test_a_burst_without_terminator_is_a_scan_after_the_silence() -> None:
    bench = Bench().press(*typed("1164", 0.01))
    assert bench.decoder.deadline == pytest.approx(0.03 + 0.08)
    assert bench.decoder.tick(0.11) == HOLD
    assert bench.decoder.tick(0.1101) == Verdict(scan="1164")


def test_three_characters_and_enter_are_typing() -> None:
    bench = Bench().press(*typed("116", 0.01), (ENTER, 0.03)).rest()
    assert bench.text == "116\r"
    assert not bench.scans


def test_every_code_of_a_quick_row_is_kept_whole_and_in_order() -> None:
    bench = Bench()
    at = 0.0
    for code in ("1Z999AA10123456784", "LDCMDGRADEA", "036000291452"):
        bench.press(*typed(code, 0.002, at), (ENTER, at + 0.1))
        at += 0.102
    assert bench.scans == ["1Z999AA10123456784", "LDCMDGRADEA", "036000291452"]


def test_a_hiccup_inside_a_scan_does_not_cut_it() -> None:
    bench = Bench().press(*typed("1Z999", 0.01), *typed("AA10123456784", 0.01, 0.115), (ENTER, 0.26))
    assert bench.scans == [UPS]


@pytest.mark.fault(93)
def test_caps_lock_is_kept_as_it_came() -> None:
    assert Bench().press(*typed("1z999aa1", 0.01), (ENTER, 0.09)).scans == ["1z999aa1"]


@pytest.mark.parametrize("separator", [F8, Key(KeyKind.SEPARATOR, GS), chord(GS)])
def test_a_separator_is_data_wherever_it_stands(separator: Key) -> None:
    keys = [separator, *map(char, "0104"), separator, *map(char, "21"), separator]
    bench = Bench().press(*((key, 0.005 * place) for place, key in enumerate(keys)), (ENTER, 0.05))
    assert bench.scans == [f"{GS}0104{GS}21{GS}"]


def test_shift_between_the_letters_changes_nothing() -> None:
    keys = [key for sign in UPS for key in (SHIFT, char(sign))]
    bench = Bench().press(*((key, 0.005 * place) for place, key in enumerate(keys)), (ENTER, 0.2))
    assert bench.scans == [UPS]
    assert bench.replayed == [SHIFT]  # the one before the first letter had gone its way


@pytest.mark.parametrize("tail", [[TAB], [ENTER], [ENTER, ENTER], [chord("\n")], [chord("\r"), TAB]])
def test_what_follows_the_terminator_is_swallowed_with_it(tail: list[Key]) -> None:
    bench = Bench().press(*typed("1164", 0.01), (ENTER, 0.04))
    bench.press(*((key, 0.05 + 0.02 * place) for place, key in enumerate(tail)))
    assert bench.order == ["1164"]


def test_an_enter_that_comes_late_after_a_silent_end_is_swallowed() -> None:
    bench = Bench().press(*typed("1164", 0.01)).rest().press((ENTER, 0.2))
    assert bench.order == ["1164"]


def test_enter_pressed_by_a_person_after_a_scan_is_theirs() -> None:
    bench = Bench().press(*typed("1164", 0.01), (ENTER, 0.04), (ENTER, 0.5))
    assert bench.order == ["1164", ENTER]


@pytest.mark.fault(100)
def test_chords_and_other_keys_in_a_burst_are_dropped_or_data_never_passed_on() -> None:
    keys = [
        char("1"),
        chord("\x01"),
        *map(char, "16"),
        DOWN,
        char("4"),
        chord(""),
        Key(KeyKind.OTHER, "\x1b"),
    ]
    keys += [chord("\x1e"), chord("\x03")]
    bench = Bench().press(*((key, 0.005 * place) for place, key in enumerate(keys)), (ENTER, 0.06))
    assert bench.order == ["1164\x1e"]


def test_a_chord_that_leads_a_burst_goes_with_it() -> None:
    assert Bench().press((chord("\x01"), 0.0), *typed("1164", 0.01, 0.01), (ENTER, 0.06)).order == ["1164"]


@pytest.mark.fault(97)
def test_a_code_of_four_thousand_characters_is_one_scan() -> None:
    code = "ABCDE12345" * 400
    bench = Bench(WedgeRules(suffix="##")).press(*typed(code, 0.001), (ENTER, 4.0))
    assert bench.order == [code]


def test_a_leading_short_line_belongs_to_the_scan() -> None:
    keys = [char("@"), ENTER, *map(char, "ANSI"), ENTER, char("D"), ENTER]
    bench = Bench().press(*((key, 0.004 * place) for place, key in enumerate(keys)))
    assert bench.order == ["@\nANSI", "D"]


@pytest.mark.parametrize("code", ["0000", "1111111111111111"])
def test_equal_digits_at_scanner_speed_are_a_scan(code: str) -> None:
    assert Bench().press(*typed(code, 0.008), (ENTER, 0.2)).scans == [code]


def test_a_slow_scanner_may_begin_with_equal_digits() -> None:
    assert Bench().press(*typed("00001234", 0.03), (ENTER, 0.24)).order == ["00001234"]


# --- prefix and suffix ----------------------------------------------------------------------------


def test_a_prefix_makes_a_short_burst_a_scan_and_is_taken_off() -> None:
    bench = Bench(WedgeRules(prefix="~")).press(*typed("~12", 0.01), (ENTER, 0.03))
    assert bench.order == ["12"]


def test_a_prefix_may_be_a_control_character() -> None:
    keys = [chord("\x02"), *map(char, "12")]
    bench = Bench(WedgeRules(prefix="\x02")).press(*((key, 0.01 * place) for place, key in enumerate(keys)))
    assert bench.rest().order == ["12"]


def test_a_burst_without_the_configured_prefix_is_still_a_scan() -> None:
    assert Bench(WedgeRules(prefix="~")).press(*typed("1164", 0.01), (ENTER, 0.04)).scans == ["1164"]


def test_a_person_who_types_the_prefix_only_types() -> None:
    bench = (
        Bench(WedgeRules(prefix="~")).press(*typed("~12", 0.07), (char("~"), 0.3), (char("a"), 0.32)).rest()
    )
    assert bench.text == "~12~a"


def test_a_suffix_ends_a_scan_at_once_and_is_taken_off_with_the_enter_behind_it() -> None:
    bench = Bench(WedgeRules(suffix="#;")).press(*typed("1164#;", 0.01))
    assert bench.order == ["1164"]
    assert bench.press((ENTER, 0.07)).order == ["1164"]


@pytest.mark.parametrize("wrong", [{"least_length": 1}, {"gap_seconds": 0.0}, {"gap_seconds": 0.2}])
def test_rules_that_cannot_tell_a_person_from_a_scanner_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"scan|burst"):
        replace(WedgeRules(), **wrong)  # type: ignore[arg-type]


# --- typing ---------------------------------------------------------------------------------------


def test_one_key_is_given_back_after_one_gap() -> None:
    bench = Bench().press((char("1"), 5.0))
    assert bench.decoder.deadline == pytest.approx(5.035)
    assert bench.decoder.tick(5.036) == Verdict(replay=(char("1"),))


@pytest.mark.parametrize("key", [DOWN, SHIFT, ENTER, TAB, Key(KeyKind.OTHER, "\x08")])
def test_keys_that_no_code_begins_with_are_not_even_held(key: Key) -> None:
    decoder = WedgeDecoder()
    assert not decoder.takes(key, 0.0)
    assert decoder.feed(key, 0.0) == Verdict(replay=(key,))


@pytest.mark.parametrize("burst", ["ab", "abc"])
def test_rolled_over_keys_are_typing(burst: str) -> None:
    bench = Bench()
    for start in (0.0, 0.1, 0.2, 0.3):
        bench.press(*typed(burst, 0.012, start))
    assert bench.rest().text == burst * 4
    assert not bench.scans


def test_key_repeat_goes_through_at_once() -> None:
    held = replace(char("a"), is_repeat=True)
    bench = Bench().press((char("a"), 0.0)).rest()
    for place in range(50):
        bench.press((held, 0.4 + 0.03 * place))
        assert not bench.decoder.is_holding
    assert len(bench.replayed) == 51


def test_key_repeat_that_the_system_does_not_mark_is_typing() -> None:
    bench = Bench().press(*typed("a" * 100, 0.030)).rest()
    assert bench.text == "a" * 100
    assert not bench.scans


def test_an_arrow_in_a_roll_over_keeps_its_place() -> None:
    bench = Bench().press((char("a"), 0.0), (DOWN, 0.01), (char("b"), 0.02), (ENTER, 0.12)).rest()
    assert bench.order == [char("a"), DOWN, char("b"), ENTER]


def test_a_chord_of_a_person_is_given_back_after_one_gap() -> None:
    assert Bench().press((chord("\x01"), 0.0)).rest().order == [chord("\x01")]


def test_flushing_gives_back_typing_and_ends_a_scan() -> None:
    decoder = WedgeDecoder()
    decoder.feed(char("a"), 0.0)
    assert decoder.flush() == Verdict(replay=(char("a"),))
    for key, at in typed("1164", 0.01, 1.0):
        decoder.feed(key, at)
    assert decoder.flush() == Verdict(scan="1164")
    assert decoder.flush() == HOLD


def test_after_flushing_nothing_is_taken_for_the_rest_of_a_scan() -> None:
    bench = Bench().press(*typed("1164", 0.01), (ENTER, 0.04))
    bench.decoder.flush()
    assert bench.press((ENTER, 0.041), (char("a"), 0.042)).rest().order == ["1164", ENTER, char("a")]


# --- properties -----------------------------------------------------------------------------------

CODE = st.text(string.ascii_letters + string.digits + "-./%]#", min_size=4, max_size=60).filter(
    lambda code: len(set(code[:12])) > 1
)
FAST = st.floats(0, 0.035)
SLOW = st.floats(0.060, 2.0)
PERSON = st.one_of(
    st.characters(min_codepoint=33, max_codepoint=126).map(char),
    st.sampled_from([ENTER, TAB, SHIFT, DOWN, F8, chord("\x01"), chord("\x1d"), Key(KeyKind.OTHER, "\x08")]),
)


def timeline(keys: list[Key], gaps: list[float], start: float = 0.0) -> list[Timed]:
    out, at = [], start
    for key, gap in zip(keys, gaps, strict=False):
        at += gap
        out.append((key, at))
    return out


@pytest.mark.fault(96)
@given(st.data(), CODE, st.sampled_from([ENTER, TAB, None]))
def test_any_burst_split_anywhere_gives_the_same_scan(
    data: st.DataObject, code: str, terminator: Key | None
) -> None:
    """Ticks may come at any moments between the keys: they never change what a burst means."""
    keys = [*map(char, code), *([terminator] if terminator else [])]
    gaps = data.draw(st.lists(FAST, min_size=len(keys), max_size=len(keys)))
    ticks = data.draw(st.lists(st.floats(0, 1), min_size=len(keys), max_size=len(keys)))
    bench = Bench()
    last = 0.0
    for (key, at), share in zip(timeline(keys, gaps), ticks, strict=True):
        bench.note(bench.decoder.tick(last + (at - last) * share))
        bench.press((key, at))
        last = at
    assert bench.rest().order == [code]


@given(st.data(), st.lists(PERSON, min_size=1, max_size=60))
def test_slow_typing_is_replayed_whole_and_in_order(data: st.DataObject, keys: list[Key]) -> None:
    gaps = data.draw(st.lists(SLOW, min_size=len(keys), max_size=len(keys)))
    bench = Bench()
    for key, at in timeline(keys, gaps):
        if data.draw(st.booleans()):
            bench.note(bench.decoder.tick(at - 0.001))
        bench.press((key, at))
    assert bench.rest().order == keys


@given(st.data(), st.lists(st.lists(PERSON, min_size=1, max_size=3), min_size=1, max_size=20))
def test_bursts_of_up_to_three_keys_are_replayed_whole_and_in_order(
    data: st.DataObject, bursts: list[list[Key]]
) -> None:
    bench, at = Bench(), 0.0
    for burst in bursts:
        at += data.draw(SLOW)
        for key in burst:
            bench.press((key, at))
            at += data.draw(FAST)
    assert bench.rest().order == [key for burst in bursts for key in burst]


@given(st.data(), st.lists(st.one_of(CODE, st.characters(min_codepoint=33, max_codepoint=126)), max_size=12))
def test_typing_and_scans_in_turn_lose_nothing_and_mix_nothing(data: st.DataObject, parts: list[str]) -> None:
    bench, at = Bench(), 0.0
    wanted: list[str | Key] = []
    for part in parts:
        at += data.draw(st.floats(0.1, 1.0))
        if len(part) == 1:
            bench.press((char(part), at))
            wanted.append(char(part))
            continue
        for sign in part:
            bench.press((char(sign), at))
            at += data.draw(FAST)
        bench.press((ENTER, at))
        wanted.append(part)
    assert bench.rest().order == wanted


@given(st.data(), st.lists(PERSON, max_size=80))
def test_whatever_the_times_no_character_is_lost_or_doubled(data: st.DataObject, keys: list[Key]) -> None:
    """A person who types into a burst spoils the code, but every character is somewhere, once."""
    gaps = data.draw(st.lists(st.floats(0, 0.2), min_size=len(keys), max_size=len(keys)))
    numbered = [replace(key, origin=place) for place, key in enumerate(keys)]
    bench = Bench().press(*timeline(numbered, gaps)).rest()
    given_back = {key.origin for key in bench.replayed}
    assert bench.replayed == [key for key in numbered if key.origin in given_back]
    scanned = "".join(bench.scans)
    missing = [key for key in numbered if key.origin not in given_back and key.kind is KeyKind.CHARACTER]
    assert "".join(key.text for key in missing) == "".join(x for x in scanned if x not in "\x1d\n\t")
