"""The page's figures are those that the runs wrote down."""

from __future__ import annotations

import pytest

from tests.torture.figures import Figures
from tests.torture.report import BEGIN, END, PAGE, block, newest, written


def _lines() -> list[str]:
    old = Figures("kills", trials=1, kills=10)
    new = Figures("kills", trials=9, kills=300, more={"done": 7})
    control = Figures("control: blind retry", trials=2, doubled=1)
    return [one.as_line() for one in (old, control, new)]


def test_the_newest_line_of_each_run_stands_there_with_the_bound_it_gives() -> None:
    text = block(newest(_lines()), "make torture", "2026-12-01", "On a quiet machine.")
    assert "\n\nOn a quiet machine.\n\n| run" in text
    assert "| kills | 9 | 0 | 300 | 0 | 0 | 0 | 0 | 0 | < 0.01 | 0 |" in text
    assert "| blind retry | 2 | 0 | 1 | 0 | 0 | 0 |" in text
    assert "* kills: done 7" in text


def test_a_broken_promise_gives_no_bound() -> None:
    assert (
        "< "
        not in block([newest(_lines())[0] | {"lost": 1}], "make torture", "2026-12-01").split(END)[0][60:]
    )


def test_only_the_marked_part_of_the_page_is_replaced() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert written(page, f"{BEGIN}{END}").count(BEGIN) == 1
    assert written(page, f"{BEGIN}x{END}").startswith(page.partition(BEGIN)[0])
    with pytest.raises(ValueError, match="no part"):
        written("a page", "")
