"""The station's health: draws a ``HealthScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import CheckRow, HealthRow, HealthScreen
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import FiguresCard, WordsCard
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.health import HealthPresenter


# --- what a lead reads ------------------------------------------------------------------------------


class HealthColumn(IntEnum):
    """The columns of what works and what does not."""

    GROUP = 0
    SENTENCE = 1
    STATUS = 2


def _health_captions() -> tuple[str, ...]:
    return (_("Part"), _("How it is, and what to do"), _("Result"))


def _health_cell(row: HealthRow, column: int) -> Cell:
    match column:
        case HealthColumn.GROUP:
            return Cell(row.group, look="strong")
        case HealthColumn.SENTENCE:
            detail = " ".join(part for part in (row.since, row.advice) if part)
            return Cell(row.sentence, detail, look="plain" if row.tone == "ok" else "strong")
        case _:
            return Cell(row.status, tone=row.tone, look="pill")


def _health_key(row: HealthRow) -> str:
    return row.key


HEALTH = Columns(HealthColumn, _health_captions, _health_cell, _health_key)
"""What works and what does not."""

_HEALTH = RowsShape(
    {
        HealthColumn.GROUP: Column(120, 2),
        HealthColumn.SENTENCE: Column(220, 6),
        HealthColumn.STATUS: Column(140),
    },
    row=56,
    most=12,
    chooses=False,
)

# --- what IT reads ----------------------------------------------------------------------------------


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
    most=12,
    chooses=False,
)


# --- the view ---------------------------------------------------------------------------------------


class HealthView(PageView):
    """What works and what does not; or, in its place, the figures and checks for IT.

    Signals:
        check_wanted(), details_wanted().
    """

    check_wanted = Signal()
    details_wanted = Signal()

    def __init__(self, presenter: HealthPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self.table: RowsView[HealthRow] = RowsView(HEALTH, _HEALTH, grows=True, parent=self)
        self.figures = FiguresCard(self)
        self.checks: RowsView[CheckRow] = RowsView(CHECKS, _TABLE, grows=True, parent=self)
        for part in (self.table, self.figures, self.checks):
            self.work.addWidget(part)
        self.work.addStretch(1)
        self.hint = WordsCard((("caption", 1), ("body", 6)), self)
        self.again = KeyCapButton("check", icon="refresh-cw", variant="primary", height=76, parent=self)
        self.details = KeyCapButton("details", icon="list", parent=self)
        self.side.addWidget(self.hint)
        self.side.addWidget(self.again)
        self.side.addWidget(self.details)
        self.side.addStretch(1)
        self._is_unfolded = False
        self.again.clicked.connect(self.check_wanted)
        self.details.clicked.connect(self.details_wanted)
        self.check_wanted.connect(presenter.check)
        self.details_wanted.connect(presenter.unfold)
        self.retranslate()
        presenter.attach(self)

    def render(self, screen: HealthScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.summary, "", screen.tone)
        self.table.show_rows(screen.rows)
        self.table.setVisible(bool(screen.rows) and not screen.is_unfolded)
        self.figures.show_figures(screen.figures)
        self.figures.setVisible(screen.is_unfolded)
        self.checks.show_rows(screen.checks)
        self.checks.setVisible(bool(screen.checks))
        self.again.setEnabled(not screen.running)
        self._is_unfolded = screen.is_unfolded
        self._show_details_words()

    def _show_details_words(self) -> None:
        self.details.show_words(_("Back to the sentences") if self._is_unfolded else _("Details for IT"), "")

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("How this station is"))
        self.checks.retranslate(_("Checks"))
        hint = _("The checks look at everything that this station needs. They change nothing.")
        self.hint.show_words(_("HEALTH"), hint)
        self.again.show_words(_("Look again"), "", enabled=self.again.isEnabled())
        self._show_details_words()
