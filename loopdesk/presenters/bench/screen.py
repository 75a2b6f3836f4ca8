"""Builds the bench's screen from its state. Pure: values in, screens out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.domain.projection import Picture
from loopdesk.domain.returns.grading import PhotoRule
from loopdesk.domain.returns.parcels import parcel_with
from loopdesk.domain.returns.photos import left_out, unphotographed
from loopdesk.domain.returns.returns import Note, Return, ReturnState
from loopdesk.domain.settlement import (
    FINAL_KIND,
    FlagCause,
    Proposal,
    SettlementKind,
    SettlementStep,
    plan,
    refund_after,
    steps,
)
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.bench import buttons, item, undo
from loopdesk.presenters.bench.labels import outdated, put_away
from loopdesk.presenters.bench.lines import ScreenContext, decided_detail, lines, narrowed
from loopdesk.presenters.bench.photos import camera, taking
from loopdesk.presenters.bench.questions import on_page, picker_prompt, prompt_of, with_codes
from loopdesk.presenters.bench.state import BenchState
from loopdesk.presenters.commands import command_of
from loopdesk.presenters.links import sibling_links
from loopdesk.presenters.screens.returns import (
    Choice,
    CommandButton,
    HeaderScreen,
    Link,
    PlanScreen,
    Prompt,
)
from loopdesk.presenters.screens.window import BandScreen, BenchScreen, Countdown, Signal
from loopdesk.presenters.words import errors, parcel_words, words
from loopdesk.services.bench.on_bench import OnBench


def bench_screen(
    state: BenchState, setting: ScreenContext, countdown: Countdown | None, *, practice: bool
) -> BenchScreen:
    """Return the bench as it stands.

    Args:
        countdown: What is left of the undo window.
        practice: Everything here is practice.
    """
    band = _band(state, setting, countdown, practice=practice)
    prompt, live = _prompt(state, setting), camera.live_screen(state)
    if state.on_bench is None:
        side = buttons.idle_buttons(prints=setting.has_printer and state.numbered is not None)
        closed = BenchScreen(band, None, (), -1, None, None, side, parked=state.parked)
        return replace(closed, prompt=prompt, live=live)
    open_screen = _open_screen(state, state.on_bench, setting)
    return replace(open_screen, band=band, prompt=prompt, live=live)


def _prompt(state: BenchState, setting: ScreenContext) -> Prompt | None:
    """Return the open question, or the choice between returns, with the codes that answer it."""
    if state.question is not None:
        first, second = state.filled
        asked = prompt_of(state.question, setting.vocabulary)
        asked = replace(asked, number=state.asked, text=first, second_text=second)
    elif state.picker and state.choices:
        asked = picker_prompt(state.choices, state.picked)
    else:
        return None
    photo = setting.photo_path(asked.photo) if asked.photo else ""
    asked = replace(asked, photo=photo, is_hint_told=state.band.sentence == asked.hint)
    return with_codes(on_page(asked, state.page), setting.printed)


def _open_screen(state: BenchState, here: OnBench, setting: ScreenContext) -> BenchScreen:
    picture, ret, siblings = here.picture, here.ret, sibling_links(state.siblings)
    free = not picture.closed_for_changes and picture.gate is None
    ids = item.ids_of_rows(picture)
    selected = ids.index(picture.draft.selected) if picture.draft.selected in ids else -1
    is_line = 0 <= selected < len(ret.lines)
    is_waiting = ret.lines[selected].is_expected if is_line else picture.draft.item(picture.draft.selected)
    decidable = free and bool(is_waiting)
    is_choice = state.question is not None and prompt_of(state.question, setting.vocabulary).is_choice
    enabled = decidable and not is_choice  # whose answers have the same digits
    photographs = free and not is_choice and taking.subject(state) is not None
    removes = here.proposal.kind in (None, SettlementKind.REMOVE_AND_PROCESS)
    rows = lines(picture, setting, state.marked, removes=removes)
    shown, filters = narrowed(rows, picture, state.parcel, state.lines_shown)
    return BenchScreen(
        band=state.band,
        header=header(
            here,
            setting,
            notes=state.notes.get(ret.return_id, ()),
            siblings=siblings,
            parcel=state.parcel,
        ),
        lines=(*shown, *item.extra_rows(picture, setting)),
        filters=filters,
        selected=selected,
        item=item.item_screen(picture, setting, max(selected, 0), enabled=enabled, photographs=photographs)
        if ret.lines
        else None,
        plan=plan_screen(picture, here.proposal, setting),
        commands=buttons.column_buttons(picture, siblings=bool(siblings), prints=setting.has_printer),
        more=buttons.more_buttons(picture, siblings=bool(siblings), prints=setting.has_printer),
        title=_("{order} · {rma} — loopdesk", order=ret.order_name, rma=ret.return_id),
    )


def _band(
    state: BenchState, setting: ScreenContext, countdown: Countdown | None, *, practice: bool
) -> BandScreen:
    """Return the band as it is drawn: while an undo window runs, its sentence counts down."""
    band, here = state.band, state.on_bench
    is_kept = here is not None and bool(here.picture.held) and band.signal is Signal.KEPT
    if is_kept and countdown is not None and not setting.is_offline:
        sentence = ngettext(
            "Goes to Loop in 1 second. Undo costs nothing until then.",
            "Goes to Loop in {n} seconds. Undo costs nothing until then.",
            countdown.left,
        )
        band = replace(band, sentence=sentence)
    done, left = parcel_words.decided(here.picture, state.parcel) if here is not None else ("", "")
    return replace(
        band,
        countdown=countdown,
        practice=practice,
        undo=undo.order_of(state),
        progress=done,
        progress_detail=left,
    )


def header(
    here: OnBench, setting: ScreenContext, *, notes: Sequence[Note], siblings: Sequence[Link], parcel: str
) -> HeaderScreen:
    """Say which return is open and what was promised.

    Args:
        parcel: The tracking number that was scanned, "" when the return was opened otherwise.
    """
    picture, ret = here.picture, here.ret
    shop, colour = setting.shop(here.known.stored.shop)
    return HeaderScreen(
        return_id=ret.return_id,
        order_name=ret.order_name or _("Return {id}", id=ret.return_id),
        rma=_("RMA {id}", id=ret.return_id),
        promise=words.promise(ret),
        details=_details(ret, setting, parcel),
        state=words.state(ret.state, ret.state_raw),
        state_tone=words.state_tone(ret.state),
        parcels=words.listed((parcel_words.place(picture, parcel), parcel_words.progress(picture))),
        warnings=_warnings(here, setting),
        notes=tuple(note.text for note in notes),
        siblings=tuple(siblings),
        shop=shop,
        shop_colour=colour,
    )


def _details(ret: Return, setting: ScreenContext, parcel: str) -> tuple[str, ...]:
    box = parcel_with(ret, parcel) or (ret.parcels[0] if ret.parcels else None)
    label = ""
    if box is not None:
        status = words.label_status(box.status)
        when = words.day(box.updated_at, setting.zone) if box.updated_at and status else ""
        number = f"{words.carrier(box.carrier)} {words.spaced(box.tracking_number)}".strip()
        label = words.listed((number, f"{status} {when}".strip()))
    bag = _("bag {code}", code=ret.package_reference) if ret.package_reference else ""
    place = ""
    if ret.destination_id:
        place = _("for {place}", place=setting.place(ret.destination_id))
    first = words.listed((words.shopper(ret), label or _("no label")))
    second = words.listed((words.return_kind(ret.kind), bag, place))
    return tuple(line for line in (first, second) if line)


def _warnings(here: OnBench, setting: ScreenContext) -> tuple[str, ...]:
    out: list[str] = []
    ret, dock = here.ret, setting.destination_id
    if dock and ret.destination_id and ret.destination_id != dock:
        place, own = setting.place(ret.destination_id), setting.place(setting.destination_id)
        out.append(_("Meant for {place}, not for {here}.", place=place, here=own))
    if ret.state is ReturnState.UNKNOWN:
        out.append(errors.rule("unknown_state"))
    if ret.state is ReturnState.REVIEW:
        out.append(_("In review: a person must clear it in Loop. Grades can be given here."))
    if ret.state is ReturnState.CANCELLED:
        out.append(_("Cancelled by the shop. Set the parcel aside."))
    if not_seen := parcel_words.not_seen(here.picture):
        out.append(not_seen)
    if label := put_away.warning(here, setting.unsure):
        out.append(label)
    if label := outdated.warning(here, setting.labels, setting.vocabulary):
        out.append(label)
    return tuple(out)


def plan_screen(picture: Picture, proposal: Proposal, setting: ScreenContext) -> PlanScreen:
    """Say what will happen, from the very actions that would be sent."""
    if picture.held:
        return _held_plan(picture, setting)
    if picture.gate is not None:
        return _gate_plan(picture.gate)
    if picture.closed_for_changes or picture.settled:
        return _settled_plan()
    if proposal.kind is None:
        return _undecided_plan(picture, proposal, setting)
    confirm = command_of("LDCMDCONFIRM")
    try:
        actions = plan(
            picture.ret,
            picture.draft,
            proposal.kind,
            setting.vocabulary,
            picture.awaited,
            operator=setting.operator,
            station=setting.station,
        )
    except RuleBroken as broken:
        missing = errors.title(broken) if broken.detail == "photo_missing" else ""
        button = CommandButton(confirm.id, missing or _("Confirm"), confirm.key, enabled=False)
        sentence = _sentence(picture, proposal) if missing else errors.title(broken)
        return PlanScreen(sentence, (), button, _choices(proposal), tone="blocked")
    return PlanScreen(
        sentence=_sentence(picture, proposal),
        steps=(
            *(_step(step) for step in steps(actions, proposal.kind)),
            *_photos_left_out(picture),
            *_photo_wishes(picture, setting),
        ),
        button=CommandButton(confirm.id, words.settlement(proposal.kind), confirm.key, enabled=bool(actions)),
        choices=_choices(proposal),
        tone="blocked" if proposal.kind is SettlementKind.FLAG else "plain",
    )


def settled_already(picture: Picture) -> str:
    """Say where the settlement of a return is that needs no confirming any more; "" when it does."""
    if picture.gate is not None:
        return _gate_plan(picture.gate).sentence
    return _settled_plan().sentence if picture.closed_for_changes or picture.settled else ""


def _held_plan(picture: Picture, setting: ScreenContext) -> PlanScreen:
    confirm = command_of("LDCMDCONFIRM")
    return PlanScreen(
        sentence=_("Kept. It goes to Loop when the time to undo is over."),
        steps=tuple(
            words.action(x, picture.ret.line(x.target), setting.vocabulary)
            for x in picture.held
            if x.kind is not Kind.ASSESS
        ),
        button=CommandButton(confirm.id, _("Kept"), confirm.key, enabled=False),
    )


def _gate_plan(gate: Entry) -> PlanScreen:
    confirm = command_of("LDCMDCONFIRM")
    tone = words.stage_tone(gate.stage)
    steps_ = (words.reason(gate.reason),) if gate.stage is Stage.PARKED else ()
    return PlanScreen(
        sentence=words.sentence(
            _("{what}: {stage}", what=words.kind(gate.kind), stage=words.stage(gate.stage))
        ),
        steps=steps_,
        button=CommandButton(confirm.id, _("Confirm"), confirm.key, enabled=False),
        tone=tone,
    )


def _settled_plan() -> PlanScreen:
    confirm = command_of("LDCMDCONFIRM")
    button = CommandButton(confirm.id, _("Confirm"), confirm.key, enabled=False)
    return PlanScreen(_("Settled. Scan the next parcel."), (), button, tone="ok")


def _undecided_plan(picture: Picture, proposal: Proposal, setting: ScreenContext) -> PlanScreen:
    confirm = command_of("LDCMDCONFIRM")
    button = CommandButton(confirm.id, _("Confirm"), confirm.key, enabled=False)
    if proposal.blocked not in ("undecided", "parcels"):
        return PlanScreen(errors.rule(proposal.blocked), (), button, tone="blocked")
    left = len(proposal.undecided)
    sentence = ngettext("Decide one more line.", "Decide {n} more lines.", left)
    if proposal.blocked == "parcels":
        sentence = parcel_words.waiting_sentence(picture)
    decided = [x for x in picture.lines if x.found is not None]
    done = tuple(
        _(
            "{line}: {grade}, {place}",
            line=words.line_title(x.line),
            grade=words.grade(x.found.grade, setting.vocabulary),
            place=decided_detail(x, picture, setting)[0],
        )
        for x in decided
        if x.found is not None
    )
    return PlanScreen(sentence, done, button)


def _told_causes(causes: Sequence[FlagCause]) -> Sequence[FlagCause]:
    """Leave out what an empty box says already: that each line is missing, and what follows from it."""
    implied = (FlagCause.NOTHING_PRESENT, FlagCause.MISSING_NOT_REMOVABLE)
    return [x for x in causes if FlagCause.EMPTY_BOX not in causes or x not in implied]


def _sentence(picture: Picture, proposal: Proposal) -> str:
    ret = picture.ret
    missing = len(proposal.missing)
    match proposal.kind:
        case SettlementKind.PROCESS:
            return _("Process the return. {promise}.", promise=words.promise(ret))
        case SettlementKind.REMOVE_AND_PROCESS:
            first = ngettext(
                "Remove 1 missing line and process the rest.",
                "Remove {n} missing lines and process the rest.",
                missing,
            )
            left = refund_after(ret, proposal.missing)
            if left is None:
                return first
            return _("{first} Refund becomes {sum}.", first=first, sum=words.money(left))
        case SettlementKind.FLAG:
            causes = map(words.flag_cause, _told_causes(proposal.causes))
            why = picture.draft.flag_reason or words.joined(causes)
            return _("Flag for review: {why}.", why=why.rstrip("."))
        case SettlementKind.GRADE_ONLY:
            return _grade_only(ret)
        case SettlementKind.SET_ASIDE:
            return _("Set the parcel aside. Loop gets a note, nothing else.")
        case SettlementKind.CANCEL:
            return _("Cancel the return. The shopper gets nothing for it and may return the items again.")
        case SettlementKind.CLOSE:
            return _("Close the return without refund, credit or exchange.")
        case None:
            return ""


def _grade_only(ret: Return) -> str:
    match ret.state:
        case ReturnState.CLOSED:
            return _("Loop has settled this return already. Only the grades are sent.")
        case ReturnState.EXPIRED:
            return _("This return has expired. Only the grades are sent.")
        case ReturnState.REVIEW:
            return _("Only the grades are sent. A person must clear the review in Loop.")
        case ReturnState.OPEN | ReturnState.CANCELLED | ReturnState.UNKNOWN:
            return _("Only the grades are sent. The return stays open.")


def _photos_left_out(picture: Picture) -> tuple[str, ...]:
    """Say how many photos Loop does not take; none for none."""
    count = left_out(picture.draft)
    if not count:
        return ()
    return (
        ngettext(
            "Loop takes 5 photos a line: the oldest one stays here",
            "Loop takes 5 photos a line: the oldest {n} stay here",
            count,
        ),
    )


def _step(step: SettlementStep) -> str:
    match step.kind:
        case Kind.GRADE | Kind.ASSESS:
            return ngettext("Grade and place 1 line", "Grade and place {n} lines", step.count)
        case Kind.NOTE:
            return _("Note: “{text}”", text=step.text)
        case Kind.FLAG:
            return _("Send to review; a person at Loop takes over")
        case Kind.PROCESS:
            return _("Process — cannot be undone at Loop")
        case Kind.REMOVE:
            return ngettext(
                "Remove 1 line, process — cannot be undone at Loop",
                "Remove {n} lines, process — cannot be undone at Loop",
                step.count,
            )
        case Kind.CANCEL:
            return _("Cancel — cannot be undone at Loop")
        case Kind.CLOSE:
            return _("Close — cannot be undone at Loop")
        case None:
            return _("Put the parcel on the shelf for cancelled returns")


def _photo_wishes(picture: Picture, setting: ScreenContext) -> tuple[str, ...]:
    """Ask for the photos that the grades call for; nothing waits for them."""
    wanted = unphotographed(picture.ret, picture.draft, setting.vocabulary, PhotoRule.WANTED)
    if not wanted:
        return ()
    return (_("A photo is wanted of {items} (F8)", items=words.joined(wanted)),)


def _choices(proposal: Proposal) -> tuple[Choice, ...]:
    if len(proposal.legal) < 2:
        return ()
    return tuple(
        Choice(
            kind.value,
            words.settlement(kind),
            _consequence(kind),
            chosen=kind is proposal.kind,
            irreversible=kind in FINAL_KIND and kind is not SettlementKind.FLAG,
        )
        for kind in proposal.legal
    )


_CONSEQUENCES = {
    SettlementKind.PROCESS: N_("Loop pays or ships what was promised. Cannot be undone."),
    SettlementKind.REMOVE_AND_PROCESS: N_("Missing lines are removed, the rest is paid. Cannot be undone."),
    SettlementKind.FLAG: N_("A person at Loop decides."),
    SettlementKind.GRADE_ONLY: N_("Grades are sent; nothing is paid."),
    SettlementKind.SET_ASIDE: N_("A note is sent; nothing else."),
    SettlementKind.CANCEL: N_("For leads. The shopper gets nothing and may return again. Cannot be undone."),
    SettlementKind.CLOSE: N_("For leads. Closed without outcome, never returnable again. Cannot be undone."),
}


def _consequence(kind: SettlementKind) -> str:
    return _(_CONSEQUENCES[kind])
