"""What the queue says of returns and calls: how far they got, what they wait for, what became of a try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.ladder import Rung
from loopdesk.domain.outbox.stages import Attempt, Entry, Stage, Why
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.words import hub_words, words
from loopdesk.services.station.connection import LinkState

# --- how far ----------------------------------------------------------------------------------------

_RUNGS: Mapping[Rung, str] = {
    Rung.KEPT: N_("Kept"),
    Rung.SENT: N_("Sent"),
    Rung.ACCEPTED: N_("Accepted"),
    Rung.CONFIRMED: N_("Confirmed"),
}


def rung(rung: Rung | None) -> str:
    """Name a rung of the ladder of truth; what was withdrawn stands on none."""
    return _(_RUNGS[rung]) if rung is not None else words.stage(Stage.WITHDRAWN)


def held_stage(seconds_left: float | None) -> str:
    """Say that something is held, and for how long it can be undone; None if nobody times it."""
    if seconds_left is None:
        return words.stage(Stage.HELD)
    left = max(1, round(seconds_left))
    return ngettext("Kept, undo possible for 1 second", "Kept, undo possible for {n} seconds", left)


def age(since: timedelta) -> str:
    """Describe how long something has waited, for a narrow column."""
    return words.age(since) if since >= timedelta(minutes=1) else _("just now")


def failure(entry: Entry) -> str:
    """Return what an entry waits for; "" if its stage says so already."""
    is_told = entry.is_finished or (entry.stage is Stage.SETTLING and entry.cause.code == Why.UNPAID)
    return "" if is_told else words.failure(entry.cause)


# --- why not sent -----------------------------------------------------------------------------------

_LINE_WORDS: Mapping[LinkState, str] = {
    LinkState.OFFLINE: N_("Waits for the network"),
    LinkState.LOGIN_PAGE: N_("Waits until somebody logs in to the network"),
    LinkState.KEY_REFUSED: N_("Waits: Loop refuses the key"),
}


def waiting_reason(
    entry: Entry,
    lane: Sequence[Entry],
    link: LinkState,
    now: datetime,
    *,
    fits: bool = True,
    trouble: str = "",
) -> str:
    """Return why a ready entry is not being sent; stages are stored, this is computed.

    Args:
        lane: The known entries of its return, in ``seq`` order.
        now: For the rest of a back-off.
        fits: Whether the entry may be sent with the key in use.
        trouble: What is wrong with the hub, as ``ConnectionState`` has it; "" without one.
    """
    if not fits:
        return _("Waits: it was decided with another key")
    if link in (LinkState.OFFLINE, LinkState.KEY_REFUSED) and trouble in hub_words.WAITING:
        return _(hub_words.WAITING[trouble])
    if link in _LINE_WORDS:
        return _(_LINE_WORDS[link])
    before = next((x for x in lane if x.seq < entry.seq and not x.is_finished and _holds_up(x, entry)), None)
    if before is not None:
        return _behind(before)
    if entry.due_at is not None and entry.due_at > now:
        left = max(1, round((entry.due_at - now).total_seconds()))
        return ngettext("Tries again in 1 second", "Tries again in {n} seconds", left)
    return words.stage(Stage.READY)


def _holds_up(before: Entry, entry: Entry) -> bool:
    """Whether an unfinished earlier entry blocks this one; a parked one blocks only flags and finalizers."""
    return before.stage is not Stage.PARKED or entry.kind.spec.is_gated


def _behind(before: Entry) -> str:
    if before.stage is Stage.PARKED:
        return _("Waits for an earlier step that needs you")
    if before.stage is Stage.UNCERTAIN:
        return _("Waits until Loop says what happened before")
    match before.kind:
        case Kind.GRADE:
            return _("Waits for the grades before it")
        case Kind.ASSESS:
            return _("Waits for the places before it")
        case Kind.NOTE:
            return _("Waits for the notes before it")
        case Kind.FLAG | Kind.PROCESS | Kind.REMOVE | Kind.CANCEL | Kind.CLOSE:
            return _("Waits for the step before it")


# --- tries ------------------------------------------------------------------------------------------

_EVIDENCE: Mapping[str, str] = {
    "": N_("Sent; Loop's answer is not here yet"),
    "not_sent": N_("Did not leave this station"),
    "accepted": N_("Loop accepted it"),
    "refused": N_("Loop refused it"),
    "key": N_("Loop refused the key"),
    "ambiguous": N_("Sent; the answer got lost"),
}


def attempt_words(attempt: Attempt) -> str:
    """Describe the outcome of one attempt."""
    text = _(_EVIDENCE.get(attempt.evidence, _EVIDENCE["ambiguous"]))
    return _("Try {n}: {what}", n=attempt.n, what=text)
