"""A scanner's burst is told from a person's typing, whatever else is going on."""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.scanner.burst import WedgeRules
from loopdesk.domain.scanner.keys import GS, Key, KeyKind
from loopdesk.domain.scanner.wedge import HOLD, Notice, WedgeDecoder, WedgeVerdict

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


def in_field(keys: Sequence[Timed]) -> list[Timed]:
    """The same keys on their way into a text field."""
    return [(replace(key, in_text=True), at) for key, at in keys]


def alt(sign: str, code: str = "") -> list[Key]:
    """A character as a scanner in Alt mode types it: Alt, then its number on the keypad."""
    number = code or f"{ord(sign):02d}"
    return [Key(KeyKind.MODIFIER), *(Key(KeyKind.ALT_DIGIT, digit) for digit in number)]


def paced(keys: Sequence[Key], gap: float, start: float = 0.0) -> list[Timed]:
    """Keys at even gaps, in seconds."""
    return [(key, start + gap * place) for place, key in enumerate(keys)]


class Bench:
    """Feeds a decoder as the window does, and records what came out, in order."""

    def __init__(self, rules: WedgeRules | None = None) -> None:
        self.decoder = WedgeDecoder(rules)
        self.scans: list[str] = []
        self.replayed: list[Key] = []
        self.order: list[str | Key] = []
        self.notices: list[Notice] = []
        self.taken_back = 0

    def note(self, verdict: WedgeVerdict) -> None:
        if verdict.scan is not None:
            self.scans.append(verdict.scan)
            self.order.append(verdict.scan)
        self.taken_back += verdict.takes_back
        self.replayed.extend(verdict.replay)
        self.order.extend(verdict.replay)
        if verdict.notice is not None:
            self.notices.append(verdict.notice)

    def press(self, *keys: Timed) -> Bench:
        for key, at in keys:
            self.note(self.decoder.tick(at))
            if self.decoder.takes(key, at):
                self.note(self.decoder.feed(key, at))
            else:
                assert self.decoder.feed(key, at) == WedgeVerdict(replay=(key,))
                self.note(WedgeVerdict(replay=(key,)))
        return self

    def rest(self) -> Bench:
        """Let the time pass that decides what is still held."""
        while self.decoder.deadline is not None:
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
    assert bench.decoder.deadline == pytest.approx(0.03 + 0.25)
    assert bench.decoder.tick(0.28) == HOLD
    assert bench.decoder.tick(0.2801).scan == "1164"


def test_three_characters_and_enter_are_typing_in_a_field() -> None:
    bench = Bench().press(*in_field([*typed("116", 0.01), (ENTER, 0.03)])).rest()
    assert bench.text == "116\r"
    assert not bench.scans


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap", [0.002, 0.030, 0.100, 0.150])
@pytest.mark.parametrize("text", ["11", "116"])
def test_two_or_three_characters_and_enter_decide_nothing_and_are_said(text: str, gap: float) -> None:
    bench = Bench().press(*typed(text, gap), (ENTER, gap * len(text))).rest()
    assert bench.order == []
    assert bench.notices == [Notice.SHORT]


def test_one_digit_and_enter_a_moment_later_are_a_persons() -> None:
    bench = Bench().press((char("1"), 0.0), (ENTER, 0.15))
    assert bench.order == [char("1"), ENTER]


def test_every_code_of_a_quick_row_is_kept_whole_and_in_order() -> None:
    bench = Bench()
    at = 0.0
    for code in ("1Z999AA10123456784", "LDCMDGRADEA", "036000291452"):
        bench.press(*typed(code, 0.002, at), (ENTER, at + 0.1))
        at += 0.4
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


@pytest.mark.parametrize("where", [list, in_field])
def test_a_leading_short_line_is_not_the_scan(where: Callable[[list[Timed]], list[Timed]]) -> None:
    keys = [char("@"), ENTER, *map(char, "ANSI"), ENTER, char("D"), ENTER]
    bench = Bench().press(*where([(key, 0.004 * place) for place, key in enumerate(keys)]))
    assert bench.rest().order == ["ANSI"]


