"""What a scan means in the bench's present state, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.domain.labels.classify import item_key
from loopdesk.domain.labels.gs1 import item_data
from loopdesk.domain.labels.scans import TYPED, Candidate, CandidateKind, CodeKind, CodeRead, Meaning, Scan
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.bench import commands, item, opening
from loopdesk.presenters.bench.effects import AskLoop, LookUp, ShowView
from loopdesk.presenters.bench.entry import enter
from loopdesk.presenters.bench.events import LookedUp, Pressed, Scanned
from loopdesk.presenters.bench.questions import ExtraAsked, StrayAsked
from loopdesk.presenters.bench.state import Asking, BenchState, Step
from loopdesk.presenters.commands import NEEDS_EYES
from loopdesk.presenters.screens.window import BENCH, Signal
from loopdesk.presenters.words import scan_words, words
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.ports.store import Taken

_REFUSALS = {
    CodeKind.BARE: N_(
        "This code is not of this station's sheet. Print this station's sheet: Settings, Print the command "
        "codes."
    ),
    CodeKind.WRONG: N_(
        "The letters are not this station's. Scan it once more. Print this station's sheet: Settings, Print "
        "the command codes."
    ),
    CodeKind.SEVERAL: N_(
        "Several codes were read in one scan, so no command was obeyed. Scan the one you want."
    ),
    CodeKind.SLOWED: N_("Too many wrong codes. For a minute printed codes do nothing; use keys and buttons."),
    CodeKind.BADGE: N_("That is a badge. This station does not ask who works here."),
}
"""Why a code that is no command of this station does nothing, and what to do."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What a scan is, as things stand.

    Attributes:
        meaning: What it may stand for; None for the same code twice at once.
        is_answer: The item that an open question asks for.
        item: The code of an item of the open return, "" when it is none.
    """

    meaning: Meaning | None
    is_answer: bool = False
    item: str = ""

    @property
    def sought(self) -> tuple[Candidate, ...]:
        """What is to be looked up for it."""
        is_taken = self.meaning is None or self.is_answer or bool(self.item)
        return () if self.meaning is None or is_taken else self.meaning.candidates


def sense_of(state: BenchState, scan: Scan, meaning: Meaning) -> Sense:
    """Say what a scan means that is no command code."""
    sense = Sense(meaning, _is_answer(state, meaning), _item(state, meaning, scan.raw))
    here = state.on_bench
    is_counted = bool(sense.item) and here is not None and bench.expects(here, sense.item)
    return Sense(None) if _is_double(state, scan) and not is_counted else sense


def _is_double(state: BenchState, scan: Scan) -> bool:
    """Whether a label was read again at once, with the same return still on the bench."""
    if state.last is None or scan.source == TYPED:  # a person who types a code twice means it
        return False
    last = state.last.scan
    is_soon = abs((scan.at - last.at).total_seconds()) < state.here.double_read_seconds
    return is_soon and scan.raw == last.raw and state.last.open_id == state.open_id


def _is_answer(state: BenchState, meaning: Meaning) -> bool:
    """Whether it is an item's code while an extra item, or what came instead of a wrong one, is asked for."""
    asked = state.question
    if not isinstance(asked, ExtraAsked) and (asked is not None or not state.wrong):
        return False
    if isinstance(asked, ExtraAsked) and asked.item_id and _has_code(state, asked.item_id):
        return False
    return not meaning.candidates or meaning.candidates[0].kind is CandidateKind.ITEM


def _has_code(state: BenchState, item_id: str) -> bool:
    """Whether the code of an item on no line is known already, so that only words are asked for."""
    known = state.on_bench.draft.item(item_id) if state.on_bench is not None else None
    return known is not None and bool(known.code)


def _item(state: BenchState, meaning: Meaning, raw: str) -> str:
    """Return the code that is one of an item of the open return, "" when none is."""
    if state.on_bench is None:
        return ""
    lines = state.on_bench.ret.expected_lines
    own = {item_key(text) for line in lines for text in (line.barcode, line.sku)} - {""}
    codes = (raw, *(candidate.code for candidate in meaning.candidates))
    return next((code for code in codes if item_key(code) in own), "")


def is_label(meaning: Meaning) -> bool:
    """Whether a code may be a parcel's label, and not only an item's."""
    return bool(meaning.candidates) and meaning.candidates[0].kind is not CandidateKind.ITEM


# --- commands ---------------------------------------------------------------------------------------


def press(step: Step, event: Pressed) -> None:
    """Do what a command asks, unless the bench was hidden, or it repeats the press before it."""
    if event.was_hidden and event.code in NEEDS_EYES:
        if event.code != "LDCMDDISMISS" and step.state.on_bench is not None:
            look = _("The bench was not in sight. Look at what would be settled, then confirm.")
            step.say(Signal.BLOCKED, _("Look first"), look)
        else:
            step.again()
    elif event.is_repeat:
        step.again()
    else:
        commands.run(step, event.code)


