"""The evidence sheet of a return: what was scanned, found, decided and answered, as sections of sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.outbox.stages import Attempt
from loopdesk.domain.returns.extras import told_of
from loopdesk.domain.returns.grading import Draft, Inspection, Vocabulary
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.pages.history import history
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import AuditRow, Known


@dataclass(frozen=True, slots=True)
class SheetPhoto:
    """A photo on the sheet: the path of its file, and what it is of."""

    path: str
    caption: str


@dataclass(frozen=True, slots=True)
class SheetSection:
    """A heading with its lines, and the photos below them."""

    heading: str
    lines: tuple[str, ...]
    photos: tuple[SheetPhoto, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceSheet:
    """All that stands on the sheet, in its order. Every text may be foreign and is shown as it is.

    Attributes:
        title: Names the return.
        about: Shopper, state, station and when it was written.
    """

    title: str
    about: tuple[str, ...]
    sections: tuple[SheetSection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetSource:
    """What the sheet is written from.

    Attributes:
        rows: The audit rows about the return, oldest first.
        scans: The audit rows of the scans that may stand for it.
        attempts: What was sent for each entry, by its id.
        sealed: Number and hash, in hex, of the latest audit row about it; None without any.
    """

    known: Known
    rows: Sequence[AuditRow]
    scans: Sequence[AuditRow]
    attempts: Mapping[str, Sequence[Attempt]]
    sealed: tuple[int, str] | None


def evidence_sheet(
    found: SheetSource,
    *,
    vocabulary: Vocabulary,
    photo_path: Callable[[str], str],
    zone: tzinfo,
    now: datetime,
    station: str,
) -> EvidenceSheet:
    """Write the sheet."""

    def at(when: datetime) -> str:
        return f"{words.day(when, zone)} {words.time_of_day(when, zone, seconds=True)}"

    ret = found.known.stored.ret
    written = _("Written {time} at {station}", time=at(now), station=station)
    about = (words.shopper(ret), words.state(ret.state, ret.state_raw), words.promise(ret), written)
    return EvidenceSheet(
        title=_("Evidence: {order} · RMA {id}", order=ret.order_name, id=ret.return_id),
        about=tuple(line for line in about if line),
        sections=tuple(
            section
            for section in (
                _scans(found.scans, at),
                *_decisions(found.known, vocabulary, photo_path, at),
                SheetSection(_("What happened"), _happened(found, zone, now)),
                _answers(found, at),
                _seal(found.sealed),
            )
            if section.lines or section.photos
        ),
    )


def _scans(rows: Sequence[AuditRow], at: Callable[[datetime], str]) -> SheetSection:
    lines = (
        words.listed((at(row.at), str(row.detail.get("raw", "")), row.operator.name, row.station))
        for row in rows
    )
    return SheetSection(_("Scanned, as it was read"), tuple(lines))


def _decisions(
    known: Known, vocabulary: Vocabulary, photo_path: Callable[[str], str], at: Callable[[datetime], str]
) -> list[SheetSection]:
    """One section for each line and for each item on no line, with its photos."""
    drafts = [*known.settled, *(() if known.draft.is_empty else (known.draft,))]
    out: list[SheetSection] = []
    for line in {line.line_item_id: line for line in known.stored.ret.lines}.values():
        found = [x for x in (draft.inspection(line.line_item_id) for draft in drafts) if x is not None]
        lines = [words.listed((_sku(line.sku), line.reason, line.comment))]
        lines += [_decision(x, vocabulary, at) for x in found]
        names = dict.fromkeys(name for x in found for name in x.photos)
        out.append(_pictured(words.line_title(line), lines, tuple(names), photo_path))
    return [*out, *_extras(drafts, vocabulary, photo_path, at)]


def _extras(
    drafts: Sequence[Draft],
    vocabulary: Vocabulary,
    photo_path: Callable[[str], str],
    at: Callable[[datetime], str],
) -> list[SheetSection]:
    out: list[SheetSection] = []
    for extra in (extra for draft in drafts for extra in draft.extras):
        grade = words.grade(extra.grade, vocabulary) if extra.grade is not None else ""
        place = words.disposition(extra.disposition, vocabulary) if extra.disposition is not None else ""
        lines = [words.listed((at(extra.found_at), grade, place))]
        heading = _("On no line: {item}", item=told_of(extra))
        out.append(_pictured(heading, lines, extra.photos, photo_path))
    return out


def _sku(sku: str) -> str:
    return _("SKU {code}", code=sku) if sku else ""


def _decision(found: Inspection, vocabulary: Vocabulary, at: Callable[[datetime], str]) -> str:
    decided = words.decision(found, vocabulary)
    return words.listed((at(found.inspected_at), decided, found.operator.name, found.note))


def _pictured(
    heading: str, lines: Sequence[str], names: Sequence[str], photo_path: Callable[[str], str]
) -> SheetSection:
    photos = tuple(SheetPhoto(photo_path(name), name) for name in names)
    return SheetSection(heading, tuple(line for line in lines if line), photos)


def _happened(found: SheetSource, zone: tzinfo, now: datetime) -> tuple[str, ...]:
    rows = history(found.rows, found.known.entries, zone, now)
    return tuple(words.listed((row.when, row.what)) for row in rows)


def _answers(found: SheetSource, at: Callable[[datetime], str]) -> SheetSection:
    """What Loop answered to each call, and where each action stands by now."""
    lines: list[str] = []
    for entry in found.known.entries:
        stands = words.stage(entry.stage)
        lines.append(words.listed((words.kind(entry.kind), stands, str(entry.payload.get("content", "")))))
        for attempt in found.attempts.get(entry.entry_id, ()):
            status = f"HTTP {attempt.http_status}" if attempt.http_status is not None else ""
            lines.append("   " + words.listed((at(attempt.began_at), status, attempt.evidence, attempt.code)))
    return SheetSection(_("What was asked of Loop, and what it answered"), tuple(lines))


def _seal(sealed: tuple[int, str] | None) -> SheetSection:
    if sealed is None:
        return SheetSection("", ())
    number, sha = sealed
    row = _("Row {n} of this station's audit log has the SHA-256 hash", n=number)
    return SheetSection(_("Seal"), (row, sha))
