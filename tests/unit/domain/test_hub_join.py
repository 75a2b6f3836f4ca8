"""Join codes as hubs print them, and as guns and people type them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.errors import ValueWrong
from loopdesk.domain.hub_join import JoinCode, JoinFault, is_join_code, parse_join_code

SECRET = bytes(range(16))
PRINT = bytes(range(100, 132))
CODE = JoinCode("https://hub.yard.example:8443", SECRET, PRINT)

codes = st.builds(
    lambda scheme, host, port, secret, pin: JoinCode(
        f"{scheme}://{host}{port}", secret, pin if scheme == "https" else b""
    ),
    st.sampled_from(("http", "https")),
    st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){0,4}", fullmatch=True),
    st.sampled_from(("", ":1", ":8443", ":65535")),
    st.binary(min_size=16, max_size=16),
    st.sampled_from((b"", PRINT)),
)


def _fault(text: str) -> str:
    with pytest.raises(ValueWrong) as told:
        parse_join_code(text)
    return told.value.why


@given(codes)
def test_what_a_hub_prints_is_what_a_bench_reads(code: JoinCode) -> None:
    assert parse_join_code(code.text()) == code


@given(codes)
def test_every_character_can_be_typed_by_any_gun_and_stand_in_the_smallest_square_code(
    code: JoinCode,
) -> None:
    assert re.fullmatch(r"LOOPDESK-HUB-1(-[A-Z2-7]{1,4})+", code.text())


@given(codes, st.data())
def test_one_wrong_character_is_noticed_wherever_it_is(code: JoinCode, data: st.DataObject) -> None:
    text = code.text()
    letters = [at for at, sign in enumerate(text) if at >= len("LOOPDESK-HUB-1-") and sign != "-"]
    at = data.draw(st.sampled_from(letters))
    other = data.draw(st.sampled_from(sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") - {text[at]})))
    assert _fault(text[:at] + other + text[at + 1 :]) == JoinFault.DAMAGED


@given(codes, st.data())
def test_a_code_cut_anywhere_is_damaged(code: JoinCode, data: st.DataObject) -> None:
    whole = code.text().rstrip("-")
    end = data.draw(st.integers(len("LOOPDESK-HUB-1"), len(whole) - 1))
    if not whole[end:].strip("-"):
        return
    assert _fault(whole[:end]) == JoinFault.DAMAGED


def test_two_characters_in_the_wrong_order_are_noticed() -> None:
    text = CODE.text()
    at = next(at for at in range(20, 60) if "-" not in text[at : at + 2] and text[at] != text[at + 1])
    assert _fault(text[:at] + text[at + 1] + text[at] + text[at + 2 :]) == JoinFault.DAMAGED


@pytest.mark.parametrize(
    "typed",
    [
        CODE.text().lower(),
        CODE.text().replace("-", ""),
        CODE.text().replace("-", " "),
        f"  {CODE.text()}\r\n",
        CODE.text().replace("-", "\u2013"),
        "LOOPDESK-HUB-1-" + CODE.text().removeprefix("LOOPDESK-HUB-1-").replace("O", "0").replace("B", "8"),
    ],
)
def test_case_spaces_dashes_and_mistaken_digits_do_not_matter(typed: str) -> None:
    assert parse_join_code(typed) == CODE


@given(codes)
def test_a_gun_under_a_german_or_french_layout_still_joins(code: JoinCode) -> None:
    german = code.text().translate(str.maketrans("YZ-", "ZYß"))
    assert is_join_code(german)
    assert parse_join_code(german) == code
    french = code.text().translate(str.maketrans("AQZWM-1234567", "QAWZ?)&é\"'(-è"))
    assert parse_join_code(french) == code


@pytest.mark.parametrize(
    "text", ["", " ", "123456789012", "LDCMDGOABCDE", "sk_0123456789", "https://hub.example", "-"]
)
def test_what_is_no_join_code_is_said_to_be_foreign(text: str) -> None:
    assert not is_join_code(text)
    assert _fault(text) == JoinFault.FOREIGN


def test_a_code_of_a_later_format_asks_for_a_newer_loopdesk() -> None:
    assert is_join_code("LOOPDESK-HUB-2-ABCD")
    assert _fault("LOOPDESK-HUB-2-ABCD") == JoinFault.NEWER


@pytest.mark.parametrize(
    ("url", "secret", "pin", "why"),
    [
        ("ftp://hub.example", SECRET, b"", "join_url"),
        ("https://hub.example/", SECRET, b"", "join_url"),
        ("https://hub.example/api", SECRET, b"", "join_url"),
        ("https://me@hub.example", SECRET, b"", "join_url"),
        ("https://hub example", SECRET, b"", "join_url"),
        ("https://", SECRET, b"", "join_url"),
        ("https://hub.example:99999", SECRET, b"", "join_url"),
        (f"https://{'a' * 201}", SECRET, b"", "join_url"),
        ("https://hub.example", b"short", b"", "join_secret"),
        ("https://hub.example", SECRET, b"short", "join_fingerprint"),
        ("http://hub.example", SECRET, PRINT, "join_fingerprint"),
    ],
)
def test_no_code_is_made_of_what_a_bench_could_not_use(url: str, secret: bytes, pin: bytes, why: str) -> None:
    with pytest.raises(ValueWrong) as told:
        JoinCode(url, secret, pin)
    assert told.value.why == why


def test_the_secret_is_not_shown_where_a_code_is_printed_for_debugging() -> None:
    assert SECRET.hex() not in repr(CODE)
    assert repr(SECRET) not in repr(CODE)