@pytest.mark.fault(148)
@pytest.mark.parametrize("pause", [0.0, 0.05, 0.15, 0.2])
@pytest.mark.parametrize("end", [ENTER, TAB, chord("\r"), chord("\n")])
@pytest.mark.parametrize("where", [list, in_field])
def test_only_the_first_line_of_a_pull_is_a_scan(
    pause: float, end: Key, where: Callable[[list[Timed]], list[Timed]]
) -> None:
    bench, at = Bench(), 0.0
    for line in ("TBA010000000000", "ldcmdall", "LDCMDCONFIRM", "11"):
        bench.press(*where([*typed(line, 0.004, at), (end, at + 0.004 * len(line))]))
        at += 0.004 * len(line) + pause
    assert bench.rest().order == ["TBA010000000000"]
    assert bench.notices[:2] == [Notice.REST, Notice.REST]


@pytest.mark.parametrize("code", ["0000", "1111111111111111"])
def test_equal_digits_at_scanner_speed_are_a_scan(code: str) -> None:
    assert Bench().press(*typed(code, 0.008), (ENTER, 0.2)).scans == [code]


def test_equal_digits_at_the_speed_of_key_repeat_with_enter_right_behind_are_a_scan_in_a_field() -> None:
    assert Bench().press(*in_field([*typed("6666", 0.02), (ENTER, 0.08)])).order == ["6666"]


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
        Bench(WedgeRules(prefix="~"))
        .press(*in_field([*typed("~12", 0.07), (char("~"), 0.5), (char("a"), 0.52)]))
        .rest()
    )
    assert bench.text == "~12~a"


def test_a_suffix_ends_a_scan_at_once_and_is_taken_off_with_the_enter_behind_it() -> None:
    bench = Bench(WedgeRules(suffix="#;")).press(*typed("1164#;", 0.01))
    assert bench.order == ["1164"]
    assert bench.press((ENTER, 0.07)).order == ["1164"]


def test_a_prefix_makes_a_slow_burst_a_scan_where_keys_decide() -> None:
    assert Bench(WedgeRules(prefix="~")).press(*typed("~11", 0.15)).rest().order == ["11"]


@pytest.mark.parametrize("wrong", [{"least_length": 1}, {"gap_seconds": 0.0}, {"gap_seconds": 0.3}])
def test_rules_that_cannot_tell_a_person_from_a_scanner_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"scan|burst"):
        replace(WedgeRules(), **wrong)  # type: ignore[arg-type]


# --- typing ---------------------------------------------------------------------------------------


def test_one_key_goes_into_a_field_after_one_gap() -> None:
    (key, at) = in_field([(char("1"), 5.0)])[0]
    bench = Bench().press((key, at))
    assert bench.decoder.deadline == pytest.approx(5.035)
    assert bench.decoder.tick(5.036) == WedgeVerdict(replay=(key,))


@pytest.mark.fault(150)
def test_one_key_decides_after_a_quarter_of_a_second_and_is_pending_until_then() -> None:
    bench = Bench().press((char("1"), 5.0))
    assert bench.decoder.pending == (char("1"),)
    assert bench.decoder.deadline == pytest.approx(5.25)
    assert bench.decoder.tick(5.25) == HOLD
    assert bench.decoder.tick(5.2501) == WedgeVerdict(replay=(char("1"),))


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap", [0.100, 0.120, 0.200, 0.400])
def test_a_person_who_taps_digits_decides_each_in_order(gap: float) -> None:
    bench = Bench().press(*typed("1112", gap)).rest()
    assert bench.text == "1112"
    assert bench.notices == []


@pytest.mark.parametrize("key", [DOWN, Key(KeyKind.OTHER, "\x1b"), replace(char("1"), is_repeat=True)])
def test_a_key_that_no_gun_presses_decides_what_is_pending_at_once(key: Key) -> None:
    bench = Bench().press(*typed("12", 0.1), (key, 0.2))
    assert bench.order == [char("1"), char("2"), key]


def test_a_touch_decides_what_is_pending_at_once() -> None:
    bench = Bench().press(*typed("12", 0.1))
    assert bench.decoder.interrupt().replay == (char("1"), char("2"))
    assert bench.decoder.deadline is None


