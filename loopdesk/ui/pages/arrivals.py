"""Arrivals: draws an ``ArrivalsScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import ArrivalRow, ArrivalsScreen, CarrierRow
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.widgets.card import IconLabel
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.arrivals import ArrivalsPresenter


class ArrivalColumn(IntEnum):
    """The columns of the arrivals."""

    ORDER = 0
    PARCEL = 1
    LABEL = 2
    STATE = 3


class CarrierColumn(IntEnum):
    """The only column of the carriers."""

    NAME = 0


def _captions() -> tuple[str, ...]:
    return (
        _("Order"),
        _("Parcel"),
        _("Label"),
        _("State"),
    )


def _cell(row: ArrivalRow, column: int) -> Cell:
    match column:
        case ArrivalColumn.ORDER:
            return Cell(row.order_name, row.rma, look="strong")
        case ArrivalColumn.PARCEL:
            return Cell(row.number, row.carrier)
        case ArrivalColumn.LABEL:
            return Cell(row.label, row.since, tone=row.tone)
        case _:
            return Cell(row.state, tone=row.state_tone, look="pill")


def _key(row: ArrivalRow) -> str:
    return row.key


ARRIVALS = Columns(ArrivalColumn, _captions, _cell, _key)
"""The parcels that were not seen here."""


def _carrier_captions() -> tuple[str, ...]:
    return (_("By carrier"),)


def _carrier_cell(row: CarrierRow, _column: int) -> Cell:
    return Cell(row.name, row.counts, look="strong")


def _carrier_key(row: CarrierRow) -> str:
    return row.key


CARRIERS = Columns(CarrierColumn, _carrier_captions, _carrier_cell, _carrier_key)
"""The carriers with their counts; the first row is the total."""


_TABLE = RowsShape(
    {
        ArrivalColumn.ORDER: Column(128, 1),
        ArrivalColumn.PARCEL: Column(230, 3),
        ArrivalColumn.LABEL: Column(150, 2),
        ArrivalColumn.STATE: Column(128, from_width=620),
    },
    most=2,
)
_CARRIERS = RowsShape({CarrierColumn.NAME: Column(160, 1)}, most=2)


class ArrivalsView(PageView):
    """Filters and parcels at the left, carriers with their counts at the right.

    Signals:
        filter_chosen(str), carrier_chosen(str), parcel_opened(str).
    """

    filter_chosen = Signal(str)
    carrier_chosen = Signal(str)
    parcel_opened = Signal(str)

    def __init__(self, presenter: ArrivalsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self.filters = FilterRow(self)
        self.table: RowsView[ArrivalRow] = RowsView(ARRIVALS, _TABLE, parent=self)
        self.calm = IconLabel("truck", 96, "muted", self)
        self.work.addWidget(self.filters)
        self.add_table(self.table)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.work.addStretch(0)
        self.carriers: RowsView[CarrierRow] = RowsView(CARRIERS, _CARRIERS, grows=True, parent=self)
        self.side.addWidget(self.carriers)
        self.side.addStretch(1)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.filters.chosen.connect(self.filter_chosen)
        self.table.opened.connect(self.parcel_opened)
        self.carriers.chosen.connect(self.carrier_chosen)
        self.carriers.opened.connect(self.carrier_chosen)
        self.filter_chosen.connect(self._presenter.choose_filter)
        self.carrier_chosen.connect(self._presenter.choose_carrier)
        self.parcel_opened.connect(self._presenter.open)

    def render(self, screen: ArrivalsScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_heading(screen.message, screen.note)
        self.filters.show_filters(screen.filters, screen.chosen_filter)
        self.table.show_rows(screen.rows, self.table.rows.key_at(self.table.currentIndex().row()))
        self.table.setVisible(bool(screen.rows))
        self.calm.setVisible(not screen.rows)
        self.carriers.show_rows(screen.carriers, screen.chosen_carrier)
        self.carriers.setVisible(bool(screen.carriers))

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Parcels not seen here"))
        self.carriers.retranslate(_("Carriers"))
        self.filters.setAccessibleName(_("Which parcels are shown"))
