"""A return of which another bench has something too: what is said of it, and asked. Pure.

What another bench entered is there at once, from what the hub told before. A question is asked where two
people might work on the same return, and where two values are there of which neither came from the other.
"""

from __future__ import annotations

from dataclasses import replace

from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.shared_drafts import DraftEnd, Meeting, Presence, SharedDraft, says_the_same
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench.effects import ChooseDraft, ReadElsewhere, ReadParked, TakeOver
from loopdesk.presenters.bench.events import ElsewhereRead, ReturnRead
from loopdesk.presenters.bench.questions import BothEntered, OpenElsewhere
from loopdesk.presenters.bench.state import Step
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import elsewhere_words, words
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.station import events as feed


def takes_over(step: Step, read: ReturnRead) -> bool:
    """Let what another bench entered come here first, if nothing was entered here since.

    Returns:
        Whether the return is to be read again before it is laid out.
    """
    known = read.known
    if known is None or read.is_taken_over or known.elsewhere.meeting is not Meeting.THEIRS:
        return False
    theirs = known.elsewhere.theirs
    if theirs is None or theirs.draft is None:
        return False
    step.do(TakeOver(replace(read, is_taken_over=True), theirs))
    return True


def greet(step: Step, read: ReturnRead) -> None:
    """Say what other benches have of the return that was just opened; ask where somebody has to choose."""
    elsewhere = read.known.elsewhere if read.known is not None else None
    here, theirs = step.state.on_bench, read.came_from
    if elsewhere is None or here is None:
        return
    if read.stands:
        stands = _("What was entered at {bench} stands.", bench=read.stands)
        step.say(Signal.FOUND, _("Chosen"), stands, step.band.detail)
    if theirs is not None:
        _add(step, _("Entered at {bench} by {person}, {time}.", **_who(step, theirs)))
        _say_missing(step, theirs)
    if elsewhere.meeting is Meeting.BOTH and elsewhere.theirs is not None:
        _ask_both(step, here.draft, elsewhere.theirs, is_ours=elsewhere.is_ours)
    elif elsewhere.theirs is not None and elsewhere.theirs.ended is DraftEnd.SETTLED:
        # It may still stand on the screen there, and waits for nobody.
        _add(step, _settled_sentence(step, elsewhere.theirs))
    elif elsewhere.open_at and theirs is not None:
        now, order = step.state.here, step.state.open_name
        there = elsewhere.open_at[0]
        step.ask(OpenElsewhere(there.return_id, order, there, now.hub, now.zone, now.by.at))
        step.say_asked()
    elif elsewhere.open_at:
        _add(step, _open_sentence(step, elsewhere.open_at[0]))
    if elsewhere.theirs is not None and elsewhere.theirs.is_unreadable:
        newer = _("What {bench} entered needs a newer version here.", bench=elsewhere.theirs.bench)
        step.warn(newer)


def _ask_both(step: Step, here: Draft, theirs: SharedDraft, *, is_ours: bool) -> None:
    if theirs.draft is None:
        return
    now, order = step.state.here, step.state.open_name
    step.ask(BothEntered(theirs.return_id, order, here, theirs, now.zone, now.by.at, is_ours))
    step.say_asked()


def choose_open(step: Step, number: int) -> None:
    """Go on here, or leave it to the other bench."""
    step.close_question()
    if number == 0:
        step.say(Signal.FOUND, _("Found"), _("Go on."))
        return
    step.become(on_bench=None, marked=frozenset(), wrong="", pictured="", parcel="", siblings=())
    step.do(ReadParked())
    step.say(Signal.READY, _("Ready"), _("It stays where it is open."))


def choose_both(step: Step, asked: BothEntered, number: int) -> None:
    """Let one of two stand."""
    step.close_question()
    theirs = asked.theirs
    step.do(ChooseDraft(asked.return_id, theirs.revision, theirs.bench, theirs=number == 1))


def changed(step: Step, event: feed.DraftsChanged) -> None:
    """Look again at what the other benches have."""
    if event.return_id == step.state.open_id:
        step.do(ReadElsewhere(event.return_id))
    elif not step.state.open_id:
        step.do(ReadParked())