def test_a_touch_in_the_middle_of_what_may_be_a_code_decides_nothing() -> None:
    bench = Bench().press(*typed("1234", 0.1))
    assert bench.decoder.interrupt() == HOLD
    assert bench.press(*typed("5678", 0.1, 0.4)).rest().order == ["12345678"]


@pytest.mark.fault(150)
def test_f8_alone_is_pending_like_a_digit_and_a_separator_in_a_code() -> None:
    assert Bench().press((F8, 0.0)).rest().order == [F8]
    code = [*map(char, "42090210"), F8, *map(char, "9261290336")]
    assert Bench().press(*paced(code, 0.1)).rest().order == [f"42090210{GS}9261290336"]
    assert Bench().press(*in_field(paced(code, 0.1)), (ENTER, 1.9)).rest().scans == [
        f"42090210{GS}9261290336"
    ]


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap", [0.002, 0.045, 0.1, 0.15])
@pytest.mark.parametrize("early", [0.0, 0.1])
@pytest.mark.parametrize("end", [ENTER, TAB, None])
def test_a_gun_of_any_speed_decides_nothing(gap: float, early: float, end: Key | None) -> None:
    keys = [*map(char, UPS), *([end] if end else [])]
    timed = [(key, at + (early if place else 0.0)) for place, (key, at) in enumerate(paced(keys, gap))]
    bench = Bench().press(*timed).rest()
    assert bench.order == [UPS]


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap", [0.070, 0.1, 0.15])
def test_a_slow_short_code_with_enter_is_a_scan(gap: float) -> None:
    assert Bench().press(*typed("1164", gap), (ENTER, 4 * gap)).rest().order == ["1164"]


@pytest.mark.fault(150)
@pytest.mark.parametrize("gap", [0.045, 0.1, 0.15])
def test_what_a_slow_gun_typed_into_a_field_is_taken_out_again(gap: float) -> None:
    bench = Bench().press(*in_field([*typed(UPS, gap), (ENTER, gap * len(UPS))])).rest()
    assert bench.scans == [UPS]
    assert bench.taken_back == 1
    assert ENTER not in [replace(key, in_text=False) for key in bench.replayed]


@pytest.mark.fault(150)
def test_a_slow_gun_without_enter_in_a_field_is_taken_out_once_it_is_known_and_said_before() -> None:
    keys = in_field(typed(UPS, 0.1))
    unknown = Bench().press(*keys).rest()
    assert (unknown.scans, unknown.notices) == ([], [Notice.SLOW])
    word = in_field(typed("LDCMDDISMISSBCDEF", 0.1))
    assert Bench(WedgeRules(marks=("LDCMD",))).press(*word).rest().notices == [Notice.SLOW]
    known = Bench(WedgeRules(typical_seconds=0.1)).press(*keys).rest()
    assert (known.scans, known.taken_back, known.notices) == ([UPS], 1, [])


@pytest.mark.fault(150)
def test_a_known_slow_gun_may_read_short_codes_and_commands_into_a_field() -> None:
    rules = WedgeRules(typical_seconds=0.1, marks=("LDCMD",))
    for code in ("1164", "LDCMDGRADEAXKCDL"):
        keys = in_field([*typed(code, 0.1), (ENTER, 0.1 * len(code))])
        assert Bench(rules).press(*keys).rest().scans == [code]


def test_what_a_person_wrote_before_a_scan_stays_in_the_field() -> None:
    word = in_field(typed("damaged", 0.15))
    code = in_field([*typed(UPS, 0.004, 1.1), (ENTER, 1.2)])
    bench = Bench().press(*word, *code).rest()
    assert bench.order == [*(key for key, _ in word), UPS]
    assert bench.taken_back == 0


def test_words_and_numbers_typed_by_a_person_stay_in_a_field() -> None:
    for text in ("Box was open, 1 of 2 missing", "1164", "damaged"):
        bench = Bench().press(*in_field([*typed(text, 0.08), (ENTER, 0.08 * len(text))])).rest()
        assert bench.text == f"{text}\r"
        assert bench.notices == []


