"""The columns of what is on its way, and of the carriers."""

from __future__ import annotations

from enum import IntEnum

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import ArrivalRow, CarrierRow
from loopdesk.ui.models.rows import Cell, Columns


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
