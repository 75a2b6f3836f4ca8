"""The attention list: draws an ``AttentionScreen`` and emits what was pressed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import AttentionScreen, CaseRow, CaseScreen, FactRow, HistoryRow
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.pages.return_tables import HISTORY, HistoryColumn
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.card import IconLabel, WordsCard
from loopdesk.ui.widgets.choices import AskPanel, ChoiceColumn
from loopdesk.ui.widgets.fitted import Message
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.attention import AttentionPresenter


class CaseColumn(IntEnum):
    """The list of cases has one column."""

    CASE = 0


def _case_captions() -> tuple[str, ...]:
    return (_("Needs you"),)


def _case_cell(row: CaseRow, _column: int) -> Cell:
    return Cell(row.title, " · ".join(part for part in (row.reason, row.waited) if part), look="strong")


def _case_key(row: CaseRow) -> str:
    return row.return_id


CASES = Columns(CaseColumn, _case_captions, _case_cell, _case_key)
"""The returns that need a person."""


class SideColumn(IntEnum):
    """The two sides of a case."""

    THEN = 0
    NOW = 1


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One fact on both sides."""

    number: int
    then: FactRow
    now: FactRow


def picture_rows(case: CaseScreen) -> tuple[PictureRow, ...]:
    """Pair the facts of a case's two sides; the shorter side is padded with empty facts."""
    count = max(len(case.then), len(case.now))
    nothing = FactRow("")
    then = (*case.then, *(nothing for _ in range(count - len(case.then))))
    now = (*case.now, *(nothing for _ in range(count - len(case.now))))
    return tuple(PictureRow(n, a, b) for n, (a, b) in enumerate(zip(then, now, strict=True)))


def _picture_captions() -> tuple[str, ...]:
    return (_("When it was decided"), _("At Loop"))


def _picture_cell(row: PictureRow, column: int) -> Cell:
    if column == SideColumn.THEN:
        return Cell(row.then.text)
    differs = row.now.differs and bool(row.now.text)
    said = _("{value}, not the same", value=row.now.text) if differs else ""
    return Cell(row.now.text, tone="blocked" if differs else "plain", is_marked=differs, said=said)


def _picture_key(row: PictureRow) -> str:
    return str(row.number)


PICTURES = Columns(SideColumn, _picture_captions, _picture_cell, _picture_key)
"""Both sides of a case, fact by fact."""


_CASES = RowsShape({CaseColumn.CASE: Column(120, 1)}, row=72, most=3)
_PICTURES = RowsShape(
    {SideColumn.THEN: Column(120, 1), SideColumn.NOW: Column(120, 1)},
    row=32,
    most=4,
    ruled=False,
    parted=True,
    chooses=False,
)
_HISTORY = RowsShape(
    {HistoryColumn.WHEN: Column(104), HistoryColumn.WHAT: Column(160, 1)}, row=40, most=4, chooses=False
)
_LIST = 232
_CASE = 540
_NO_LIMIT = 16_777_215
ICONS = {
    "check_again": "refresh-cw",
    "it_is_done": "check",
    "send_again": "send",
    "waive": "arrow-up-down",
    "drop": "trash-2",
    "open_at_bench": "scan-barcode",
}