# --- Alt codes, the keypad, input methods ----------------------------------------------------------


@pytest.mark.fault(151)
@pytest.mark.parametrize("gap", [0.002, 0.02, 0.1, 0.15])
@pytest.mark.parametrize("end", [ENTER, None])
def test_alt_codes_are_the_signs_that_they_stand_for(gap: float, end: Key | None) -> None:
    keys = [key for sign in UPS for key in alt(sign)]
    bench = Bench().press(*paced([*keys, *([end] if end else [])], gap)).rest()
    assert bench.order == [keys[0], UPS], "only the first Alt went its way"


@pytest.mark.fault(151)
def test_a_sign_that_windows_makes_of_an_alt_code_counts_once() -> None:
    keys = [key for sign in UPS for key in (*alt(sign), Key(KeyKind.COMPOSED, sign))]
    assert Bench().press(*paced([*keys, ENTER], 0.01)).rest().scans == [UPS]


@pytest.mark.fault(151)
@pytest.mark.parametrize("gap", [0.002, 0.1])
@pytest.mark.parametrize("where", ["before", "inside"])
def test_a_separator_may_come_as_an_alt_code(where: str, gap: float) -> None:
    zip_code = "42090210" if where == "inside" else ""
    keys = [*map(char, zip_code), *alt("", "029"), *map(char, "9261290336128704062441"), ENTER]
    assert Bench().press(*paced(keys, gap)).rest().scans == [f"{zip_code}{GS}9261290336128704062441"]


@pytest.mark.parametrize(
    ("number", "sign"), [("0228", "ä"), ("132", "ä"), ("65", "A"), ("0065", "A"), ("27880", "注")]
)
def test_alt_codes_are_read_as_windows_reads_them(number: str, sign: str) -> None:
    keys = [*map(char, "12345678"), *alt("", number), ENTER]
    assert Bench().press(*paced(keys, 0.01)).rest().scans == [f"12345678{sign}"]


@pytest.mark.fault(151)
def test_a_view_chosen_by_alt_and_a_keypad_digit_waits_and_then_acts() -> None:
    digit = Key(KeyKind.ALT_DIGIT, "3")
    assert Bench().press((digit, 0.0)).rest().order == [digit]


@pytest.mark.fault(151)
def test_one_lone_alt_code_chooses_no_view() -> None:
    bench = Bench().press(*paced(alt("1"), 0.15)).rest()
    assert [key.kind for key in bench.replayed] == [KeyKind.MODIFIER]
    assert bench.notices == [Notice.SHORT]


def test_a_person_may_write_a_letter_by_its_alt_code() -> None:
    composed = Key(KeyKind.COMPOSED, "ä", in_text=True)
    bench = Bench().press(*paced([*alt("", "0228"), composed], 0.15)).rest()
    assert bench.replayed[-1] == composed
    assert KeyKind.ALT_DIGIT not in [key.kind for key in bench.replayed]


@pytest.mark.fault(152)
@pytest.mark.parametrize("gap", [0.002, 0.1, 0.15])
@pytest.mark.parametrize("end", [ENTER, None])
def test_keypad_digits_without_numlock_are_digits(gap: float, end: Key | None) -> None:
    keys = [Key(KeyKind.PAD, digit) for digit in "9261290336128704062441"]
    bench = Bench().press(*paced([*keys, *([end] if end else [])], gap)).rest()
    assert bench.order == ["9261290336128704062441"]


def test_arrows_of_the_keypad_move_as_often_as_a_person_presses_them() -> None:
    keys = [Key(KeyKind.PAD, digit) for digit in "2222222228"]
    assert Bench().press(*paced(keys, 0.15), (ENTER, 1.7)).rest().order == [*keys, ENTER]
    assert Bench().press(*paced([*keys[:2], ENTER], 0.15)).rest().order == [*keys[:2], ENTER]


@pytest.mark.fault(152)
def test_a_code_that_an_input_method_commits_at_once_is_a_scan() -> None:
    commit = Key(KeyKind.CHARACTER, "1z5r89390357567127", in_text=True)
    assert Bench().press((commit, 0.0), (ENTER, 0.01)).order == ["1z5r89390357567127"]


