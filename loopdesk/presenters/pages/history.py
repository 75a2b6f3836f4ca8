"""The audit log of a return as sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.effects import Belief
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.screens.pages import HistoryRow
from loopdesk.presenters.words import hub_words, words
from loopdesk.services.ports.store import AuditRow

# --- beliefs ----------------------------------------------------------------------------------------

_BELIEFS: Mapping[Belief, str] = {
    Belief.PROCESSED: N_("Loop says that it was processed"),
    Belief.REFUND: N_("Loop shows the refund"),
    Belief.STAMP: N_("Loop says when it was processed"),
    Belief.EXCHANGE: N_("Loop shows the order of the exchange"),
    Belief.GIFT_CARD: N_("Loop shows the gift card"),
    Belief.NOTHING_PROMISED: N_("closed, and there was nothing to pay or to ship"),
    Belief.UNTOLD: N_("closed; this shop’s answers never tell of payment"),
}


def belief(code: str) -> str:
    """Describe why a return was believed to be processed; "" for no code."""
    try:
        return _(_BELIEFS[Belief(code)])
    except ValueError:
        return ""


# --- the log ----------------------------------------------------------------------------------------

_SUMMED: Mapping[Kind, str] = {
    Kind.FLAG: N_("flag for review"),
    Kind.PROCESS: N_("process"),
    Kind.REMOVE: N_("remove and process"),
    Kind.CANCEL: N_("cancel the return"),
    Kind.CLOSE: N_("close without refund or exchange"),
}


def summed(kinds: Iterable[Kind]) -> str:
    """Summarize kinds of actions: "grade 2 lines, place 2 lines, process"."""
    return ", ".join(_summed(kind, n) for kind, n in Counter(kinds).items())


def _summed(kind: Kind, n: int) -> str:
    match kind:
        case Kind.GRADE:
            return ngettext("grade 1 line", "grade {n} lines", n)
        case Kind.ASSESS:
            return ngettext("place 1 line", "place {n} lines", n)
        case Kind.NOTE:
            return ngettext("1 note", "{n} notes", n)
        case Kind.FLAG | Kind.PROCESS | Kind.REMOVE | Kind.CANCEL | Kind.CLOSE:
            return _(_SUMMED[kind])


@dataclass(frozen=True, slots=True)
class _Moved:
    """What a row about moved entries says; equal ones of the same second are merged."""

    event: str
    source: str
    target: str
    reason: str
    by: str
    cause: Cause
    belief: str


def history(
    rows: Sequence[AuditRow], lane: Sequence[Entry], zone: tzinfo, now: datetime
) -> tuple[HistoryRow, ...]:
    """Describe what happened to a return, oldest first.

    Args:
        rows: The audit rows about it, oldest first.
        lane: All its entries; for their kinds and what Loop showed.
        zone: The station's time zone.
        now: Decides whether a time needs its day.
    """
    entries = {entry.entry_id: entry for entry in lane}
    told: list[tuple[datetime, str]] = []
    group: list[AuditRow] = []
    for row in rows:
        if group and not _together(group[-1], row):
            told.append((group[0].at, _moved(group, entries)))
            group = []
        if "to" in row.detail:
            group.append(row)
        else:
            told.append((row.at, _single(row, entries)))
    if group:
        told.append((group[0].at, _moved(group, entries)))
    return tuple(
        HistoryRow(words.moment(at, zone, now, seconds=True), words.sentence(what))
        for at, what in told
        if what
    )


def _move(row: AuditRow) -> _Moved:
    detail = row.detail
    return _Moved(
        row.event,
        str(detail.get("from", "")),
        str(detail.get("to", "")),
        str(detail.get("reason") or ""),
        row.operator.name,
        Cause.of(detail.get("cause", {})),
        str(detail.get("belief") or ""),
    )


def _together(one: AuditRow, other: AuditRow) -> bool:
    near = abs((other.at - one.at).total_seconds()) < 1.0
    return "to" in other.detail and near and _move(one) == _move(other)


def _kinds_of(row: AuditRow, entries: Mapping[str, Entry]) -> list[Kind]:
    ids = row.detail.get("entries") or ([row.entry_id] if row.entry_id else [])
    return [entries[x].kind for x in ids if x in entries]


def _single(row: AuditRow, entries: Mapping[str, Entry]) -> str:
    what = summed(_kinds_of(row, entries)) or words.settlement(str(row.detail.get("kind", "")))
    who = row.operator.name
    match row.event:
        case "kept":
            return _("Kept on {station} by {who}: {what}", station=row.station, who=who, what=what)
        case "claimed":
            return _("Sent to Loop: {what}", what=what)
        case "withdrawn":
            return _("Withdrawn by {who} before anything was sent", who=who)
        case "waived":
            return _("{who} allowed the return to go on without: {what}", who=who, what=what)
        case "remarked":
            return _("Asked Loop ({what}): {why}", what=what, why=words.failure(_move(row).cause))
        case "mystery_linked":
            return _("Mystery parcel {n} was linked to it", n=row.detail.get("number", ""))
        case "second_bench":
            return _("Another bench's mark was seen: {station}", station=row.detail.get("station", ""))
        case "scan":
            return _("Scanned at {station}", station=row.station)
        case "parcel_seen":
            return _("Its parcel was seen at {station}", station=row.station)
        case _:
            return row.event.replace("_", " ")


def _moved(rows: Sequence[AuditRow], entries: Mapping[str, Entry]) -> str:
    move = _move(rows[0])
    named = [kind for row in rows for kind in _kinds_of(row, entries)]
    what = summed(named) or _("an action")
    if move.event == "recovered":
        return _("The program was interrupted while sending: {what}", what=what)
    if move.by:
        return _by_person(move, what)
    if move.target == Stage.PARKED:
        return _parked(move, what, [entries[row.entry_id] for row in rows if row.entry_id in entries])
    return _by_program(move, what)


def _by_person(move: _Moved, what: str) -> str:
    why = f": “{move.cause.value}”" if move.cause.value else ""
    match move.target:
        case Stage.READY:
            return _("{who} chose to send again: {what}", who=move.by, what=what)
        case Stage.DONE:
            return _("{who} said it is done: {what}", who=move.by, what=what)
        case Stage.WITHDRAWN:
            return _("{who} dropped: {what}", who=move.by, what=what) + why
        case _:
            return _("{who}: {what}", who=move.by, what=what)


def _parked(move: _Moved, what: str, entries: Sequence[Entry]) -> str:
    why = words.failure(move.cause)
    if move.reason == ParkReason.CONFLICT:
        seen = words.sentence(_other_state(entries) or why)
        return _("Asked Loop again ({what}). {seen} Stopped", what=what, seen=seen)
    text = _("Stopped: {what}. {reason}", what=what, reason=words.reason(move.reason))
    return f"{text}: {why}" if why else text


def _other_state(entries: Sequence[Entry]) -> str:
    """Name both states if the return was in another one than the operator saw, else ""."""
    for entry in entries:
        if entry.seen is not None and entry.found is not None and entry.seen.state != entry.found.state:
            now, then = words.state_word(entry.found.state), words.state_word(entry.seen.state)
            return _("The return was “{now}”, not “{then}”", now=now, then=then)
    return ""


def _by_program(move: _Moved, what: str) -> str:
    match move.target:
        case Stage.DONE:
            said = _("Confirmed by Loop: {what}", what=what)
            return "; ".join(x for x in (said, words.failure(move.cause), belief(move.belief)) if x)
        case Stage.SUPERSEDED if move.cause.code == Why.OVERTAKEN:
            return _("Left out for a newer decision: {what}", what=what)
        case Stage.SUPERSEDED:
            said = _("Loop had done it already: {what}", what=what)
            who = hub_words.finished(move.cause)
            return "; ".join(x for x in (said, who, belief(move.belief)) if x)
        case Stage.SETTLING:
            return _("Accepted by Loop, waiting for it to finish: {what}", what=what)
        case Stage.UNCERTAIN:
            return _("The answer got lost; Loop is asked what happened: {what}", what=what)
        case Stage.READY if move.source == Stage.PARKED:
            return _("Goes on: {what}", what=what)
        case Stage.READY:
            return _("Not sent, tried again later: {what}", what=what)
        case _:
            return what
