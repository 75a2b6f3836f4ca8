"""Command codes act only with the right letters, and are distinguished from every other code."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loopdesk.domain.labels.command_codes import ALPHABET, HIDDEN, LETTERS, letters, printed, recognize
from loopdesk.domain.labels.scans import CodeKind
from loopdesk.presenters.commands import COMMANDS
from tests.corpus.keyboards import THROUGH

WORDS = [command.code for command in COMMANDS]
SECRET, OTHER = "the secret of this dock", "the secret of another dock"
UPS = "1Z999AA10123456784"


def kind(raw: str, *secrets: str) -> CodeKind | None:
    found = recognize(raw, WORDS, secrets or (SECRET,))
    return None if found is None else found.kind


@pytest.mark.parametrize("word", WORDS)
def test_what_is_printed_acts_and_is_kept_by_its_name(word: str) -> None:
    found = recognize(printed(word, SECRET), WORDS, [SECRET])
    assert found is not None
    assert (found.kind, found.word, found.masked) == (CodeKind.COMMAND, word, word + HIDDEN)


@pytest.mark.fault(149)
@pytest.mark.parametrize("word", WORDS)
def test_the_bare_word_never_acts(word: str) -> None:
    for raw in (word, word.lower(), f"]C1{word}", word * 2, f" {word}\r"):
        assert kind(raw) is CodeKind.BARE


@given(st.sampled_from(WORDS), st.text(min_size=1, max_size=40))
def test_a_code_of_another_secret_never_acts(word: str, secret: str) -> None:
    if letters(word, secret) != letters(word, SECRET):
        assert kind(printed(word, secret)) is CodeKind.WRONG


def test_the_sites_codes_act_beside_the_stations() -> None:
    for secret in (SECRET, OTHER):
        assert kind(printed("LDCMDCONFIRM", secret), SECRET, OTHER) is CodeKind.COMMAND


def test_without_a_secret_nothing_acts() -> None:
    assert recognize(printed("LDCMDCONFIRM", SECRET), WORDS, []) is not None
    assert kind(printed("LDCMDCONFIRM", ""), SECRET) is CodeKind.WRONG


@given(st.sampled_from(WORDS), st.text(min_size=1, max_size=40))
def test_letters_are_five_of_the_alphabet(word: str, secret: str) -> None:
    made = letters(word, secret)
    assert len(made) == LETTERS
    assert set(made) <= set(ALPHABET)


def test_letters_are_the_same_in_every_version() -> None:
    """Printed sheets stay at the docks for years."""
    assert printed("LDCMDCONFIRM", "0123456789abcdef") == "LDCMDCONFIRMPVJEK"


@pytest.mark.parametrize("layout", THROUGH)
@pytest.mark.parametrize("word", WORDS)
def test_another_keyboard_layout_is_undone_by_a_guess_that_the_letters_prove(word: str, layout: str) -> None:
    code = printed(word, SECRET)
    for raw in (code, code.lower()):
        found = recognize(raw.translate(THROUGH[layout]), WORDS, [SECRET])
        assert found is not None
        assert (found.kind, found.word) == (CodeKind.COMMAND, word)


@example("LDCMDEMPTY", 9, "exchange", "Z")
@given(
    st.sampled_from(WORDS),
    st.integers(0, 16),
    st.sampled_from(["lose", "double", "exchange", "behind", "before"]),
    st.sampled_from(string.ascii_uppercase + string.digits),
)
def test_a_near_miss_is_kept_without_its_letters(word: str, at: int, how: str, sign: str) -> None:
    code = printed(word, SECRET)
    at = min(at, len(code) - 1)
    spoiled = {
        "lose": code[:at] + code[at + 1 :],
        "double": code[:at] + code[at] + code[at:],
        "exchange": code[:at] + sign + code[at + 1 :],
        "behind": code + sign,
        "before": sign + code,
    }[how]
    found = recognize(spoiled, WORDS, [SECRET])
    assert found is not None
    assert letters(word, SECRET) not in found.masked
    is_layout = any(code.translate(table).upper() == spoiled for table in THROUGH.values())
    assert found.kind is not CodeKind.COMMAND or spoiled == code or is_layout


@pytest.mark.parametrize("cut", range(1, 14))
def test_a_code_that_a_gun_tore_in_two_shows_its_letters_in_neither_part(cut: int) -> None:
    code = printed("LDCMDCONFIRM", SECRET)
    own = letters("LDCMDCONFIRM", SECRET)
    for part in (code[:cut], code[cut:]):
        found = recognize(part, WORDS, [SECRET])
        kept = part if found is None else found.masked
        assert own not in kept
        assert found is None or found.kind is not CodeKind.COMMAND


@pytest.mark.fault(148)
def test_several_codes_in_one_scan_obey_none_and_keep_what_is_no_command() -> None:
    confirm = printed("LDCMDCONFIRM", SECRET)
    found = recognize(f"{UPS}\r\n{confirm}\n{printed('LDCMDUNDO', SECRET)}", WORDS, [SECRET])
    assert found is not None
    assert found.kind is CodeKind.SEVERAL
    assert found.masked == f"{UPS}\nLDCMDCONFIRM{HIDDEN}\nLDCMDUNDO{HIDDEN}"
    assert kind(confirm + printed("LDCMDGRADEA", SECRET)) is CodeKind.SEVERAL


def test_one_code_read_twice_in_one_scan_is_one_command() -> None:
    code = printed("LDCMDGRADEA", SECRET)
    assert kind(code + code) is CodeKind.COMMAND
    assert kind(f"{code}\r{code}") is CodeKind.COMMAND


def test_a_badge_is_kept_without_its_letters() -> None:
    found = recognize("LDBADGEQWERTZUIOPASDFGH", WORDS, [SECRET])
    assert found is not None
    assert (found.kind, found.masked) == (CodeKind.BADGE, f"LDBADGE{HIDDEN}")


@given(st.text("0123456789ABCFGHIJKLNOPQRSTUVWXYZ#-/ ]", max_size=40))
def test_every_other_code_is_left_as_it_is(raw: str) -> None:
    assert recognize(raw, WORDS, [SECRET]) is None