def test_a_word_that_an_input_method_commits_is_typing() -> None:
    commit = Key(KeyKind.CHARACTER, "damaged ", in_text=True)
    assert Bench().press((commit, 0.0), (ENTER, 0.01)).rest().order == [commit, ENTER]


@pytest.mark.parametrize("key", [DOWN, SHIFT, ENTER, TAB, Key(KeyKind.OTHER, "\x08")])
def test_keys_that_no_code_begins_with_are_not_even_held(key: Key) -> None:
    decoder = WedgeDecoder()
    assert not decoder.takes(key, 0.0)
    assert decoder.feed(key, 0.0) == WedgeVerdict(replay=(key,))


@pytest.mark.parametrize("burst", ["ab", "abc"])
def test_rolled_over_keys_are_typing(burst: str) -> None:
    bench = Bench()
    for start in (0.0, 0.1, 0.2, 0.3):
        bench.press(*in_field(typed(burst, 0.012, start)))
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
    bench = Bench().press(*in_field(typed("a" * 100, 0.030))).rest()
    assert bench.text == "a" * 100
    assert not bench.scans


def test_key_repeat_that_the_system_does_not_mark_decides_nothing() -> None:
    bench = Bench().press(*typed("1" * 100, 0.030)).rest()
    assert bench.replayed == []


def test_an_arrow_in_a_roll_over_keeps_its_place() -> None:
    bench = (
        Bench().press(*in_field([(char("a"), 0.0), (DOWN, 0.01), (char("b"), 0.02), (ENTER, 0.12)])).rest()
    )
    assert bench.text == "ab\r"
    assert [key.kind for key in bench.replayed] == [x.kind for x in (char("a"), DOWN, char("b"), ENTER)]


def test_a_chord_of_a_person_is_given_back_after_one_gap() -> None:
    assert Bench().press((chord("\x01"), 0.0)).rest().order == [chord("\x01")]


def test_flushing_gives_back_typing_and_ends_a_scan() -> None:
    decoder = WedgeDecoder()
    decoder.feed(char("a"), 0.0)
    assert decoder.flush() == WedgeVerdict(replay=(char("a"),))
    for key, at in typed("1164", 0.01, 1.0):
        decoder.feed(key, at)
    assert decoder.flush().scan == "1164"
    assert decoder.flush() == HOLD


def test_after_flushing_nothing_is_taken_for_the_rest_of_a_scan() -> None:
    bench = Bench().press(*typed("1164", 0.01), (ENTER, 0.04))
    bench.decoder.flush()
    assert bench.press((ENTER, 0.041), (char("a"), 0.242)).rest().order == ["1164", ENTER, char("a")]


# --- properties -----------------------------------------------------------------------------------

CODE = st.text(string.ascii_letters + string.digits + "-./%]#", min_size=4, max_size=60).filter(
    lambda code: len(set(code[:12])) > 1
)
FAST = st.floats(0, 0.035)
TYPED = st.floats(0.060, 2.0)
"""How a person types into a field."""
APART = st.floats(0.260, 2.0)
"""Too far apart to count as a burst."""
PERSON = st.one_of(
    st.characters(min_codepoint=33, max_codepoint=126).map(char),
    st.sampled_from([ENTER, TAB, SHIFT, DOWN, F8, chord("\x01"), chord("\x1d"), Key(KeyKind.OTHER, "\x08")]),
)
LETTERS = st.one_of(
    st.sampled_from(string.ascii_letters).map(char), st.sampled_from([ENTER, TAB, SHIFT, DOWN, char(" ")])
)


def timeline(keys: list[Key], gaps: list[float], start: float = 0.0) -> list[Timed]:
    out, at = [], start
    for key, gap in zip(keys, gaps, strict=False):
        at += gap
        out.append((key, at))
    return out


