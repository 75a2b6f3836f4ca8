"""What a command or an answer makes of the bench. Pure.

Every function works on a ``Step`` and raises ``RuleBroken`` where the dock's rules forbid it now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.returns.grading import Disposition, Grade
from loopdesk.domain.settlement import SettlementKind
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import item, opening, ready
from loopdesk.presenters.bench.answers import BandText, disposed, graded
from loopdesk.presenters.bench.buttons import DISPOSITION_CODES, GRADE_CODES
from loopdesk.presenters.bench.effects import (
    Keep,
    KeepMystery,
    KeepPhoto,
    LookUpTyped,
    ReadUnsent,
    Refresh,
    ShowView,
    Then,
    Withdraw,
)
from loopdesk.presenters.bench.entry import decided_last, enter, keep
from loopdesk.presenters.bench.events import (
    SettlementKept,
    SettleNow,
    UnsentRead,
    Withdrawn,
)
from loopdesk.presenters.bench.labels import outdated, put_away
from loopdesk.presenters.bench.lines import SHOWN, LinesShown
from loopdesk.presenters.bench.photos import looking, taking
from loopdesk.presenters.bench.questions import (
    NEEDED,
    PAGE,
    BothEntered,
    CodeAsked,
    ExtraAsked,
    FlagReasonAsked,
    MysteryAsked,
    MysteryPhotoAsked,
    NoteAsked,
    OpenElsewhere,
    PhotoAsked,
    PhotoShown,
    StrayAsked,
    Typed,
    page_count,
    templates_of,
    wrong_parcel_reason,
)
from loopdesk.presenters.bench.screen import settled_already
from loopdesk.presenters.bench.sharing import drafts as shared
from loopdesk.presenters.bench.state import Step
from loopdesk.presenters.commands import TEXT_CODE
from loopdesk.presenters.screens.window import FINISHED, Signal
from loopdesk.presenters.words import errors, words
from loopdesk.services.bench import on_bench as bench

# --- commands ---------------------------------------------------------------------------------------

_MESSAGES = frozenset({Signal.BLOCKED, Signal.DOUBLE, Signal.ATTENTION, Signal.STRAY, Signal.ASKED})
"""What the band says beside an open return until the operator has taken note of it."""

_KEEPS_ASKING = frozenset({"LDCMDEXTRA", "LDCMDPHOTO", "LDCMDPHOTOS", "LDCMDREFRESH"})
"""After any other command nobody says any more what came instead of a wrong item."""

_GRADES = {code: grade for grade, code in GRADE_CODES.items()}
_DISPOSITIONS = {code: disposition for disposition, code in DISPOSITION_CODES.items()}


def run(step: Step, code: str) -> None:
    """Do what a command asks, by its word."""
    asking = step.state.asking
    if asking is not None and asking.over:  # the operator goes on: the answer must not come in between
        step.become(asking=None)
    if code not in _KEEPS_ASKING:
        step.become(wrong="")
    before = step.state
    if code in _GRADES:
        _grade(step, code)
    elif code in _DISPOSITIONS:
        _dispose(step, _DISPOSITIONS[code])
    elif code.startswith(TEXT_CODE):
        _template(step, code)
    elif code in _TABLE:
        _TABLE[code](step)
    outdated.warn(step, before)


# --- lines ------------------------------------------------------------------------------------------


def _chosen_lines(step: Step) -> tuple[str, ...]:
    here = step.state.on_bench
    if here is None:
        raise RuleBroken("no_return_open")
    if step.state.marked:
        ids = dict.fromkeys(line.line_item_id for line in here.ret.lines)
        return tuple(line_id for line_id in ids if line_id in step.state.marked)
    return (here.draft.selected,) if here.draft.selected else ()


def _grade(step: Step, code: str) -> None:
    chosen, grade, by = _chosen_lines(step), _GRADES[code], step.state.here.by
    before = step.state.on_bench
    now = bench.grade(before, grade, chosen, by)
    enter(step, now)
    step.become(marked=frozenset())
    extra = before.draft.item(chosen[0]) if before is not None else None
    if extra is not None:
        item.say_graded(step, extra, grade)
        return
    _say(step, graded(now.ret, now.draft, chosen, grade, by.vocabulary))
    if grade is Grade.WRONG and len(chosen) == 1:
        item.ask_what_came(step, chosen[0])


def _dispose(step: Step, disposition: Disposition) -> None:
    chosen, by = _chosen_lines(step), step.state.here.by
    now = bench.dispose(step.state.on_bench, disposition, chosen, by)
    enter(step, now)
    extra = now.draft.item(chosen[0]) if chosen else None
    if extra is not None:
        item.say_disposed(step, extra, disposition)
        return
    _say(step, disposed(now.ret, now.draft, chosen, disposition, by.vocabulary))


def _say(step: Step, answer: BandText) -> None:
    """Say a decision."""
    step.say(answer.signal, answer.word, answer.sentence, answer.detail, letter=answer.letter)


def _select_all(step: Step) -> None:
    here = step.state.on_bench
    waiting = bench.undecided_here(here) if here is not None else ()
    if not waiting:
        raise RuleBroken("nothing_undecided")
    step.become(marked=frozenset(waiting))
    chosen = _("All that is undecided is selected. Choose a grade.")
    step.say(Signal.SELECTED, words.lines(len(waiting)), chosen)


def _rest(step: Step) -> None:
    """Grade all that is undecided A."""
    _select_all(step)
    _grade(step, "LDCMDGRADEA")


def _move(step: Step, places: int) -> None:
    state = step.state
    if state.picker:
        picked = max(0, min(len(state.choices) - 1, state.picked + places))
        step.become(picked=picked, page=picked // PAGE)
        _say_picked(step)
        return
    if state.on_bench is None:
        raise RuleBroken("no_return_open")
    now = bench.move_selection(state.on_bench, places, state.here.by.vocabulary)
    step.become(marked=frozenset(), on_bench=now, pictured=now.draft.selected)
    _say_selected(step)


def choose_line(step: Step, index: int) -> None:
    """Select a line by its place."""
    here = step.state.on_bench
    ids = item.ids_of_rows(here.picture) if here is not None else ()
    if here is not None and 0 <= index < len(ids):
        line_id = ids[index]
        now = bench.select(here, line_id, step.state.here.by.vocabulary)
        step.become(marked=frozenset(), on_bench=now, pictured=now.draft.selected)
    _say_selected(step)


def narrow(step: Step, shown: LinesShown) -> None:
    """Show a part of a long list of lines."""
    step.become(lines_shown=shown)
    step.say(Signal.SELECTED, _(SHOWN[shown]), _("The list shows these lines."))


def _say_selected(step: Step) -> None:
    """Say which line is in hand now."""
    here = step.state.on_bench
    ids = [line.line_item_id for line in here.ret.lines] if here is not None else []
    if here is None or here.draft.selected not in ids:
        step.again()
        return
    place = ids.index(here.draft.selected)
    step.say(
        Signal.SELECTED, _("Line {n}", n=place + 1), words.sentence(words.line_title(here.ret.lines[place]))
    )


def _say_picked(step: Step) -> None:
    """Say which return is chosen, before it is opened."""
    state = step.state
    name = state.choices[state.picked].text if state.picked < len(state.choices) else ""
    step.say(Signal.SELECTED, _("Choice {n}", n=state.picked + 1), name)


# --- exceptions -------------------------------------------------------------------------------------


def _extra(step: Step) -> None:
    here = bench.changeable(step.state.on_bench)
    opening.ask(step, item.asked_of(here, step.state.wrong))


def _empty(step: Step) -> None:
    enter(step, bench.empty_box(step.state.on_bench, step.state.here.by))
    sentence = _("Every line is missing; the return will be flagged. Confirm to settle.")
    step.say(Signal.EXCEPTION, _("Empty box"), sentence, letter="∅")


def _wrong_parcel(step: Step) -> None:
    """Flag a parcel that belongs elsewhere, and settle it: the command is the confirm."""
    here = bench.allowing(step.state.on_bench, SettlementKind.FLAG)
    if step.state.here.seen != here.ret.return_id:
        raise RuleBroken("not_seen_yet")
    enter(step, bench.wrong_parcel(step.state.on_bench, step.state.here.by))
    step.do(Then(SettleNow()))


def _note(step: Step) -> None:
    """Ask for a note; where an item on no line is in hand, for what else is known of that."""
    here = bench.changeable(step.state.on_bench)
    extra = here.draft.item(here.draft.selected)
    opening.ask(step, item.asked_about(extra) if extra is not None else NoteAsked())


def _flag(step: Step) -> None:
    here = bench.allowing(step.state.on_bench, SettlementKind.FLAG)
    opening.ask(step, FlagReasonAsked(here.ret.order_name or here.ret.return_id))


def choose_settlement(step: Step, kind: SettlementKind) -> None:
    """Choose another legal settlement; a flag without a cause asks for its reason first."""
    here = step.state.on_bench
    if kind is SettlementKind.FLAG and here is not None and not here.proposal.causes:
        _flag(step)
        return
    enter(step, bench.choose(here, kind, step.state.here.by))
    step.say(Signal.SELECTED, words.settlement(kind), _("Confirm settles the return this way."))


def _go_on_without(step: Step) -> None:
    enter(step, bench.go_on_without(step.state.on_bench, step.state.here.by))
    sentence = _("The parcels that were not seen are not waited for. Decide their lines too.")
    step.say(Signal.ATTENTION, _("Not waiting"), sentence)


def _mystery(step: Step) -> None:
    """Put aside what is open, and ask about a parcel without a readable code."""
    if isinstance(step.state.question, MysteryAsked) and not step.state.question.code:
        step.again()  # that is what is asked
        return
    opening.put_aside(step)
    opening.ask_mystery(step, "")


def _refresh(step: Step) -> None:
    if step.state.on_bench is None:
        raise RuleBroken("no_return_open")
    step.do(Refresh(step.state.open_id, is_forced=True, is_aloud=True))
    step.say(Signal.WAITING, _("Asking"), _("Loop is asked what it shows of this return now."))


def _look_back(step: Step) -> None:
    """Show what was finished last; what is open and asked stays as it is."""
    before = step.state.before if step.band.serial == step.state.looking else step.band
    step.do(ShowView(FINISHED))
    step.say(Signal.SELECTED, _("Last finished"), _("At most ten, the latest first. Alt+1 leads back."))
    step.become(looking=step.band.serial, before=before)


def _park(step: Step) -> None:
    here = step.state.on_bench
    if here is None:
        raise RuleBroken("no_return_open")
    opening.put_aside(step)
    if not here.takes_more:  # nothing is left to do there, so the list of what was put aside does not hold it
        step.say(Signal.READY, _(ready.WORD), _(ready.SENTENCE))
        return
    name = here.ret.order_name
    aside = _("{order} was put aside with everything entered. Scan it to go on.", order=name)
    step.say(Signal.READY, _(ready.WORD), aside)


# --- settling ---------------------------------------------------------------------------------------


def _confirm(step: Step) -> None:
    state = step.state
    if state.question is not None:
        answer(step, state.first)
        return
    if state.picker and state.choices:
        _open_choice(step, min(state.picked, len(state.choices) - 1))
        return
    if state.on_bench is not None and state.on_bench.picture.held:
        kept = _("It is kept already and goes to Loop by itself.")
        step.say(Signal.DOUBLE, _("Double"), kept)
        return
    settled = settled_already(state.on_bench.picture) if state.on_bench is not None else ""
    if settled:
        step.say(Signal.SETTLED, _("Nothing to confirm"), settled)
        return
    settle(step)


def settle(step: Step) -> None:
    """Keep the settlement of what the operator has seen.

    Raises:
        RuleBroken: ``not_seen_yet``: it was not on screen, or only just; or as ``on_bench.settlement``.
    """
    state = step.state
    if state.on_bench is not None and state.here.seen != state.open_id:
        raise RuleBroken("not_seen_yet")
    here, by = state.here, state.here.by
    step.do(Keep(bench.settlement(state.on_bench, by.vocabulary, here.where, by.at)))


def say_kept(step: Step, event: SettlementKept) -> None:
    """Show the settlement that is on disk now, held and withdrawable."""
    state, kept = step.state, bench.held(event.request, event.entries)
    if state.on_bench is not None:
        vocabulary = state.here.by.vocabulary
        step.become(on_bench=bench.settled(state.on_bench, event.request, event.entries, vocabulary))
        put_away.on_settlement(step, state.on_bench.ret, event.request.draft)
    step.become(marked=frozenset(), unsent=(*state.unsent, kept), begins=kept, began=state.here.seconds)
    since, here = state.here.offline_since, state.here
    if since is None:
        what = words.settlement(SettlementKind(event.request.kind))
        detail = _("{what}. Saved on this station.", what=what)
        step.say(Signal.KEPT, _("Kept"), _("Undo costs nothing now."), detail)
        return
    sentence = _("Saved on this station. It goes to Loop when the network is back.")
    if here.is_hub_away:
        sentence = _("Saved on this station. It goes to Loop when the hub is back.")
    when = words.moment(since, here.zone, here.by.at)
    detail = _("Offline since {time}. Go on working.", time=when)
    step.say(Signal.KEPT, _("Kept offline"), sentence, detail)


def _undo(step: Step) -> None:
    here = step.state.on_bench
    before = bench.undone(here, step.state.here.by.vocabulary) if here is not None else None
    if before is None:
        step.do(ReadUnsent(is_undo=True))
        return
    keep(step, before)
    looking.close(step)
    step.become(pictured=decided_last(here.draft, before.draft) if here is not None else "")
    if item.is_gone(before.draft, step.state.question):
        opening.end_questions(step)
    undone = _("The last decision on {order} was taken back.", order=before.ret.order_name)
    step.say(Signal.TAKEN_BACK, _("Taken back"), undone)
    if here is not None and (wrong := item.asked_again(here.draft, before.draft)):
        item.ask_what_came(step, wrong)


def take_unsent(step: Step, event: UnsentRead) -> None:
    """Learn what undo may withdraw, and withdraw it when that was the question."""
    named = bench.undoable(step.state.on_bench, step.state.unsent)
    step.become(unsent=event.unsent)
    if not event.is_undo:
        return
    settlement = bench.undoable(step.state.on_bench, event.unsent)
    if named is not None:  # what the screen named is what is meant
        settlement = next((x for x in event.unsent if x.settlement_id == named.settlement_id), None)
    if settlement is not None:
        step.do(Withdraw(settlement))
        return
    broken = "nothing_to_undo" if named is None else "too_late"
    step.say(Signal.BLOCKED, _("Blocked"), errors.rule(broken))  # not raised, so that the rest is learned


def take_back(step: Step, event: Withdrawn) -> None:
    """Open the return whose settlement was withdrawn. Raises ``RuleBroken("too_late")``."""
    if event.return_id is None:
        raise RuleBroken("too_late")
    opening.open_return(step, event.return_id, taken_back=event.order_name)


# --- questions --------------------------------------------------------------------------------------


def dismiss(step: Step) -> None:
    """Close the question, the choice or the message that is open."""
    state = step.state
    if isinstance(state.question, MysteryPhotoAsked):
        taking.ask_again(step, state.question.told)
        return
    if state.question is not None:
        step.close_question()
    elif state.picker:
        step.become(picker=())
    else:
        step.become(marked=frozenset())
    if state.on_bench is None:
        step.say(Signal.READY, _(ready.WORD), _(ready.SENTENCE))
    elif state.band.signal in _MESSAGES or state.question is not None:
        step.say(Signal.FOUND, _("Found"), _("Go on."))
    else:
        step.again()


def _template(step: Step, code: str) -> None:
    """Choose the n-th answer that is shown, or show more of them."""
    number = int(code.removeprefix(TEXT_CODE))
    if number:
        choose(step, number - 1)
    else:
        _show_more(step)


def choose(step: Step, number: int) -> None:
    """Take the n-th answer of those that are shown, counted from 0."""
    state = step.state
    place = state.page * PAGE + number
    if not 0 <= number < PAGE or place >= _answer_count(step):
        raise RuleBroken("no_such_template")
    if state.question is None:
        _open_choice(step, place)
    elif isinstance(state.question, StrayAsked):
        _answer_stray(step, state.question, place)
    elif isinstance(state.question, PhotoShown):
        looking.choose(step, state.question, place)
    elif isinstance(state.question, OpenElsewhere):
        shared.choose_open(step, place)
    elif isinstance(state.question, BothEntered):
        shared.choose_both(step, state.question, place)
    else:
        ready = templates_of(state.question, state.here.by.vocabulary)[place]
        answer(step, Typed(ready, ready))


def _open_choice(step: Step, place: int) -> None:
    """Open the return that is shown at that place."""
    return_id = step.state.choices[place].return_id
    hit = next((x for x in step.state.picker if x.return_id == return_id), None)
    opening.open_return(step, return_id, hit.candidate if hit is not None else None)


def _answer_count(step: Step) -> int:
    """How many ready answers the question has, or how many returns may be chosen."""
    state = step.state
    if state.question is None:
        return len(state.choices) if state.picker else 0
    return len(templates_of(state.question, state.here.by.vocabulary))


def _show_more(step: Step) -> None:
    """Show the next answers; after the last ones the first ones again."""
    pages = page_count(_answer_count(step))
    if pages == 1:
        raise RuleBroken("no_such_template")
    page = (step.state.page + 1) % pages
    step.become(page=page, picked=page * PAGE if step.state.question is None else step.state.picked)
    shown = _("These answers have the numbers now.")
    step.say(Signal.SELECTED, _("{n} of {all}", n=page + 1, all=pages), shown)


def answer(step: Step, text: Typed, *, is_scan: bool = False) -> None:
    """Take the answer to the open question; an empty one where words are needed leaves it open.

    Args:
        is_scan: It is the code of an item, not words.

    Raises:
        RuleBroken: ``not_here``, ``code_as_words``, or what is needed: it is no answer.
    """
    state, by = step.state, step.state.here.by
    question = state.question
    if question is None:
        step.again()
        return
    _check_answer(step, text)
    match question:
        case NoteAsked():
            enter(step, bench.add_note(state.on_bench, text.clean, by))
            noted = _("It goes to Loop when you settle.")
            step.say(Signal.DECIDED, _("Noted"), noted, text.clean, letter="+")
        case ExtraAsked():
            _answer_extra(step, question, text.clean, is_code=is_scan)
        case PhotoAsked():
            bench.changeable(state.on_bench)
            step.do(KeepPhoto(text.clean, question))
            return
        case FlagReasonAsked():
            _answer_flag(step, text.clean)
        case MysteryAsked():
            told = replace(question, words=text.clean, shelf=state.second.masked.strip())
            step.do(KeepMystery(told, is_said=True))
        case MysteryPhotoAsked(told=told):
            step.do(KeepPhoto(text.clean, told))
            return
        case CodeAsked():
            step.do(LookUpTyped(text.clean))
        case (
            StrayAsked() | PhotoShown() | OpenElsewhere() | BothEntered()
        ):  # answered by a number only, see ``_check_answer``
            return
        case _:
            assert_never(question)
    step.close_question()


def _answer_extra(step: Step, asked: ExtraAsked, text: str, *, is_code: bool) -> None:
    """Note an item on no line, or what else is known of one that is noted."""
    here, by = step.state.on_bench, step.state.here.by
    if asked.item_id:
        enter(step, bench.tell_of_extra(here, asked.item_id, text, by, is_code=is_code))
        item.say_told(step, asked.item_id)
        return
    enter(step, bench.add_extra(here, text, by, is_code=is_code, instead_of=asked.instead_of))
    item.say_added(step)


def _answer_flag(step: Step, reason: str) -> None:
    """Choose to flag for this reason, and settle it: the answer is the confirm."""
    here, by = step.state.on_bench, step.state.here.by
    if reason == wrong_parcel_reason():
        enter(step, bench.wrong_parcel(here, by))
    else:
        enter(step, bench.flag_because(here, reason, by))
    step.do(Then(SettleNow()))


def _check_answer(step: Step, text: Typed) -> None:
    question = step.state.question
    if isinstance(question, StrayAsked | PhotoShown | OpenElsewhere | BothEntered):
        raise RuleBroken("not_here")
    if text.is_code and not isinstance(question, CodeAsked):  # its letters are kept nowhere
        raise RuleBroken("code_as_words")
    if not text.clean and not isinstance(question, MysteryAsked):
        raise RuleBroken(NEEDED.get(type(question), "answer_needed"))


def _answer_stray(step: Step, asked: StrayAsked, number: int) -> None:
    """Take the answer: 0 for an extra item, 1 for a wrong item, 2 for another parcel."""
    here, by = step.state.on_bench, step.state.here.by
    if number == 0:
        enter(step, bench.add_extra(here, asked.code, by, is_code=True))
        item.say_added(step)
        step.close_question()
    elif number == 1:
        came(step, asked.code)
        step.close_question()
    else:
        step.close_question()
        opening.put_aside(step)
        step.do(KeepMystery(MysteryAsked(asked.code), is_said=True))


def came(step: Step, code: str) -> None:
    """Note what lay in the place of the line that was just graded as a wrong item, or else is selected."""
    here, by, wrong = step.state.on_bench, step.state.here.by, step.state.wrong
    if wrong:
        enter(step, bench.add_extra(here, code, by, is_code=True, instead_of=wrong))
    else:
        enter(step, bench.wrong_item(here, code, by))
    step.become(wrong="")
    item.say_added(step)


_TABLE: dict[str, Callable[[Step], None]] = {
    "LDCMDALL": _select_all,
    "LDCMDRESTA": _rest,
    "LDCMDNEXT": lambda step: _move(step, 1),
    "LDCMDPREV": lambda step: _move(step, -1),
    "LDCMDEXTRA": _extra,
    "LDCMDEMPTY": _empty,
    "LDCMDELSEWHERE": _wrong_parcel,
    "LDCMDNOTE": _note,
    "LDCMDFLAG": _flag,
    "LDCMDCONFIRM": _confirm,
    "LDCMDUNDO": _undo,
    "LDCMDPARK": _park,
    "LDCMDWITHOUT": _go_on_without,
    "LDCMDOTHER": opening.open_other,
    "LDCMDMYSTERY": _mystery,
    "LDCMDPHOTO": taking.press,
    "LDCMDPHOTOS": looking.open_latest,
    "LDCMDLABEL": put_away.press,
    "LDCMDREFRESH": _refresh,
    "LDCMDLAST": _look_back,
    "LDCMDDISMISS": dismiss,
    "LDCMDTYPE": lambda step: opening.ask(step, CodeAsked()),
}
