"""Which codes and words lead to a return."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.store.codes import (
    NEAR_LEAST,
    NEAR_MOST,
    PARCEL_KINDS,
    canonical_code,
    codes_of,
    kinds_answering,
    may_be_near,
    order_names,
    parts_of,
    tail_of,
    words_of,
)
from tests.builders import a_line, a_parcel, a_return, lines


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" 1z 999 aa1 ", "1Z999AA1"),
        ("\x1d420\x1e1", "4201"),
        ("a\u200bb\u202ec", "ABC"),
        ("\ud800x", "\ufffdX"),
        ("straße", "STRASSE"),
        ("", ""),
    ],
)
def test_a_code_is_upper_case_without_what_cannot_be_seen(text: str, code: str) -> None:
    assert canonical_code(text) == code


def test_of_every_character_only_what_can_be_seen_counts() -> None:
    seen = [chr(n) for n in range(sys.maxunicode + 1) if chr(n).isprintable() and chr(n) != " "]
    assert not any(sign.isspace() for sign in seen)
    for sign in (" ", "\t", "\u00a0", "\u2028", "\u3000", "\u200b"):
        assert canonical_code(f"a{sign}b") == canonical_code(f"a{sign}b\x1d") == "AB"


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_is_too_strange_to_be_a_code(text: str) -> None:
    code = canonical_code(text)
    code.encode()
    assert not any(ch.isspace() for ch in code)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("#1164", ("1164", "#1164", "1164")),
        ("1164", ("1164", "#1164", "1164")),
        ("EX20417", ("EX20417", "#EX20417", "20417")),
        ("#1164-R2", ("1164-R2", "#1164-R2", "1164")),
        ("ABC", ("ABC", "#ABC")),
        ("", ()),
    ],
)
def test_an_order_is_called_by_all_its_names(name: str, names: tuple[str, ...]) -> None:
    assert order_names(name) == names


def test_the_codes_of_a_return_are_all_it_carries() -> None:
    ret = a_return(
        parcels=(a_parcel("t1"), a_parcel("N/A")),
        lines=(a_line(consolidation_tracking="c1"),),
        package_reference="p1;p2",
        rma_id="r1",
        scannable_id="s1",
    )
    kind = CandidateKind
    assert codes_of(ret) == {
        ("70000001", kind.RETURN_ID),
        ("#1164", kind.ORDER_NAME),
        ("1164", kind.ORDER_NAME),
        ("5550001164", kind.PROVIDER_ORDER_ID),
        ("T1", kind.TRACKING),
        ("C1", kind.CONSOLIDATION),
        ("P1", kind.PACKAGE),
        ("P2", kind.PACKAGE),
        ("R1", kind.RMA),
        ("S1", kind.SCANNABLE),
    }


def test_a_carriers_number_is_also_found_without_what_is_only_printed() -> None:
    ret = a_return(parcels=(a_parcel("99.00.123456.12345678"), a_parcel("N/A")), rma_id="R-12")
    codes = {code for code, _ in codes_of(ret)}
    assert {"99.00.123456.12345678", "990012345612345678", "R-12"} <= codes
    assert not {"R12", "N/A", ""} & codes


def test_parcel_numbers_answer_for_each_other_and_nothing_else_does() -> None:
    for kind in CandidateKind:
        assert kinds_answering(kind) == (PARCEL_KINDS if kind in PARCEL_KINDS else {kind})


def test_only_long_carrier_numbers_are_found_by_their_end() -> None:
    assert tail_of("A12345678901234", CandidateKind.TRACKING) == "43210987654321A"
    assert tail_of("12345678901", CandidateKind.TRACKING) is None
    assert tail_of("123456789012345", CandidateKind.RETURN_ID) is None


@given(st.text("0123456789AZ", max_size=60))
def test_parts_are_shorter_have_twelve_digits_and_come_longest_first(code: str) -> None:
    parts = parts_of(code)
    assert len(set(parts)) == len(parts)
    assert [len(part) for part in parts] == sorted((len(part) for part in parts), reverse=True)
    for part in parts:
        assert part in code
        assert part != code
        assert sum(ch.isdigit() for ch in part) >= NEAR_LEAST
    if len(code) > NEAR_MOST:
        assert parts == ()


def test_only_parcel_numbers_are_tried_by_their_parts() -> None:
    assert may_be_near("123456789012", CandidateKind.SCANNABLE)
    assert not may_be_near("12345678901", CandidateKind.TRACKING)
    assert not may_be_near("123456789012", CandidateKind.PROVIDER_ORDER_ID)


def test_each_word_of_a_return_is_kept_once() -> None:
    words = words_of(a_return(lines=lines(50))).split("\n")
    assert words.count("Linen shirt") == 1
    assert {"#1164", "Robin Doe", "robin@example.com", "LS-BLU-M", "Too small", "1Z999AA10123456784"} <= set(
        words
    )
    assert "" not in words


@pytest.mark.parametrize(
    ("field", "numbers"),
    [
        ("D10011342332145, 1Z879E930346834440", {"D10011342332145", "1Z879E930346834440"}),
        ("D10011342332145/1Z879E930346834457", {"D10011342332145", "1Z879E930346834457"}),
        ("UPS 1Z879E930346834440", {"1Z879E930346834440"}),
        ("7035 1144 7713 8472", {"7035114477138472"}),
        ("1Z 999 AA1 01 2345 6784", {"1Z999AA10123456784"}),
        ("１２３４５６７８", {"12345678"}),
    ],
)
def test_each_number_in_a_field_leads_to_the_return_and_no_group_of_one_does(
    field: str, numbers: set[str]
) -> None:
    ret = a_return(parcels=(a_parcel(field),))
    codes = {code for code, kind in codes_of(ret) if kind is CandidateKind.TRACKING}
    plain = {code for code in codes if code.isascii() and code.isalnum()}
    assert numbers <= plain
    assert not {code for code in plain - numbers if not any(number in code for number in numbers)}
