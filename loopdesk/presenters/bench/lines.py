"""The lines of the open return as a list: what each is, whether it was seen, and what was decided. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from loopdesk.domain.operators import Operator
from loopdesk.domain.outbox.stages import Why
from loopdesk.domain.pictures import ProductPicture
from loopdesk.domain.projection import LinePicture, Picture
from loopdesk.domain.returns.grading import Grade, Vocabulary
from loopdesk.domain.returns.parcels import lines_of, parcel_with
from loopdesk.domain.returns.places import place_for
from loopdesk.domain.returns.returns import ReturnState, is_removable
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.screens.returns import LineRow, LinesFilter
from loopdesk.presenters.words import words


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """What the bench's screens need besides the return.

    Attributes:
        zone: The station's time zone.
        place: Returns a warehouse's name by its id.
        picture: Says how a line stands with its picture, by the address in Loop's answer.
        destination_id: This dock's own warehouse, "" when it is not configured.
        photo_path: As ``BenchParts``.
        photos_stay: No place for photos is set, where Loop could open them.
        is_offline: Loop does not answer.
        has_printer: A label printer is set.
        unsure: What the labels are for that may not have been printed.
        labels: What the latest label of each item says, by its subject.
        printed: Returns the code that is printed for a command's word.
        shop: Returns a shop's name and colour by its id; ("", "") where all returns are of one shop.
    """

    vocabulary: Vocabulary
    zone: tzinfo
    now: datetime
    operator: Operator
    station: str
    destination_id: str
    place: Callable[[str], str]
    picture: Callable[[str], ProductPicture]
    photo_path: Callable[[str], str] = str
    photos_stay: bool = False
    is_offline: bool = False
    has_printer: bool = False
    unsure: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    printed: Callable[[str], str] = str
    shop: Callable[[str], tuple[str, str]] = lambda _shop_id: ("", "")


FEW = 6
"""So many lines are looked over at once; more of them can be narrowed down."""


class LinesShown(StrEnum):
    """Which lines of the open return the list shows."""

    ALL = "all"
    TO_DECIDE = "to_decide"
    OTHER_PARCELS = "other_parcels"


SHOWN = {
    LinesShown.TO_DECIDE: N_("To decide"),
    LinesShown.OTHER_PARCELS: N_("Other parcels"),
    LinesShown.ALL: N_("All"),
}
"""What each part of the list is called."""


def lines(
    picture: Picture, setting: ScreenContext, marked: frozenset[str], *, removes: bool = True
) -> tuple[LineRow, ...]:
    """Build the rows.

    Args:
        marked: Ids of a selection of several lines.
        removes: The settlement that stands, or may yet come, removes missing lines.
    """
    return tuple(_row(n, line, picture, setting, marked, removes) for n, line in enumerate(picture.lines))


def narrowed(
    rows: tuple[LineRow, ...], picture: Picture, parcel: str, shown: LinesShown
) -> tuple[tuple[LineRow, ...], tuple[LinesFilter, ...]]:
    """Return the rows that are shown, and what else may be shown instead; a short list has no filters.

    Args:
        parcel: The tracking number that was scanned, "" when the return was opened otherwise.
    """
    others = _in_other_parcels(picture, parcel)
    if len(rows) <= FEW and not others:
        return rows, ()
    sets = {
        LinesShown.TO_DECIDE: tuple(
            row
            for row, one in zip(rows, picture.lines, strict=True)
            if row.is_expected and one.found is None and one.stands is None
        ),
        LinesShown.OTHER_PARCELS: tuple(row for row in rows if row.line_item_id in others),
        LinesShown.ALL: rows,
    }
    filters = tuple(
        LinesFilter(name.value, _(SHOWN[name]), len(some), chosen=name is shown)
        for name, some in sets.items()
        if name is not LinesShown.OTHER_PARCELS or others
    )
    return sets[shown], filters


def _in_other_parcels(picture: Picture, parcel: str) -> frozenset[str]:
    """Return the ids of the lines that come in another parcel than the scanned one."""
    here = parcel_with(picture.ret, parcel) if parcel else None
    if here is None or len(picture.parcels) < 2:
        return frozenset()
    mine = lines_of(picture.ret, here)
    every = {line_id for one in picture.parcels for line_id in lines_of(picture.ret, one.parcel)}
    return frozenset(every.difference(mine))


def _row(
    index: int,
    one: LinePicture,
    picture: Picture,
    setting: ScreenContext,
    marked: frozenset[str],
    removes: bool,
) -> LineRow:
    line, found = one.line, one.found
    detail, tone = decided_detail(one, picture, setting, removes=removes)
    return LineRow(
        index=index,
        line_item_id=line.line_item_id,
        title=words.line_title(line),
        subtitle=line.sku or line.barcode or _("no SKU, no barcode"),
        seen=f"✓ {words.moment(one.seen_at, setting.zone, setting.now)}" if one.seen_at else "",
        decided=words.grade(found.grade, setting.vocabulary) if found else _sent_grade(one, setting),
        decided_detail=detail,
        decided_tone=tone,
        photos=len(found.photos) if found else 0,
        picture=setting.picture(line.image_url),
        is_expected=line.is_expected,
        is_marked=line.line_item_id in marked,
    )


def _sent_grade(one: LinePicture, setting: ScreenContext) -> str:
    """The grade that the stage beside it is about; else what Loop holds; "" when there is none."""
    if one.sent:
        return words.grade(one.sent, setting.vocabulary)
    if one.line.condition and one.line.condition.grade:
        return words.grade(one.line.condition.grade, setting.vocabulary)
    return ""


def decided_detail(
    one: LinePicture, picture: Picture, setting: ScreenContext, *, removes: bool = True
) -> tuple[str, str]:
    """Say what follows from a line's decision, or how far it has come, and its tone."""
    line, found = one.line, one.found
    if not line.is_expected:
        return words.line_outcome(line.outcome, line.outcome_raw), "plain"
    if found is None:
        if one.stands is not None:
            error = Why.SAID_DONE if one.is_said else ""
            return words.stage(one.stands, error), words.stage_tone(one.stands, error)
        if line.disposition and line.disposition.disposition:
            return words.disposition(line.disposition.disposition, setting.vocabulary), "plain"
        return _("undecided"), "plain"
    if found.grade is Grade.MISSING:
        if removes and picture.ret.state is ReturnState.OPEN and is_removable(picture.ret, line):
            return _("will be removed"), "offline"
        return _("not in the parcel"), "offline"
    tone = "blocked" if setting.vocabulary.rule(found.grade).review else "ok"
    place = place_for(setting.vocabulary.places, found.disposition, picture.ret, line)
    return words.goes_to(place, found.disposition, setting.vocabulary), tone
