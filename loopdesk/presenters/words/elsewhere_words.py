"""What a person is told of the other benches of the site: what they have open, and what they entered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo

from loopdesk.domain.returns.grading import Draft, Vocabulary
from loopdesk.domain.returns.shared_drafts import Presence, SharedDraft
from loopdesk.domain.sync import HubContact
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.words import words

NOTE_MOST = 40
"""So much of a note is said."""


def open_at(there: Presence, hub: HubContact, zone: tzinfo, now: datetime) -> str:
    """Say where a return is open; once the hub is silent, that it was, and how old that is."""
    since = words.moment(there.since, zone, now)
    if hub.is_heard:
        return _(
            "Open at {bench} since {time}, by {person}.", bench=there.bench, time=since, person=there.person
        )
    if hub.heard_at is None:
        return _(
            "It was open at {bench}, by {person}, when the hub was heard last.",
            bench=there.bench,
            person=there.person,
        )
    heard = words.moment(hub.heard_at, zone, now)
    return _(
        "It was open at {bench}, by {person}, when the hub was heard last, {time}.",
        bench=there.bench,
        person=there.person,
        time=heard,
    )


def open_beside(open_at: Iterable[Presence], hub: HubContact) -> str:
    """Say in a list at which benches a return is open now; "" once the hub is silent."""
    return words.listed(
        _("open at {bench}, {person}", bench=there.bench, person=there.person)
        for there in (open_at if hub.is_heard else ())
    )


def two_entered(
    here: Draft, theirs: SharedDraft, vocabulary: Vocabulary, zone: tzinfo, now: datetime
) -> tuple[str, str]:
    """Say in few words what is entered here and there, so that the one can be told from the other."""
    there = theirs.draft if theirs.draft is not None else Draft(theirs.return_id)
    mine, others = _summaries(here, there, vocabulary)
    return (
        words.listed((mine, words.moment(here.updated_at, zone, now))),
        words.listed((others, theirs.person, words.moment(theirs.at, zone, now))),
    )


def _summaries(here: Draft, there: Draft, vocabulary: Vocabulary) -> tuple[str, str]:
    """Say "A, Missing · 1 note" of each; where that is the same, what the one has and the other has not."""
    short = [_summary(draft, vocabulary) for draft in (here, there)]
    if short[0] != short[1]:
        return short[0], short[1]
    more = [(tell(here), tell(there)) for tell in _details(vocabulary)]
    different = [pair for pair in more if pair[0] != pair[1]]
    mine, others = (words.listed([short[0], *(pair[side] for pair in different)]) for side in (0, 1))
    return mine, others


def _summary(draft: Draft, vocabulary: Vocabulary) -> str:
    grades = words.joined(words.grade(x.grade, vocabulary) for x in draft.inspections)
    notes = ngettext("{n} note", "{n} notes", len(draft.notes), n=len(draft.notes)) if draft.notes else ""
    extras = len(draft.extras)
    more = ngettext("{n} extra item", "{n} extra items", extras, n=extras) if extras else ""
    return words.listed((grades or _("no line decided"), more, notes))


def _details(vocabulary: Vocabulary) -> tuple[Callable[[Draft], str], ...]:
    """Return what tells apart two drafts of which the few words are the same."""
    return (
        lambda draft: words.joined(words.disposition(x.disposition, vocabulary) for x in draft.inspections),
        lambda draft: words.listed(map(_quoted, draft.notes)),
        lambda draft: words.listed(_quoted(x.words or x.code) for x in draft.extras),
        lambda draft: _quoted(draft.flag_reason),
        lambda draft: words.listed(_quoted(x.note) for x in draft.inspections),
    )


def _quoted(text: str) -> str:
    short = text if len(text) <= NOTE_MOST else f"{text[: NOTE_MOST - 1]}…"
    return _("“{text}”", text=short) if short else ""