def opened_elsewhere(step: Step, event: feed.OpenElsewhereChanged) -> None:
    """Look again where that return is open; of all others it changes nothing here."""
    state = step.state
    if event.return_id == state.open_id:
        step.do(ReadElsewhere(event.return_id))
    elif not state.open_id and any(link.return_id == event.return_id for link in state.parked):
        step.do(ReadParked())


def contact_changed(step: Step, _event: feed.HubContactChanged) -> None:
    """Say in the list what is open elsewhere while the hub can be heard, and nothing of it while not."""
    if step.state.parked and not step.state.open_id:
        step.do(ReadParked())


def came(step: Step, event: ElsewhereRead) -> None:
    """Say what another bench has done with the open return; what is entered here stays."""
    here, known = step.state.on_bench, event.known
    if here is None or known is None or event.return_id != step.state.open_id:
        return
    before = here.known.elsewhere
    step.become(on_bench=bench.reloaded(here, known, step.state.here.by.vocabulary))
    theirs, is_free = known.elsewhere.theirs, step.state.question is None
    if theirs is not None and theirs != before.theirs:
        if theirs.ended is DraftEnd.SETTLED:
            step.say(Signal.ATTENTION, _("At another bench"), _settled_sentence(step, theirs))
        elif known.elsewhere.meeting is Meeting.BOTH:
            both = _("{bench} has entered something too. Scan it again to choose.", bench=theirs.bench)
            step.say(Signal.ATTENTION, _("At another bench"), both)
        elif known.elsewhere.meeting is Meeting.THEIRS and is_free and _is_untouched(here):
            takes_over(step, ReturnRead(known, began=step.state.here.seconds))
        elif known.elsewhere.meeting is Meeting.THEIRS and not _is_alike(here.draft, theirs):
            further = _("{bench} has gone on with it. Scan it again to take that over.", bench=theirs.bench)
            step.say(Signal.ATTENTION, _("At another bench"), further)
    elif not here.picture.is_finished:  # else nobody would work on it twice
        for there in known.elsewhere.open_at:
            if there not in before.open_at:
                _add(step, _open_sentence(step, there))


def _is_untouched(here: bench.OnBench) -> bool:
    """Whether nothing was entered here, nor confirmed: what is called done stays so under a person's eyes."""
    return here.draft.is_empty and not here.picture.is_finished


def _is_alike(here: Draft, theirs: SharedDraft) -> bool:
    return theirs.draft is not None and says_the_same(here, theirs.draft)


# --- words ------------------------------------------------------------------------------------------


def _open_sentence(step: Step, there: Presence) -> str:
    here = step.state.here
    return elsewhere_words.open_at(there, here.hub, here.zone, here.by.at)


def _settled_sentence(step: Step, theirs: SharedDraft) -> str:
    return _("Settled at {bench} by {person}, {time}.", **_who(step, theirs))


def _say_missing(step: Step, theirs: SharedDraft) -> None:
    """Say which photos stayed there: a draft names them, and goes on naming them."""
    draft = theirs.draft
    if draft is None:
        return
    count = sum(len(x.photos) for x in draft.inspections) + sum(len(x.photos) for x in draft.extras)
    if count:
        kept = ngettext(
            "{n} photo is kept at {bench}.",
            "{n} photos are kept at {bench}.",
            count,
            n=count,
            bench=theirs.bench,
        )
        _add(step, kept)


def _who(step: Step, theirs: SharedDraft) -> dict[str, str]:
    return {"bench": theirs.bench, "person": theirs.person, "time": _moment(step, theirs)}


def _moment(step: Step, theirs: SharedDraft) -> str:
    return words.moment(theirs.at, step.state.here.zone, step.state.here.by.at)


def _add(step: Step, sentence: str) -> None:
    """Say it beside what the band says, first: a narrow band cuts off the end."""
    step.update(f"{sentence} {step.band.sentence}".strip(), step.band.detail)