def _refuse(step: Step, code: CodeRead) -> None:
    """Say why a code does nothing and what to do; it is named, its letters are not shown."""
    scanned = opening.scanned(code.masked)
    step.say(Signal.BLOCKED, _("No effect"), _(_REFUSALS[code.kind]), scanned)


# --- every other scan -------------------------------------------------------------------------------


def take(step: Step, event: Scanned) -> None:
    """Try what a scan can be, in order: command, answer, item of the open return, a return's code."""
    code = event.scan.code
    if event.pressed is not None:
        press(step, event.pressed)
        return
    if code is not None:
        if code.kind is not CodeKind.COMMAND:
            _refuse(step, code)
        return
    meaning = event.meaning
    sense = sense_of(step.state, event.scan, meaning) if meaning is not None else Sense(None)
    if meaning is None or sense.meaning is None:
        step.say(Signal.DOUBLE, _("Double"), _("The same code twice at once: it counts once."))
        return
    step.do(ShowView(BENCH))
    if sense.is_answer:
        _answer(step, event)
    elif not (sense.item and _ticked(step, sense.item, event.scan.raw)):
        _look_for(step, meaning, event.taken)


def _answer(step: Step, event: Scanned) -> None:
    """Take an item's code as the answer to the open question, or to what came instead of a wrong item."""
    if step.state.question is None:
        commands.came(step, event.scan.raw)
    else:
        commands.answer(step, event.answer, is_scan=True)


def _ticked(step: Step, code: str, raw: str) -> bool:
    """Tick the unit of the open return with this code. False when it is none after all."""
    if isinstance(step.state.question, StrayAsked):  # the operator goes on with what is on the return
        step.close_question()
    found = bench.tick(step.state.on_bench, code, step.state.here.by, raw=raw, parcel=step.state.parcel)
    if found is None:
        return False
    now, ticked = found
    enter(step, now)
    step.become(wrong="", pictured=now.draft.extras[-1].item_id if ticked.is_extra else ticked.line_item_id)
    if ticked.is_extra:
        extra = _("Every unit with this code was seen. This one is extra: the return is flagged.")
        step.say(Signal.EXCEPTION, _("Extra"), extra, now.draft.extras[-1].name, letter="+")
        return True
    line = now.ret.line(ticked.line_item_id)
    title = words.line_title(line) if line else code
    here = step.state.here.by
    carried = item_data(raw, sends_separators=here.sends_separators)
    data = words.carried(carried)
    if line is not None and (other := item.other_serial(line, carried, here.vocabulary)):
        step.say(Signal.ATTENTION, _("Other serial"), f"{title}: {other}", data, letter="≠")
        return True
    if ticked.units > 1:
        step.say(
            Signal.DECIDED,
            _("{n} of {all}", n=ticked.seen, all=ticked.units),
            _("{n} of {all} {line}", n=ticked.seen, all=ticked.units, line=title),
            data,
            letter="✓",
        )
        return True
    step.say(Signal.DECIDED, _("Present"), _("{line} is in the parcel.", line=title), data, letter="✓")
    return True


def _look_for(step: Step, meaning: Meaning, taken: Taken) -> None:
    if not meaning.candidates:
        _name_wrong(step, meaning.raw, scan_words.hint(meaning.hint) or _("No return can carry this code."))
    elif taken.hits is None:  # what could not be read then is reported if it fails again
        step.do(LookUp(meaning))
    else:
        find(step, LookedUp(meaning, taken.hits), taken)


def _name_wrong(step: Step, raw: str, hint: str) -> None:
    step.say(Signal.UNKNOWN, _("Unknown"), hint, opening.scanned(raw))


def find(step: Step, found: LookedUp, taken: Taken | None = None) -> None:
    """Open what was found, or ask Loop; offline the parcel is kept, or the operator says what it is."""
    meaning, state = found.meaning, step.state
    raw = meaning.raw
    if found.hits:
        opening.show_hits(step, found.hits, taken)
        return
    if meaning.hint:  # no label and no shop prints this, so that Loop knows it neither
        _name_wrong(step, raw, scan_words.hint(meaning.hint))
        return
    over = state.open_id if state.on_bench is not None and state.on_bench.takes_more else ""
    if not over:
        opening.put_aside(step)
    if not state.here.is_online:
        if over:
            opening.ask_stray(step, raw, is_label=is_label(meaning))
        else:
            opening.keep_unknown(step, raw)
        return
    step.become(asking=Asking(raw, over))
    asking = _("Not known here yet. Loop is being asked.")
    step.say(Signal.WAITING, _("Asking"), asking, opening.scanned(raw))
    step.do(AskLoop(meaning, raw, is_label(meaning), over))
