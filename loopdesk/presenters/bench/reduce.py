"""What an event makes of the bench: ``reduce(state, event) -> (state, effects)``. Pure and total.

The state counts once its effects were performed. Where one fails, the state before the event stays and
``Failed`` is the next event: what is not on disk is not on the screen either.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from loopdesk.domain.errors import DiskFull, LoopdeskError, RuleBroken
from loopdesk.domain.labels.gs1 import has_separator
from loopdesk.domain.outbox.stages import Stage
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench import commands, events, opening, ready, scanner, scans
from loopdesk.presenters.bench.effects import (
    Effect,
    KeepMystery,
    ReadAgain,
    ReadChoices,
    ReadParked,
    ReadUnsent,
    Refresh,
)
from loopdesk.presenters.bench.labels import put_away
from loopdesk.presenters.bench.photos import camera, looking, taking
from loopdesk.presenters.bench.questions import MysteryAsked
from loopdesk.presenters.bench.sharing import drafts as shared
from loopdesk.presenters.bench.state import NOTES_MOST, Asking, BenchState, LastScan, Step
from loopdesk.presenters.screens.window import FINISHED, Signal
from loopdesk.presenters.words import errors, hub_words, words
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.station import events as feed


def reduce(state: BenchState, event: events.Event) -> tuple[BenchState, tuple[Effect, ...]]:
    """Return the state after an event, and what is to be done for it."""
    step = Step(state)
    try:
        TAKERS[type(event)](step, event)
    except RuleBroken as broken:
        step = Step(state)
        _say_failure(step, broken)
    return step.state, tuple(step.effects)


# --- what the operator does -------------------------------------------------------------------------


def _attached(step: Step, _event: events.Attached) -> None:
    step.do(ReadParked(), ReadUnsent())


def _language_changed(step: Step, _event: events.LanguageChanged) -> None:
    state = step.state
    if state.picker:
        step.do(ReadChoices(tuple(hit.return_id for hit in state.picker)))
    if state.on_bench is None:
        step.do(ReadParked())
        step.say(Signal.READY, _(ready.WORD), _(ready.SENTENCE), sound=False)
    else:
        step.say(Signal.FOUND, _("Found"), _("Go on."), sound=False)


def _told(step: Step, event: events.Told) -> None:
    step.say(event.signal, event.word, event.sentence, event.detail, sound=event.has_sound)


def _view_chosen(step: Step, event: events.ViewChosen) -> None:
    """Say what was said before of a view that was left; where it has changed since, how far it has come."""
    state = step.state
    if event.name != FINISHED and step.band.serial == state.looking:
        step.become(band=replace(state.before, serial=step.band.serial))
        _say_stage(step)


def _scan_done(step: Step, event: events.ScanDone) -> None:
    separates = step.state.separates or has_separator(event.scan.raw)
    step.become(last=LastScan(event.scan, step.state.open_id), separates=separates)


def _picked(step: Step, event: events.Picked) -> None:
    hit = next((x for x in step.state.picker if x.return_id == event.return_id), None)
    opening.open_return(step, event.return_id, hit.candidate if hit is not None else None)


def _edited(step: Step, event: events.Edited) -> None:
    step.become(first=event.first or step.state.first, second=event.second or step.state.second)


# --- what came of it --------------------------------------------------------------------------------


def _failed(step: Step, event: events.Failed) -> None:
    _say_failure(step, event.failure)


def _lookup_failed(step: Step, event: events.LookupFailed) -> None:
    """Say what failed. Who waits for the answer scans again; who has gone on forgets no parcel."""
    if step.state.asking == Asking(event.code, event.over):
        step.become(asking=None)
    elif event.is_label or not event.over:
        step.do(KeepMystery(MysteryAsked(event.code)))
    if event.failure is not None:
        _say_failure(step, event.failure, opening.scanned(event.code))


def _say_failure(step: Step, failure: LoopdeskError, detail: str = "") -> None:
    """Say an expected failure."""
    word = _("Not kept") if isinstance(failure, DiskFull) else _("Blocked")
    step.say(Signal.BLOCKED, word, errors.title(failure), words.listed((errors.advice(failure), detail)))


def _reloaded(step: Step, event: events.Reloaded) -> None:
    here = step.state.on_bench
    if here is not None and event.known is not None and event.return_id == step.state.open_id:
        step.become(on_bench=bench.reloaded(here, event.known, step.state.here.by.vocabulary))
        _say_stage(step)


def _say_stage(step: Step) -> None:
    """Say how far what was just kept has come; offline, what the band says of that stays true."""
    here = step.state.on_bench
    if here is None or step.band.signal is not Signal.KEPT or step.state.here.offline_since is not None:
        return
    pending = here.picture.pending
    if pending and not here.picture.held and pending[-1].stage is not Stage.PARKED:
        step.update(words.sentence(words.stage(pending[-1].stage)), step.band.detail)


def _refreshed(step: Step, event: events.Refreshed) -> None:
    if event.notes is not None:
        earlier = [each for each in step.state.notes.items() if each[0] != event.return_id]
        step.become(notes=dict([*earlier, (event.return_id, event.notes)][-NOTES_MOST:]))
    is_aloud = event.is_aloud and event.return_id == step.state.open_id  # else the operator has gone on
    if is_aloud and event.failure is not None:
        _say_failure(step, event.failure)
    elif is_aloud:
        step.say(Signal.FOUND, _("Found"), _("Asked Loop again: this is what it says now."))
    if step.state.open_id:
        step.do(ReadAgain(step.state.open_id))


# --- what happens elsewhere -------------------------------------------------------------------------


def _return_changed(step: Step, event: feed.ReturnChanged) -> None:
    if event.return_id == step.state.open_id:
        step.do(ReadAgain(event.return_id))


def _outbox_changed(step: Step, event: feed.OutboxChanged) -> None:
    if step.state.open_id and event.return_id in ("", step.state.open_id):
        step.do(ReadAgain(step.state.open_id))
    step.do(ReadUnsent())


def _needs_person(step: Step, event: feed.NeedsPerson) -> None:
    if event.return_id == step.state.open_id or not step.state.open_id:
        if event.cause:
            who = words.sentence(words.failure(event.cause))
            step.say(
                Signal.ATTENTION, _("At another bench"), f"{event.order_name}: {who}", _("See Attention.")
            )
            return
        needed = _("{order} needs a lead: {why}.", order=event.order_name, why=words.reason(event.reason))
        step.say(Signal.ATTENTION, _("Attention"), needed, _("See Attention."))


def _unclear(step: Step, event: feed.MysteryUnclear) -> None:
    unclear = _(
        "Mystery parcel {n} may be one of {all} returns. Choose in Mystery.",
        n=event.shown,
        all=len(event.return_ids),
    )
    step.say(Signal.ATTENTION, _("Choose"), unclear, event.code[:60])


def _settled(step: Step, event: feed.Settled) -> None:
    here = step.state.on_bench
    is_open = here is not None and event.return_id == step.state.open_id
    if is_open or (not step.state.open_id and not event.is_ours):  # else the band still sends to Attention
        step.say(*_how_it_ended(event), event.order_name)
    if is_open and here is not None:
        notes = any(entry.kind.spec.is_marked for entry in here.known.entries)
        step.do(Refresh(event.return_id, notes=notes))  # what its confirmation did not show


def _how_it_ended(event: feed.Settled) -> tuple[Signal, str, str]:
    """Return signal, word and sentence; only what this bench may have done itself is called done."""
    what = words.settlement(event.kind)
    if not event.is_ours:
        who = hub_words.finished(event.cause) or words.stage(Stage.SUPERSEDED)
        return Signal.SETTLED, _("Settled already"), words.sentence(who)
    if event.is_said:
        return Signal.KEPT, _("Kept"), _("{what}: done on a person’s word.", what=what)
    return Signal.DONE, _("Done"), _("{what}: confirmed by Loop.", what=what)


def _matched(step: Step, event: feed.MysteryMatched) -> None:
    before = step.state.matched if step.band.serial == step.state.match else ()
    matched = tuple(dict.fromkeys((*before, event.shown)))
    sentence = ngettext(
        "Mystery parcel {numbers} has a return now. Fetch it and scan it, or open it in Mystery.",
        "Mystery parcels {numbers} have returns now. Fetch them and scan them, or open them in Mystery.",
        len(matched),
        numbers=words.joined(matched),
    )
    step.say(Signal.ATTENTION, _("Match"), sentence, event.code[:60])
    step.become(matched=matched, match=step.band.serial)


def _overruled(step: Step, event: feed.MysteryOverruled) -> None:
    sentence = _(
        "Mystery parcel {n} was ended at {station} before. That stands.", n=event.shown, station=event.station
    )
    step.say(Signal.ATTENTION, _("Mystery"), sentence, event.code[:60])


def _renumbered(step: Step, event: feed.MysteryRenumbered) -> None:
    changed = _(
        "Mystery parcel {n} is {m} now. Write the new number on the box.", n=event.before, m=event.shown
    )
    step.say(Signal.ATTENTION, event.shown, changed)


def _second_bench(step: Step, event: feed.SecondBenchNoticed) -> None:
    """Say it once, before the present detail: a narrow band cuts off the end. Health says what IT does."""
    if event.station:
        other = _("Tell IT: another bench uses this key ({station}).", station=event.station)
    else:
        other = _("Tell IT: another bench uses this key.")
    step.update(step.band.sentence, words.listed((other, step.band.detail)))


TAKERS: dict[type[events.Event], Callable[[Step, Any], None]] = {
    events.Attached: _attached,
    events.LanguageChanged: _language_changed,
    events.Told: _told,
    events.Scanned: scans.take,
    events.ScanDone: _scan_done,
    events.Pressed: scans.press,
    events.ViewChosen: _view_chosen,
    events.LineChosen: lambda step, event: commands.choose_line(step, event.index),
    events.LinesNarrowed: lambda step, event: commands.narrow(step, event.shown),
    events.SettlementChosen: lambda step, event: commands.choose_settlement(step, event.kind),
    events.Picked: _picked,
    events.Answered: lambda step, event: commands.answer(step, event.text),
    events.TemplateChosen: lambda step, event: commands.choose(step, event.number),
    events.Edited: _edited,
    events.Dismissed: lambda step, _event: commands.dismiss(step),
    events.LookedUp: scans.find,
    events.ReturnRead: opening.lay_out,
    events.ElsewhereRead: shared.came,
    events.ChoicesRead: opening.show_choices,
    events.ParkedRead: opening.show_parked,
    events.Reloaded: _reloaded,
    events.UnsentRead: commands.take_unsent,
    events.SettleNow: lambda step, _event: commands.settle(step),
    events.SettlementKept: commands.say_kept,
    events.Withdrawn: commands.take_back,
    events.MysteryNumbered: opening.say_numbered,
    events.PhotoCame: taking.came,
    events.PhotoKept: taking.attach,
    events.PhotoOpened: looking.open_one,
    events.PhotoTraced: looking.say_traced,
    events.LoopAnswered: opening.take_answer,
    events.LookupFailed: _lookup_failed,
    events.Refreshed: _refreshed,
    events.Failed: _failed,
    events.GunNoticed: lambda step, event: scanner.say(step, event.notice),
    events.PaceLearned: lambda step, event: scanner.say_pace(step, event.gap_ms),
    feed.ReturnChanged: _return_changed,
    feed.OutboxChanged: _outbox_changed,
    feed.Settled: _settled,
    feed.NeedsPerson: _needs_person,
    feed.MysteryMatched: _matched,
    feed.MysteryUnclear: _unclear,
    feed.MysteryOverruled: _overruled,
    feed.MysteryRenumbered: _renumbered,
    feed.CameraChanged: camera.changed,
    feed.GunChanged: lambda step, event: scanner.say_port(step, event.name, event.state, event.before),
    feed.SecondBenchNoticed: _second_bench,
    feed.LabelsEnded: put_away.ended,
    feed.LabelsDoubted: put_away.doubted,
    feed.DraftsChanged: shared.changed,
    feed.OpenElsewhereChanged: shared.opened_elsewhere,
    feed.HubContactChanged: shared.contact_changed,
}
"""Who takes which event: every one that there is."""
