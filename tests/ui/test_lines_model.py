"""The model of the lines: Qt's own model tester accepts it, and only what changed is repainted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from loopdesk.presenters.screens.returns import LineRow, Link
from loopdesk.ui.bench.lines_model import LinesModel
from loopdesk.ui.widgets.links import LinksModel
from tests.ui import samples


def rows(count: int) -> tuple[LineRow, ...]:
    return tuple(samples.line(number) for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 3, 200])
def test_qt_finds_no_fault_in_the_model(qtmodeltester: ModelTester, count: int) -> None:
    model = LinesModel()
    model.set_rows(rows(count))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]


def test_qt_finds_no_fault_in_the_list_of_returns(qtmodeltester: ModelTester) -> None:
    model = LinksModel()
    model.set_links((Link("1", "#1", "detail"), Link("2", "#2")))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    assert model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole) == "#1. detail"


def test_only_rows_that_changed_are_drawn_again(qtbot: QtBot) -> None:
    model = LinesModel()
    model.set_rows(rows(200))
    changed: list[tuple[int, int]] = []

    def note(first: QModelIndex, last: QModelIndex) -> None:
        changed.append((first.row(), last.row()))

    model.dataChanged.connect(note)
    wanted = list(rows(200))
    wanted[7] = replace(wanted[7], decided="A")
    wanted[120] = replace(wanted[120], seen="✓ 10:41")
    with qtbot.assertNotEmitted(model.modelReset):
        assert not model.set_rows(tuple(wanted))
    assert changed == [(7, 7), (120, 120)]
    changed.clear()
    model.set_rows(tuple(replace(row) for row in wanted))
    assert changed == []


@pytest.mark.parametrize("count", [0, 2, 3, 5])
def test_another_return_takes_the_places_of_the_one_before(
    qtbot: QtBot, qtmodeltester: ModelTester, count: int
) -> None:
    model = LinesModel()
    model.set_rows(rows(3))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    changed: list[int] = []
    model.dataChanged.connect(lambda first, _last: changed.append(first.row()))
    others = tuple(replace(row, line_item_id=f"other{row.index}") for row in rows(count))
    with qtbot.assertNotEmitted(model.modelReset):
        assert model.set_rows(others)
    assert [model.row(place) for place in range(model.rowCount())] == list(others)
    assert changed == list(range(min(3, count)))


def test_lines_that_are_not_expected_stand_last_and_keep_their_index() -> None:
    model = LinesModel()
    first, second, third = rows(3)
    model.set_rows((replace(first, is_expected=False), second, third))
    assert [model.row(place).index for place in range(3)] == [1, 2, 0]
    assert model.place_of(0) == 2
    assert model.place_of(9) == -1
    assert model.first_unexpected() == 2


def test_every_row_says_what_it_is_whether_it_was_seen_and_what_was_decided(dressed: QApplication) -> None:
    model = LinesModel()
    gift = samples.line(3, "Gift wrap", decided_detail="the shopper keeps it", is_expected=False)
    model.set_rows((samples.JACKET_M, samples.BEANIE, gift))
    said = [model.data(model.index(row), Qt.ItemDataRole.AccessibleTextRole) for row in range(3)]
    assert said == [
        "Field Jacket, olive — M. ✓ 10:41. A · back to stock",
        "Merino beanie, rust. not scanned. undecided",
        "Gift wrap. Not expected here. not scanned. the shopper keeps it",
    ]