@pytest.mark.fault(96)
@given(st.data(), CODE, st.sampled_from([ENTER, TAB, None]), st.booleans())
def test_any_burst_split_anywhere_gives_the_same_scan(
    data: st.DataObject, code: str, terminator: Key | None, is_field: bool
) -> None:
    """Ticks may come at any moments between the keys: they never change what a burst means."""
    keys = [*map(char, code), *([terminator] if terminator else [])]
    gaps = data.draw(st.lists(FAST, min_size=len(keys), max_size=len(keys)))
    ticks = data.draw(st.lists(st.floats(0, 1), min_size=len(keys), max_size=len(keys)))
    bench = Bench()
    last = 0.0
    timed = timeline(keys, gaps)
    for (key, at), share in zip(in_field(timed) if is_field else timed, ticks, strict=True):
        bench.note(bench.decoder.tick(last + (at - last) * share))
        bench.press((key, at))
        last = at
    assert bench.rest().order == [code]


@given(st.data(), st.lists(PERSON, min_size=1, max_size=60))
def test_single_keys_are_replayed_whole_and_in_order(data: st.DataObject, keys: list[Key]) -> None:
    gaps = data.draw(st.lists(APART, min_size=len(keys), max_size=len(keys)))
    bench = Bench()
    for key, at in timeline(keys, gaps):
        if data.draw(st.booleans()):
            bench.note(bench.decoder.tick(at - 0.001))
        bench.press((key, at))
    assert bench.rest().order == keys


@given(st.data(), st.lists(LETTERS, min_size=1, max_size=60))
def test_words_typed_into_a_field_are_replayed_whole_and_in_order(
    data: st.DataObject, keys: list[Key]
) -> None:
    gaps = data.draw(st.lists(TYPED, min_size=len(keys), max_size=len(keys)))
    timed = in_field(timeline(keys, gaps))
    bench = Bench()
    for key, at in timed:
        if data.draw(st.booleans()):
            bench.note(bench.decoder.tick(at - 0.001))
        bench.press((key, at))
    assert bench.rest().order == [key for key, _ in timed]


@given(st.data(), st.lists(st.lists(LETTERS, min_size=1, max_size=3), min_size=1, max_size=20))
def test_fingers_that_roll_over_three_keys_are_replayed_whole_and_in_order(
    data: st.DataObject, bursts: list[list[Key]]
) -> None:
    keys: list[Timed] = []
    at = 0.0
    for burst in bursts:
        at += data.draw(TYPED)
        for key in burst:
            keys.append((key, at))
            at += data.draw(FAST)
    bench = Bench().press(*in_field(keys)).rest()
    assert bench.order == [key for key, _ in in_field(keys)]


@given(
    st.data(), st.lists(st.one_of(CODE, st.sampled_from(string.ascii_letters)), max_size=12), st.booleans()
)
def test_typing_and_scans_in_turn_lose_nothing_and_mix_nothing(
    data: st.DataObject, parts: list[str], is_field: bool
) -> None:
    bench, at = Bench(), 0.0
    wanted: list[str | Key] = []
    for part in parts:
        at += data.draw(st.floats(0.3, 1.0))
        if len(part) == 1:
            bench.press((replace(char(part), in_text=is_field), at))
            wanted.append(replace(char(part), in_text=is_field))
            continue
        for sign in part:
            bench.press((replace(char(sign), in_text=is_field), at))
            at += data.draw(FAST)
        bench.press((ENTER, at))
        wanted.append(part)
    assert bench.rest().order == wanted


@given(st.data(), st.lists(PERSON, max_size=80), st.booleans())
def test_whatever_the_times_no_key_is_doubled_or_out_of_order(
    data: st.DataObject, keys: list[Key], is_field: bool
) -> None:
    gaps = data.draw(st.lists(st.floats(0, 0.4), min_size=len(keys), max_size=len(keys)))
    numbered = [replace(key, origin=place, in_text=is_field) for place, key in enumerate(keys)]
    bench = Bench().press(*timeline(numbered, gaps)).rest()
    given_back = [int(str(key.origin)) for key in bench.replayed]
    assert given_back == sorted(set(given_back))
    missing = [key for key in numbered if key.origin not in given_back and key.kind is KeyKind.CHARACTER]
    assert not missing or bench.scans or bench.notices, "what does not arrive is a scan, or said"
