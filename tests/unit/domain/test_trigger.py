"""One pull of the trigger is one scan, whatever the code holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.scanner.rhythm import FRAME_SECONDS, Piece, Trigger

LINE = st.text("0123456789ABCDEFLDCM", min_size=1, max_size=20)
END = st.sampled_from(["\r", "\n", "\r\n", "\t", "\n\n"])


@pytest.mark.fault(148)
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\t", "\r\t\n"])
def test_only_the_first_line_of_a_code_counts(end: str) -> None:
    text = end.join(("TBA010000000000", "LDCMDALL", "LDCMDCONFIRM"))
    assert Trigger().take(text, 1.0, 1.2) == Piece("TBA010000000000", ("LDCMDALL", "LDCMDCONFIRM"))


@pytest.mark.fault(148)
def test_lines_that_follow_at_once_belong_to_the_same_pull() -> None:
    trigger = Trigger()
    assert trigger.take("1164\r", 1.0, 1.1) == Piece("1164")
    assert trigger.take("1165\r", 1.1 + FRAME_SECONDS, 1.3) == Piece(rest=("1165",))
    assert trigger.take("1166\r", 1.3 + FRAME_SECONDS, 1.5) == Piece(rest=("1166",)), "each line renews it"


@pytest.mark.parametrize("pieces", [("1164\r", "1164\r"), ("1164\r1164\r",)])
def test_the_same_label_read_twice_in_one_pull_is_not_several_lines(pieces: tuple[str, ...]) -> None:
    trigger = Trigger()
    assert [trigger.take(piece, 1.0, 1.05) for piece in pieces] == [Piece("1164"), Piece()][: len(pieces)]
    assert trigger.take("1165\r", 1.1, 1.1) == Piece(rest=("1165",)), "it is still the same pull"


def test_the_next_pull_is_the_next_scan() -> None:
    trigger = Trigger()
    trigger.take("1164", 1.0, 1.1)
    assert trigger.take("1165", 1.1 + FRAME_SECONDS + 0.001, 1.3) == Piece("1165")


@pytest.mark.parametrize("nothing", ["", "\r\n", "\t"])
def test_a_lone_line_end_is_nothing_and_begins_no_pull(nothing: str) -> None:
    trigger = Trigger()
    assert trigger.take(nothing, 1.0, 1.0) == Piece()
    assert trigger.take("1164", 1.01, 1.1) == Piece("1164")


@pytest.mark.fault(148)
@given(st.lists(st.tuples(LINE, END, st.floats(0, FRAME_SECONDS)), min_size=1, max_size=12), st.booleans())
def test_however_a_pull_is_cut_into_pieces_it_gives_one_scan(
    lines: list[tuple[str, str, float]], at_once: bool
) -> None:
    trigger, at = Trigger(), 5.0
    if at_once:
        pieces = [trigger.take("".join(line + end for line, end, _ in lines), at, at)]
    else:
        pieces = []
        for line, end, pause in lines:
            pieces.append(trigger.take(line + end, at, at))
            at += pause * 0.999
    assert [piece.scan for piece in pieces if piece.scan is not None] == [lines[0][0]]
    others = [line for line, _, _ in lines[1:] if line != lines[0][0]]
    assert [line for piece in pieces for line in piece.rest] == others