class AttentionView(PageView):
    """The cases, the selected one with both sides and its history, and what can be done.

    Signals:
        case_selected(str): Another case was chosen; carries the return id.
        choice_made(str): A choice was pressed; carries its intent.
        confirmed(str): The question was agreed to; carries the reason.
        dismissed(): The question was left.
    """

    case_selected = Signal(str)
    choice_made = Signal(str)
    confirmed = Signal(str)
    dismissed = Signal()

    def __init__(self, presenter: AttentionPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self._build_work()
        self.advice = WordsCard((("caption", 1), ("strong", 6)), self)
        self.message = Message("body", 5, self)
        self.choices = ChoiceColumn(ICONS, self)
        self.ask = AskPanel(self)
        for part in (self.advice, self.message, self.choices, self.ask):
            self.side.addWidget(part)
        self.side.addStretch(1)
        self.space()
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _build_work(self) -> None:
        """Make the list of cases beside the selected one."""
        self.cases: RowsView[CaseRow] = RowsView(CASES, _CASES, parent=self)
        self.cases.horizontalHeader().hide()
        self.calm = IconLabel("circle-check", 96, "ok", self)
        self.case = WordsCard((("heading", 3), ("secondary", 4)), self)
        self.pictures: RowsView[PictureRow] = RowsView(PICTURES, _PICTURES, grows=True, parent=self)
        self.history: RowsView[HistoryRow] = RowsView(HISTORY, _HISTORY, grows=True, parent=self)
        self._beside = QHBoxLayout()
        self._listed = QVBoxLayout()
        self._listed.addWidget(self.cases, 1)
        self._listed.addStretch(0)
        self._beside.addLayout(self._listed)
        self._told = QVBoxLayout()
        for part in (self.case, self.pictures, self.history):
            self._told.addWidget(part)
        self._told.addStretch(1)
        self._beside.addLayout(self._told, 1)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.work.addLayout(self._beside, 1)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.cases.chosen.connect(self.case_selected)
        self.choices.chosen.connect(self.choice_made)
        self.ask.confirmed.connect(self.confirmed)
        self.ask.dismissed.connect(self.dismissed)
        self.case_selected.connect(self._presenter.select)
        self.choice_made.connect(self._presenter.choose)
        self.confirmed.connect(self._presenter.confirm)
        self.dismissed.connect(self._presenter.dismiss)
        self.message.left.connect(self._presenter.dismiss)

    def render(self, screen: AttentionScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.summary, screen.oldest)
        self.calm.setVisible(not screen.cases)
        self.work.setStretchFactor(self._beside, 1 if screen.cases else 0)
        self.cases.show_rows(screen.cases, screen.selected)
        self.cases.setVisible(len(screen.cases) > 1)
        self._show_case(screen.case)
        asking = screen.asking
        problem = screen.message if asking is not None else ""
        self.ask.show_choice(asking, problem)
        advice = screen.case.advice if screen.case is not None else ""
        caption = _("YOUR CHOICE") if advice else ""
        message = "" if asking else self._message(screen)
        self.advice.show_words(caption, advice)
        self.message.show_text(message, screen.message_tone)
        choices = screen.case.choices if screen.case is not None and asking is None else ()
        self.choices.show_choices(choices, enabled=not screen.busy)

    def _message(self, screen: AttentionScreen) -> str:
        if screen.busy:
            return _("One moment…")
        return screen.message

    def _show_case(self, case: CaseScreen | None) -> None:
        """Draw the selected case; without one its parts are hidden."""
        self.case.setVisible(case is not None)
        self.pictures.setVisible(case is not None and bool(case.then or case.now))
        self.history.setVisible(case is not None and bool(case.history))
        if case is not None:
            self.case.show_words(case.title, case.subtitle)
            self.pictures.rows.set_captions((case.then_title, case.now_title))
            self.pictures.show_rows(picture_rows(case))
            self.history.show_rows(case.history)

    def space(self) -> None:
        """Set spacing for the scale."""
        super().space()
        if hasattr(self, "cases"):
            for layout in (self._beside, self._told):
                layout.setSpacing(look().px(12))
            self._place_list()

    def _place_list(self) -> None:
        """Place the cases beside the selected one, or above it if there is too little width."""
        now = look()
        way = QBoxLayout.Direction
        narrow = self.work_width() < now.px(_LIST + _CASE)
        self._beside.setDirection(way.TopToBottom if narrow else way.LeftToRight)
        self.cases.setMinimumWidth(0 if narrow else now.px(_LIST))
        self.cases.setMaximumWidth(_NO_LIMIT if narrow else now.px(_LIST))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the position of the list."""
        super().resizeEvent(event)
        self._place_list()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.cases.retranslate(_("Returns that need you"))
        self.pictures.retranslate(_("When it was decided, and at Loop"))
        self.history.retranslate(_("What happened"))
