"""When labels of items and mystery parcels are printed, and what the bench says of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.printing.labels import GoodsLabel, PrintsBy, parcel_code
from loopdesk.domain.printing.printers import PrinterState
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.returns import Return
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench.effects import PrintLabels
from loopdesk.presenters.bench.labels import goods
from loopdesk.presenters.bench.labels.outdated import outdated
from loopdesk.presenters.bench.state import BenchState, Step
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import printer_words, words
from loopdesk.services.bench.labels import LabelJob
from loopdesk.services.bench.on_bench import OnBench
from loopdesk.services.ports.labels import LabelSubject, PrintStage
from loopdesk.services.ports.store import Mystery
from loopdesk.services.station.events import LabelsDoubted, LabelsEnded

_MOST_NAMES = 3

# --- what is printed --------------------------------------------------------------------------------


def parcel_job(record: Mystery, zone: tzinfo, now: datetime) -> LabelJob:
    """Return the label of a mystery parcel."""
    name = _("Mystery {n}", n=record.site_number)
    when = words.moment(record.found_at, zone, now)
    label = GoodsLabel(
        code=parcel_code(record.site_number),
        heading=name,
        lines=tuple(
            line
            for line in (
                words.listed((when, record.station, record.operator.name)),
                words.listed((record.shelf, record.words)),
                record.code,
            )
            if line
        ),
    )
    return LabelJob(LabelSubject(f"parcel:{record.number}", "", name), label)


# --- when it is printed -----------------------------------------------------------------------------


def press(step: Step) -> None:
    """Print the label of what is in hand.

    Raises:
        RuleBroken: ``no_label_printer``, ``no_return_open``, or ``grade_first``: nothing has a label yet.
    """
    state = step.state
    if not state.here.has_printer:
        raise RuleBroken("no_label_printer")
    jobs = _in_hand(state)
    step.do(PrintLabels(jobs))
    step.say(Signal.FOUND, _("Label"), to_printer([job.about.name for job in jobs]), sound=False)
    step.become(printing=step.band.serial)


def _in_hand(state: BenchState) -> tuple[LabelJob, ...]:
    """Return the labels of the marked lines; else of the item in hand; else of what was decided last.

    Where the label of that is not right any more, all labels are printed again that are not.
    """
    here, by = state.on_bench, state.here.by
    if here is None:
        if state.numbered is None:
            raise RuleBroken("no_return_open")
        return (parcel_job(state.numbered, state.here.zone, by.at),)
    decided = [one for one in goods.decided(here).values() if one.is_here]
    wanted = state.marked or {here.draft.selected}
    chosen = [one for one in decided if one.found.line_item_id in wanted]
    old = outdated(here, state.here.labels, by.vocabulary)
    if not state.marked and old and (not chosen or chosen[0] in old):
        chosen = list(old)
    elif not chosen and decided:
        chosen = [max(reversed(decided), key=lambda one: one.found.inspected_at)]
    jobs = goods.jobs(here.ret, chosen, by.vocabulary)
    if not jobs:
        raise RuleBroken("grade_first")
    return jobs


def on_decision(step: Step, before: Draft, now: OnBench) -> None:
    """Print by itself what was just decided or decided otherwise, if the station wants that."""
    if step.state.here.prints_by is PrintsBy.DECIDED:
        vocabulary = step.state.here.by.vocabulary
        known = {one.subject: one.content(now.ret, vocabulary) for one in goods.of_draft(now.ret, before)}
        every = goods.of_draft(now.ret, now.draft)
        new = [one for one in every if known.get(one.subject) != one.content(now.ret, vocabulary)]
        _by_itself(step, goods.jobs(now.ret, new, vocabulary))


def on_settlement(step: Step, ret: Return, settled: Draft) -> None:
    """Print by itself what was just settled, if the station wants that."""
    if step.state.here.prints_by is PrintsBy.SETTLED:
        _by_itself(step, goods.jobs(ret, goods.of_draft(ret, settled), step.state.here.by.vocabulary))


def on_number(step: Step, record: Mystery) -> None:
    """Print by itself the label of a parcel that got its number, if the station prints anything so."""
    if step.state.here.prints_by is not PrintsBy.OFF:
        _by_itself(step, (parcel_job(record, step.state.here.zone, step.state.here.by.at),))


def _by_itself(step: Step, jobs: tuple[LabelJob, ...]) -> None:
    if jobs:
        step.do(PrintLabels(jobs, by_itself=True))


# --- what is said of it -----------------------------------------------------------------------------


def to_printer(names: Sequence[str]) -> str:
    """Say that labels are on their way to the printer."""
    return _("To the printer: {name}.", name=_named(names))


def outcome(event: LabelsEnded) -> str:
    """Say what became of labels, and what the printer said."""
    why = printer_words.state(event.state) if event.state is not PrinterState.READY else ""
    return words.listed((_what_became(event), why))


def _what_became(event: LabelsEnded) -> str:
    match event.stage:
        case PrintStage.SENT | PrintStage.BEGUN:
            return _("Sent to the printer: {name}.", name=_named(event.names))
        case PrintStage.FAILED:
            return _("Not printed: {name}. Print label prints it again.", name=_named(event.names))
        case PrintStage.DOUBTED:
            return _perhaps(event.names)


def ended(step: Step, event: LabelsEnded) -> None:
    """Say what became of labels; beside what the operator has gone on to, if so."""
    is_awaited = step.band.serial == step.state.printing
    if event.stage is PrintStage.SENT:
        if is_awaited:
            step.update(outcome(event), step.band.detail)
    elif is_awaited:
        step.say(Signal.ATTENTION, _("No label"), _what_became(event), printer_words.state(event.state))
        step.become(unprinted=step.band.serial)
    elif step.band.serial != step.state.unprinted:  # once beside each answer
        step.update(step.band.sentence, words.listed((outcome(event), step.band.detail)))
        step.become(unprinted=step.band.serial)


def doubted(step: Step, event: LabelsDoubted) -> None:
    """Say which labels were about to be printed when the program last ended."""
    step.say(Signal.ATTENTION, _("Label?"), _perhaps(event.names), _("It was about to be printed."))


def warning(here: OnBench, unsure: frozenset[str]) -> str:
    """Say which labels of a return may not have been printed, "" for none."""
    every = goods.decided(here).items() if unsure else ()
    names = tuple(dict.fromkeys(words.line_title(one.line) for subject, one in every if subject in unsure))
    return _perhaps(names) if names else ""


def _named(names: Sequence[str]) -> str:
    shown = names[:_MOST_NAMES]
    more = len(names) - len(shown)
    return words.joined((*shown, ngettext("1 more", "{n} more", more) if more else ""))


def _perhaps(names: Sequence[str]) -> str:
    return _("May not have printed: {name}. Print label prints it again.", name=_named(names))
