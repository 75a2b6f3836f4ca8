"""How a return comes onto the bench and leaves it, and how questions end when the operator goes on. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.grading import Draft, Vocabulary
from loopdesk.domain.returns.parcels import lines_of
from loopdesk.domain.returns.returns import Parcel, ReturnState
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.bench.effects import KeepMystery, Read, ReadChoices, ReadParked, Refresh, Save
from loopdesk.presenters.bench.events import (
    ChoicesRead,
    LoopAnswered,
    MysteryNumbered,
    ParkedRead,
    ReturnRead,
)
from loopdesk.presenters.bench.labels import put_away
from loopdesk.presenters.bench.lines import LinesShown
from loopdesk.presenters.bench.questions import (
    ExtraAsked,
    FlagReasonAsked,
    MysteryAsked,
    MysteryPhotoAsked,
    NoteAsked,
    PhotoAsked,
    PhotoShown,
    Question,
    StrayAsked,
)
from loopdesk.presenters.bench.sharing import drafts as shared
from loopdesk.presenters.bench.state import Asking, BenchState, Step
from loopdesk.presenters.links import candidate_link, elsewhere_link, parked_link
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import elsewhere_words, parcel_words, scan_words, words
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.bench.on_bench import OnBench
from loopdesk.services.ports.store import Hit, Taken

_ABOUT_RETURN = (NoteAsked, FlagReasonAsked, ExtraAsked, PhotoAsked, PhotoShown)
"""Questions about the open return: they stay while it does."""

# --- opening ----------------------------------------------------------------------------------------


def show_hits(step: Step, hits: tuple[Hit, ...], taken: Taken | None = None) -> None:
    """Open the return that was found, read with the scan, or let the operator choose among several."""
    step.become(asking=None)
    first = {hit.return_id: hit for hit in reversed(hits)}
    ids = tuple(dict.fromkeys(hit.return_id for hit in hits))
    if len(ids) == 1:
        open_return(step, ids[0], hits[0].candidate, taken)
        return
    put_aside(step)
    step.become(picker=tuple(first[each] for each in ids), picked=0, page=0, choices=())
    step.do(ReadChoices(ids))
    found = _("{n} returns fit. Choose one.", n=len(ids))
    step.say(Signal.ASKED, _("Choose"), found, scan_words.rule(hits[0].candidate.rule))


def _work_by(step: Step, vocabulary: Vocabulary) -> None:
    """Inspect the return that comes onto the bench by this vocabulary, until it leaves."""
    here = step.state.here
    step.become(here=replace(here, by=replace(here.by, vocabulary=vocabulary)))


def show_choices(step: Step, event: ChoicesRead) -> None:
    """Name the returns to choose from."""
    step.become(choices=tuple(candidate_link(each) for each in event.stored))


def open_return(
    step: Step,
    return_id: str,
    candidate: Candidate | None = None,
    taken: Taken | None = None,
    *,
    taken_back: str = "",
) -> None:
    """Put a return on the bench, as read with the scan or to be read."""
    began = step.state.here.seconds
    if taken is not None and taken.known is not None:
        lay_out(step, ReturnRead(taken.known, taken.parcel, candidate, began, left=taken.left))
    else:
        step.do(Read(return_id, candidate, began, taken_back))


def lay_out(step: Step, read: ReturnRead) -> None:
    """Put a return that was read on the bench; another one is put aside, and it is refreshed behind."""
    known = read.known
    if known is None:
        step.say(Signal.UNKNOWN, _("Unknown"), _("Loop knows no such return."))
        return
    if shared.takes_over(step, read):
        return
    return_id = known.stored.ret.return_id
    if return_id != step.state.open_id:
        end_questions(step)
        if step.state.open_id != read.left:
            _save_aside(step)
    elif not isinstance(step.state.question, _ABOUT_RETURN):
        end_questions(step)
    if known.draft.parked:
        step.do(Save(replace(known.draft, parked=False)))
    number = _label_number(read.candidate)
    if return_id != step.state.open_id:
        step.become(lines_shown=LinesShown.ALL, pictured="")
        _work_by(step, step.state.here.vocabularies.of(known.stored.shop))
    by = step.state.here.by
    step.become(
        on_bench=bench.opened(step.state.on_bench, known, by.vocabulary, is_taken_back=bool(read.taken_back)),
        picker=(),
        marked=frozenset(),
        wrong="",
        asking=None,
        parcel=number,
        siblings=known.siblings,
        numbered=None,
    )
    if read.parcel is not None:
        _choose_within(step, read.parcel)
    how = scan_words.rule(read.candidate.rule) if read.candidate is not None else _("Opened by hand")
    _say_found(step, how, known.stored.fetched_at, step.state.here.seconds - read.began)
    step.do(Refresh(return_id))
    if read.taken_back:
        undone = _("{order} is as you entered it. Nothing was sent.", order=read.taken_back)
        step.say(Signal.TAKEN_BACK, _("Taken back"), undone)
    shared.greet(step, read)


def _label_number(candidate: Candidate | None) -> str:
    """Return the number of the label that was scanned, "" when none was."""
    return candidate.code if candidate is not None and candidate.kind is CandidateKind.TRACKING else ""


def _choose_within(step: Step, parcel: Parcel) -> None:
    """Choose what lies in the parcel whose label was scanned, when it is one of several."""
    here = step.state.on_bench
    if here is None or len(here.picture.parcels) < 2:
        return
    inside = lines_of(here.ret, parcel)
    waiting = tuple(x for x in inside if here.draft.inspection(x) is None)
    if inside:
        chosen = (waiting or inside)[0]
        step.become(on_bench=bench.select(here, chosen, step.state.here.by.vocabulary))
    step.become(marked=frozenset(waiting if len(waiting) > 1 else ()))


def _say_found(step: Step, how: str, fetched_at: datetime, seconds: float) -> None:
    here = step.state.here
    detail = _(
        "Opened from this station in {ms} ms · checked with Loop {time}",
        ms=max(1, round(seconds * 1000)),
        time=words.moment(fetched_at, here.zone, here.by.at),
    )
    if here.offline_since is not None:
        offline = _("offline since {time}", time=words.moment(here.offline_since, here.zone, here.by.at))
        detail = words.listed((detail, offline))
    sentence = words.sentence(how)
    if step.state.parcel and step.state.on_bench is not None:
        arrived = parcel_words.arrived(step.state.on_bench.picture, step.state.parcel)
        sentence = f"{sentence} {arrived}".strip()
    signal, word = _how_it_stands(step.state.on_bench)
    step.say(signal, _(word), sentence, detail)


_STANDS = {
    ReturnState.CLOSED: (Signal.SETTLED, N_("Settled already")),
    ReturnState.EXPIRED: (Signal.SETTLED, N_("Expired")),
    ReturnState.CANCELLED: (Signal.CANCELLED, N_("Cancelled")),
    ReturnState.REVIEW: (Signal.REVIEW, N_("In review")),
}
"""How a return that is not open at Loop is greeted: never as one that is."""


def _how_it_stands(here: OnBench | None) -> tuple[Signal, str]:
    """Return the signal and the word for a return that was found."""
    if here is None:
        return Signal.FOUND, N_("Found")
    if here.picture.is_finished:
        return Signal.SETTLED, N_("Settled already")
    return _STANDS.get(here.ret.state, (Signal.FOUND, N_("Found")))


def open_other(step: Step) -> None:
    """Open the other return of the order, or let the operator choose. Raises ``RuleBroken("no_sibling")``."""
    if not step.state.siblings:
        raise RuleBroken("no_sibling")
    show_hits(step, step.state.siblings)


# --- leaving ----------------------------------------------------------------------------------------


def put_aside(step: Step) -> None:
    """Park what is open with everything entered, end every question, and show what is parked."""
    end_questions(step)
    _save_aside(step)
    step.become(on_bench=None, picker=(), marked=frozenset(), wrong="", pictured="", parcel="", siblings=())
    step.become(asking=None)
    step.do(ReadParked())


def _save_aside(step: Step) -> None:
    aside = _aside(step.state)
    if aside is not None:
        step.do(Save(aside))


def leaving(state: BenchState) -> Draft | None:
    """Return what is to be put aside in the commit of a scan that opens another return.

    None while a question is open: what is typed there may first become part of what is entered.
    """
    return _aside(state) if state.question is None else None


def _aside(state: BenchState) -> Draft | None:
    return bench.put_aside(state.on_bench, state.here.by.at) if state.on_bench is not None else None


def show_parked(step: Step, event: ParkedRead) -> None:
    """Name the returns that were put aside, each once: at the bench that has gone on with it."""
    here = step.state.here

    def beside(return_id: str) -> str:
        open_at = (each for each in event.open_at if each.return_id == return_id)
        return elsewhere_words.open_beside(open_at, here.hub)

    theirs = [(x, ret) for x, ret in event.elsewhere if x.draft is None or not x.draft.is_empty]
    gone_on = {x.return_id for x, _ret in theirs}
    own = (
        parked_link(x, ret, here.zone, here.by.at, beside(x.return_id))
        for x, ret in event.rows
        if x.return_id not in gone_on
    )
    others = (elsewhere_link(x, ret, here.zone, here.by.at, beside(x.return_id)) for x, ret in theirs)
    step.become(parked=(*own, *others))


def ask(step: Step, question: Question) -> None:
    """Put a question. An open one ends as when the operator goes on; if it is the same, it stays."""
    if step.state.question == question:
        step.again()
        return
    end_questions(step)
    step.ask(question)
    step.say_asked()


def end_questions(step: Step) -> None:
    """Close every question without an answer; words that were written and an unknown parcel are kept."""
    state = step.state
    match state.question:
        case NoteAsked() | FlagReasonAsked() | ExtraAsked() if state.first.clean:
            about = state.question.item_id if isinstance(state.question, ExtraAsked) else ""
            _note_words(step, state.first.masked.strip(), about)
        case MysteryAsked(code=code, photo=photo):
            told = MysteryAsked(code, state.first.masked.strip(), state.second.masked.strip(), photo)
            if told.words or told.shelf or told.photo:
                step.do(KeepMystery(told))
        case MysteryPhotoAsked(told=told):
            step.do(KeepMystery(told))
        case StrayAsked(code=code, is_label=True):
            step.do(KeepMystery(MysteryAsked(code)))
    step.close_question()


def _note_words(step: Step, words: str, item_id: str) -> None:
    """Keep words for the open return as a note, or with the item that they are about: they decide nothing."""
    here, by = step.state.on_bench, step.state.here.by
    try:
        if here is not None and here.draft.item(item_id) is not None:
            noted = bench.tell_of_extra(here, item_id, words, by, is_code=False)
        else:
            noted = bench.add_note(here, words, by)
    except RuleBroken:  # nothing is entered there any more
        return
    step.become(on_bench=noted)
    step.do(Save(noted.draft))


# --- codes that no return is known for --------------------------------------------------------------


def ask_stray(step: Step, code: str, *, is_label: bool) -> None:
    """Ask what a code is that the open return does not have; a note that was being written is kept."""
    end_questions(step)
    step.become(asking=None)
    step.ask(StrayAsked(code, step.state.open_name, is_label))
    sentence = _("Choose: 1 extra item, 2 wrong item, 3 another parcel.")
    left = bench.left_with_shopper(step.state.on_bench, code)
    why = f"{words.line_title(left)}: {words.line_outcome(left.outcome, left.outcome_raw)}" if left else ""
    step.say(Signal.STRAY, _("Not on this return"), sentence, words.listed((why, scanned(code))))


def ask_mystery(step: Step, code: str) -> None:
    """Offer to keep a parcel whose code nobody knows; "" for one without a readable code."""
    step.become(asking=None)
    step.ask(MysteryAsked(code))
    if code:
        unknown = _("Loop knows no return with this code.")
        step.say(Signal.UNKNOWN, _("Unknown"), unknown, scanned(code))
    else:
        sentence = _("A parcel without a readable code. Confirm gives it a number.")
        step.say(Signal.UNKNOWN, _("No code"), sentence)


def keep_unknown(step: Step, code: str) -> None:
    """Offline and not known: keep the code; every synchronization tries it again."""
    step.become(asking=None)
    step.do(KeepMystery(MysteryAsked(code), is_said=True, is_offline=True))


def say_numbered(step: Step, event: MysteryNumbered) -> None:
    """Say which number a parcel got, and print it if the station wants that."""
    step.become(numbered=event.record)
    number = str(event.number)
    if event.record is not None:
        put_away.on_number(step, event.record)
        number = event.record.site_number
    if not event.is_offline:
        sentence = _("Mystery parcel {n}. Write the number on the box.", n=number)
        step.say(Signal.MYSTERY, number, sentence)
        return
    until, here = step.state.here.synced_at, step.state.here
    known = _("Nothing was synchronized yet.")
    if until:
        known = _("Looked up to {time}.", time=words.moment(until, here.zone, here.by.at))
    sentence = _("Not known here. Kept as mystery parcel {n}; tried again by itself.", n=number)
    step.say(Signal.MYSTERY, number, sentence, known)


def take_answer(step: Step, event: LoopAnswered) -> None:
    """Show what Loop said of a code while the operator still waits for it, and does nothing else."""
    is_awaited = step.state.asking == Asking(event.code, event.over)
    if not is_awaited or step.state.question is not None:
        _answer_late(step, event)
    elif event.hits:
        show_hits(step, event.hits)
    elif event.over:
        ask_stray(step, event.code, is_label=event.is_label)
    elif event.is_failure:
        keep_unknown(step, event.code)
    else:
        ask_mystery(step, event.code)


def _answer_late(step: Step, event: LoopAnswered) -> None:
    """The operator has gone on: nothing is opened under their hands, and no parcel is forgotten."""
    if step.state.asking == Asking(event.code, event.over):
        step.become(asking=None)
    if not event.hits and (event.is_label or not event.over):
        step.do(KeepMystery(MysteryAsked(event.code)))
    if not event.over and not event.hits:
        return
    again = _("Nobody knows it yet. Scan it again to say what it is.")
    if event.hits:
        again = _("It is {order}. Scan it again to open it.", order=event.hits[0].order_name)
    step.say(Signal.ATTENTION, _("Scan again"), again, scanned(event.code))


def scanned(code: str) -> str:
    """Name what was scanned, for the detail of the band."""
    return _("Scanned: {code}", code=code[:60])
