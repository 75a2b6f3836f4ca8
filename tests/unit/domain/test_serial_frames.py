"""Bytes from a serial port become whole codes, whatever their terminator and however they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.scanner.serial_ports import MOST_BYTES, Frames

CODE = "1Z999AA10123456784"


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b"\x03", b"\x04"])
def test_a_code_ends_with_what_guns_send(end: bytes) -> None:
    frames = Frames()
    (frame,) = frames.take(CODE.encode() + end, 1.0)
    assert (frame.text, frame.began_at, frame.ended_at) == (CODE, 1.0, 1.0)
    assert not frames.is_waiting


def test_a_code_without_an_end_is_whole_after_a_silence() -> None:
    frames = Frames()
    assert frames.take(CODE[:5].encode(), 1.0) == ()
    assert frames.take(CODE[5:].encode(), 1.2) == ()
    assert frames.is_waiting
    frame = frames.silence()
    assert frame is not None
    assert (frame.text, frame.began_at, frame.ended_at) == (CODE, 1.0, 1.2)
    assert frames.silence() is None


def test_signs_around_a_code_are_taken_off_and_say_where_it_begins_and_ends() -> None:
    frames = Frames(prefix="~", suffix="#;")
    assert [x.text for x in frames.take(b"~ABC123#;~DEF456#;", 0.0)] == ["ABC123", "DEF456"]
    assert [x.text for x in Frames(prefix="~").take(b"~ABC123~DEF456\r", 0.0)] == ["ABC123", "DEF456"]
    assert [x.text for x in Frames().take(b"\x02ABC123\x03", 0.0)] == ["ABC123"]


def test_letters_around_a_code_end_nothing_and_are_taken_off() -> None:
    assert [x.text for x in Frames(prefix="A", suffix="Z").take(b"A1Z9AZ7Z\r", 0.0)] == ["1Z9AZ7"]


def test_a_separator_belongs_to_the_code() -> None:
    (frame,) = Frames().take(b"]d2010950600013435\x1d10ABC\r", 0.0)
    assert frame.text == "]d2010950600013435\x1d10ABC"


@pytest.mark.parametrize(("data", "text"), [("MÜ-1164".encode(), "MÜ-1164"), (b"M\xdc-1164", "MÜ-1164")])
def test_bytes_are_utf_8_or_else_latin_1(data: bytes, text: str) -> None:
    assert [x.text for x in Frames().take(data + b"\r", 0.0)] == [text]


def test_noise_without_an_end_is_dropped_and_what_follows_is_read() -> None:
    frames = Frames()
    for _ in range(MOST_BYTES // 100 + 1):
        frames.take(b"\xf8" * 100, 0.0)
    assert frames.take(b"\xf8\r", 0.0) == ()
    assert [x.text for x in frames.take(b"ABC123\r", 1.0)] == ["ABC123"]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1), max_size=5
    ),
    st.randoms(use_true_random=False),
)
def test_it_does_not_matter_in_which_pieces_codes_arrive(codes: list[str], random: object) -> None:
    data = "".join(f"{code}\r\n" for code in codes).encode()
    frames, found, at = Frames(), list[str](), 0
    while at < len(data):
        size = random.randint(1, 7)  # type: ignore[attr-defined]
        found += [frame.text for frame in frames.take(data[at : at + size], float(at))]
        at += size
    assert found == [code for code in codes if code.strip()]
