"""The station's health: draws a ``HealthScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import CheckRow, HealthScreen
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import FiguresCard, WordsCard
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_view import Column, RowsShape, RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.health import HealthPresenter


class CheckColumn(IntEnum):
    """The columns of the checks."""

    NAME = 0
    STATUS = 1
    FOUND = 2


def _captions() -> tuple[str, ...]:
    return (
        _("Check"),
        _("Result"),
        _("Found, and what to do"),
    )


def _cell(row: CheckRow, column: int) -> Cell:
    match column:
        case CheckColumn.NAME:
            return Cell(row.name, look="strong")
        case CheckColumn.STATUS:
            return Cell(row.status, tone=row.tone, look="pill")
        case _:
            return Cell(row.found, row.advice)


def _key(row: CheckRow) -> str:
    return row.name


CHECKS = Columns(CheckColumn, _captions, _cell, _key)
"""The checks."""


_TABLE = RowsShape(
    {CheckColumn.NAME: Column(110, 2), CheckColumn.STATUS: Column(140), CheckColumn.FOUND: Column(150, 5)},
    row=56,
    most=8,
    chooses=False,
)


class HealthView(PageView):
    """Figures over the checks; one button at the right looks again.

    Signals:
        check_wanted().
    """

    check_wanted = Signal()

    def __init__(self, presenter: HealthPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self.figures = FiguresCard(self)
        self.table: RowsView[CheckRow] = RowsView(CHECKS, _TABLE, grows=True, parent=self)
        self.work.addWidget(self.figures)
        self.work.addWidget(self.table)
        self.work.addStretch(1)
        self.hint = WordsCard((("caption", 1), ("body", 6)), self)
        self.again = KeyCapButton("check", icon="refresh-cw", variant="primary", height=76, parent=self)
        self.side.addWidget(self.hint)
        self.side.addWidget(self.again)
        self.side.addStretch(1)
        self.again.clicked.connect(self.check_wanted)
        self.check_wanted.connect(presenter.check)
        self.retranslate()
        presenter.attach(self)

    def render(self, screen: HealthScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.summary, "", screen.tone)
        self.figures.show_figures(screen.figures)
        self.table.show_rows(screen.checks)
        self.table.setVisible(bool(screen.checks))
        self.again.setEnabled(not screen.running)

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Checks"))
        hint = _("The checks look at everything that this station needs. They change nothing.")
        self.hint.show_words(_("HEALTH"), hint)
        self.again.show_words(_("Look again"), "", enabled=self.again.isEnabled())
