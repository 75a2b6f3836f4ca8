"""The mystery parcels: draws a ``MysteriesScreen`` and says what was pressed."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import MysteriesScreen, MysteryRow
from loopdesk.ui.models.mysteries import MYSTERIES, MysteryColumn
from loopdesk.ui.pages.mystery_panel import MysteryPanel
from loopdesk.ui.pages.page_view import PageIntents, PageView
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import IconLabel
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.rows_delegate import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

_TABLE = RowsShape(
    {
        MysteryColumn.NUMBER: Column(52),
        MysteryColumn.CODE: Column(140, 4),
        MysteryColumn.WORDS: Column(100, 2),
        MysteryColumn.SHELF: Column(64, from_width=640),
        MysteryColumn.FOUND: Column(136, from_width=520),
        MysteryColumn.MATCH: Column(96, 1),
    }
)


class MysteryIntents(PageIntents[MysteriesScreen], Protocol):
    """What the view asks of its presenter."""

    def show_only(self, filter_id: str) -> None:
        """List those that wait, those that found their return, or all."""
        ...

    def select(self, number: int) -> None:
        """Look at one record."""
        ...

    def type_link(self, text: str) -> None:
        """Look for its return."""
        ...

    def link(self, return_id: str) -> None:
        """Link it to a return."""
        ...

    def ask_loop(self) -> None:
        """Ask Loop for what is typed."""
        ...

    def take_photo(self, path: str) -> None:
        """Give it a photo."""
        ...

    def new_record(self) -> None:
        """Keep a parcel without a readable code."""
        ...

    def describe(self, words_text: str, shelf: str) -> None:
        """Change what is written about it."""
        ...

    def close_record(self) -> None:
        """End it without a return."""
        ...

    def reopen_record(self) -> None:
        """Let it wait again."""
        ...

    def open_at_bench(self) -> None:
        """Open the return that it found."""
        ...


class MysteriesView(PageView):
    """The table at the left; the selected record and its return at the right.

    Signals:
        filter_chosen(str), record_selected(int), link_typed(str), link_chosen(str), loop_wanted(),
        described(str, str), photo_given(str), closed(), reopened(), bench_wanted(), new_wanted().
    """

    filter_chosen = Signal(str)
    record_selected = Signal(int)
    link_typed = Signal(str)
    link_chosen = Signal(str)
    loop_wanted = Signal()
    described = Signal(str, str)
    photo_given = Signal(str)
    closed = Signal()
    reopened = Signal()
    bench_wanted = Signal()
    new_wanted = Signal()

    def __init__(self, presenter: MysteryIntents, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self._screen: MysteriesScreen | None = None
        self.filters = FilterRow(self)
        self.calm = IconLabel("package-search", 96, "muted", self)
        self.table: RowsView[MysteryRow] = RowsView(MYSTERIES, _TABLE, parent=self)
        self.work.addWidget(self.filters)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.add_table(self.table)
        self.work.addStretch(0)
        self.panel = MysteryPanel(self)
        self.new = KeyCapButton("mystery", icon="package-plus", parent=self)
        self.side.addWidget(self.panel)
        self.side.addWidget(self.new)
        self.side.addStretch(1)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Hand on what the parts say, and the signals to the presenter."""
        self.filters.chosen.connect(self.filter_chosen)
        self.new.requested.connect(self._press)
        self.table.chosen.connect(self._select)
        self.table.opened.connect(self._select)
        self.panel.link_typed.connect(self.link_typed)
        self.panel.link_chosen.connect(self.link_chosen)
        self.panel.loop_wanted.connect(self.loop_wanted)
        self.panel.photo_given.connect(self.photo_given)
        self.panel.described.connect(self.described)
        self.panel.pressed.connect(self._press)
        self.filter_chosen.connect(self._presenter.show_only)
        self.record_selected.connect(self._presenter.select)
        self.link_typed.connect(self._presenter.type_link)
        self.link_chosen.connect(self._presenter.link)
        self.loop_wanted.connect(self._presenter.ask_loop)
        self.described.connect(self._presenter.describe)
        self.photo_given.connect(self._presenter.take_photo)
        self.closed.connect(self._presenter.close_record)
        self.reopened.connect(self._presenter.reopen_record)
        self.bench_wanted.connect(self._presenter.open_at_bench)
        self.new_wanted.connect(self._presenter.new_record)

    def _select(self, key: str) -> None:
        if key:
            self.record_selected.emit(int(key))

    def _press(self, intent: str) -> None:
        signals = {
            "bench": self.bench_wanted,
            "close": self.closed,
            "reopen": self.reopened,
            "mystery": self.new_wanted,
        }
        signals[intent].emit()

    def render(self, screen: MysteriesScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self._screen = screen
        self.show_heading(screen.message)
        filters = (
            ("waiting", _("Waiting")),
            ("found", _("Found")),
            ("all", _("All")),
        )
        self.filters.show_filters(filters, screen.chosen_filter)
        self.table.show_rows(screen.rows, str(screen.selected))
        self.table.setVisible(bool(screen.rows))
        self.calm.setVisible(not screen.rows)
        row = next((x for x in screen.rows if x.number == screen.selected), None)
        self.panel.show_record(row, screen)

    def fields(self) -> tuple[QLineEdit, ...]:
        """Return the fields that one types in."""
        return self.panel.fields()

    def retranslate(self) -> None:
        """Say the view's own words in the language of the window."""
        self.table.retranslate(_("Mystery parcels"))
        self.new.show_words(_("A parcel without a code"), "Ctrl+M")
        self.filters.setAccessibleName(_("Which parcels are shown"))
        if self._screen is not None:
            self.render(self._screen)
