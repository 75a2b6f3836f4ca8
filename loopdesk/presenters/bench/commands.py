"""What each command of the table does at the bench; the same for key, button and printed code."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.returns.grading import Disposition
from loopdesk.domain.returns.inspecting import undecided_ids
from loopdesk.domain.settlement import SettlementKind
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import decided
from loopdesk.presenters.bench.desk import BenchDesk, wrong_parcel_reason
from loopdesk.presenters.bench.meant import Meant
from loopdesk.presenters.bench.screen import DISPOSITION_CODES, GRADE_CODES, settled_already
from loopdesk.presenters.commands import TEXT_CODE
from loopdesk.presenters.screens.returns import Prompt
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words

_MESSAGES = frozenset({Signal.BLOCKED, Signal.DOUBLE, Signal.ATTENTION})
"""What the band says beside an open return until the operator has taken note of it."""

_GRADES = {code: grade for grade, code in GRADE_CODES.items()}
_DISPOSITIONS = {code: disposition for disposition, code in DISPOSITION_CODES.items()}


class BenchCommands:
    """Runs commands by their word, and answers questions.

    Args:
        meant: Knows whether the return has been seen that is to be confirmed.
    """

    def __init__(self, desk: BenchDesk, meant: Meant) -> None:
        self._desk = desk
        self._meant = meant
        self._table: dict[str, Callable[[], Awaitable[None]]] = {
            "LDCMDALL": self._select_all,
            "LDCMDRESTA": self._rest,
            "LDCMDNEXT": self._next,
            "LDCMDPREV": self._previous,
            "LDCMDEXTRA": self._extra,
            "LDCMDEMPTY": self._empty,
            "LDCMDNOTE": self._note,
            "LDCMDFLAG": self._flag,
            "LDCMDCONFIRM": self._confirm,
            "LDCMDUNDO": self._undo,
            "LDCMDPARK": self._park,
            "LDCMDWITHOUT": self._go_on_without,
            "LDCMDOTHER": self._desk.open_other,
            "LDCMDMYSTERY": self._desk.mysteries.begin,
            "LDCMDPHOTO": self._photo,
            "LDCMDREFRESH": self._refresh,
            "LDCMDDISMISS": self.dismiss,
            "LDCMDTYPE": self._desk.ask_code,
        }

    async def run(self, code: str) -> None:
        """Do what a command asks.

        Raises:
            RuleBroken: The dock's rules forbid it now.
        """
        if self._desk.state.asking_over:  # the operator goes on: the answer must not come in between
            self._desk.state.asking = ""
        if code in _GRADES:
            await self._grade(code)
        elif code in _DISPOSITIONS:
            await self._dispose(_DISPOSITIONS[code])
        elif code.startswith(TEXT_CODE):
            await self._template(code)
        elif code in self._table:
            await self._table[code]()

    # --- lines --------------------------------------------------------------------------------------

    def _chosen_lines(self) -> tuple[str, ...]:
        on_bench = self._desk.parts.inspection.on_bench
        if on_bench is None:
            raise RuleBroken("no_return_open")
        marked = self._desk.state.marked
        if marked:
            ids = dict.fromkeys(line.line_item_id for line in on_bench.picture.ret.lines)
            return tuple(line_id for line_id in ids if line_id in marked)
        selected = on_bench.picture.draft.selected
        return (selected,) if selected else ()

    async def _grade(self, code: str) -> None:
        inspection, chosen, grade = self._desk.parts.inspection, self._chosen_lines(), _GRADES[code]
        await inspection.grade(grade, chosen)
        self._desk.state.marked = frozenset()
        if inspection.on_bench is not None:
            now = inspection.on_bench.picture
            self._answer(decided.graded(now.ret, now.draft, chosen, grade, inspection.vocabulary))

    async def _dispose(self, disposition: Disposition) -> None:
        inspection, chosen = self._desk.parts.inspection, self._chosen_lines()
        await inspection.dispose(disposition, chosen)
        if inspection.on_bench is not None:
            now = inspection.on_bench.picture
            self._answer(decided.disposed(now.ret, now.draft, chosen, disposition, inspection.vocabulary))

    def _answer(self, answer: decided.BandText) -> None:
        """Say a decision without a sound: scanner or key made one, and the next comes at once."""
        self._desk.band.say(answer.signal, answer.word, answer.sentence, answer.detail, sound=False)

    async def _select_all(self) -> None:
        on_bench = self._desk.parts.inspection.on_bench
        waiting = undecided_ids(on_bench.picture.ret, on_bench.picture.draft) if on_bench is not None else ()
        if not waiting:
            raise RuleBroken("nothing_undecided")
        self._desk.state.marked = frozenset(waiting)
        chosen = _("All that is undecided is selected. Choose a grade.")
        self._desk.band.say(Signal.FOUND, words.lines(len(waiting)), chosen, sound=False)

    async def _rest(self) -> None:
        """Grade all that is undecided A."""
        await self._select_all()
        await self._grade("LDCMDGRADEA")

    async def _next(self) -> None:
        await self._step(1)

    async def _previous(self) -> None:
        await self._step(-1)

    async def _step(self, step: int) -> None:
        state = self._desk.state
        if state.picker:
            state.picked = max(0, min(len(state.picker) - 1, state.picked + step))
            return
        state.marked = frozenset()
        await self._desk.parts.inspection.move_selection(step)

    # --- exceptions ---------------------------------------------------------------------------------

    async def _extra(self) -> None:
        self._desk.parts.inspection.check_changeable()
        self._desk.ask_extra()

    async def _empty(self) -> None:
        await self._desk.parts.inspection.empty_box()
        sentence = _("Every line is missing; the return will be flagged. Confirm to settle.")
        self._desk.band.say(Signal.ATTENTION, _("Empty box"), sentence)

    async def _note(self) -> None:
        self._desk.parts.inspection.check_changeable()
        self._desk.ask_note()

    async def _flag(self) -> None:
        self._desk.parts.inspection.check_legal(SettlementKind.FLAG)
        self._desk.ask_flag_reason()

    async def _photo(self) -> None:
        prompt = self._desk.state.prompt
        if prompt is not None and prompt.kind == "mystery":
            self._desk.mysteries.ask_photo()
            return
        self._desk.parts.inspection.check_changeable()
        self._desk.ask_photo()

    def _require_return(self) -> None:
        if self._desk.parts.inspection.on_bench is None:
            raise RuleBroken("no_return_open")

    # --- settling -----------------------------------------------------------------------------------

    async def _confirm(self) -> None:
        state = self._desk.state
        if state.prompt is not None:
            await self.answer(state.prompt_text)
            return
        if state.picker:
            hit = state.picker[state.picked]
            await self._desk.open(hit.return_id, hit.candidate)
            return
        on_bench = self._desk.parts.inspection.on_bench
        if on_bench is not None and on_bench.picture.held:
            kept = _("It is kept already and goes to Loop by itself.")
            self._desk.band.say(Signal.DOUBLE, _("Double"), kept)
            return
        settled = settled_already(on_bench.picture) if on_bench is not None else ""
        if settled:
            self._desk.band.say(Signal.DOUBLE, _("Nothing to confirm"), settled)
            return
        await self._settle()

    async def _settle(self) -> None:
        """Keep the settlement of what the operator has seen.

        Raises:
            RuleBroken: ``not_seen_yet``: it was not on screen, or only just; or as ``Inspection.settle``.
        """
        on_bench = self._desk.parts.inspection.on_bench
        if on_bench is not None and not self._meant.was_seen(on_bench.picture.ret.return_id):
            raise RuleBroken("not_seen_yet")
        kept = await self._desk.parts.inspection.settle()
        self._desk.state.marked = frozenset()
        self._say_kept(SettlementKind(kept.kind))

    def _say_kept(self, kind: SettlementKind) -> None:
        parts = self._desk.parts
        since = parts.connection.offline_since
        if since is None:
            detail = _("{what}. Saved on this station.", what=words.settlement(kind))
            self._desk.band.say(Signal.KEPT, _("Kept"), _("Undo costs nothing now."), detail)
            return
        when = words.moment(since, parts.zone, parts.clock.now())
        sentence = _("Saved on this station. It goes to Loop when the network is back.")
        detail = _("Offline since {time}. Go on working.", time=when)
        self._desk.band.say(Signal.KEPT, _("Kept offline"), sentence, detail)

    async def _undo(self) -> None:
        inspection, band = self._desk.parts.inspection, self._desk.band
        if inspection.on_bench is not None and await inspection.undo_decision():
            name = inspection.on_bench.picture.ret.order_name
            undone = _("The last decision on {order} was taken back.", order=name)
            band.say(Signal.TAKEN_BACK, _("Taken back"), undone)
            return
        settlement = await inspection.latest_unsent()
        if settlement is None:
            raise RuleBroken("nothing_to_undo")
        return_id = await inspection.withdraw(settlement.settlement_id)
        if return_id is None:
            raise RuleBroken("too_late")
        await self._desk.open(return_id)
        undone = _(
            "{order} is as you entered it. Nothing was sent.",
            order=settlement.order_name,
        )
        band.say(Signal.TAKEN_BACK, _("Taken back"), undone)

    async def _park(self) -> None:
        self._require_return()
        on_bench = self._desk.parts.inspection.on_bench
        picture = on_bench.picture if on_bench is not None else None
        is_over = picture is not None and bool(picture.held or picture.closed_for_changes)
        name = await self._desk.put_aside()
        if is_over:  # nothing is left to do there, and the list of what was put aside does not hold it
            self._desk.band.say(Signal.READY, _("Ready"), _("Scan a label."))
            return
        aside = _("{order} was put aside with everything entered. Scan it to go on.", order=name)
        self._desk.band.say(Signal.READY, _("Ready"), aside)

    async def _go_on_without(self) -> None:
        await self._desk.parts.inspection.go_on_without()
        sentence = _("The parcels that were not seen are not waited for. Decide their lines too.")
        self._desk.band.say(Signal.ATTENTION, _("Not waiting"), sentence)

    async def _refresh(self) -> None:
        self._require_return()
        self._desk.refresh()

    # --- questions ----------------------------------------------------------------------------------

    async def dismiss(self) -> None:
        """Close the question, the choice or the message that is open."""
        state = self._desk.state
        if state.prompt is not None and state.prompt.kind == "mystery_photo":
            self._desk.mysteries.back()
            return
        if state.prompt is not None:
            self._desk.close_prompt()
        elif state.picker:
            state.picker = ()
        else:
            state.marked = frozenset()
        band, is_open = self._desk.band, self._desk.parts.inspection.on_bench is not None
        if not is_open:
            band.say(Signal.READY, _("Ready"), _("Scan a label."), sound=False)
        elif band.screen.signal in _MESSAGES:
            band.say(Signal.FOUND, _("Found"), _("Go on."), sound=False)

    async def _template(self, code: str) -> None:
        """Choose the n-th ready answer of the question, or the n-th return of a choice."""
        prompt, picker = self._desk.state.prompt, self._desk.state.picker
        number = int(code.removeprefix(TEXT_CODE)) - 1
        if prompt is not None and number < len(prompt.templates):
            await self.choose(number)
        elif prompt is None and number < len(picker):
            await self._desk.open(picker[number].return_id, picker[number].candidate)
        else:
            raise RuleBroken("no_such_template")

    async def choose(self, number: int) -> None:
        """Accept the open question with its n-th ready answer, counted from 0."""
        prompt = self._desk.state.prompt
        if prompt is None:
            return
        if prompt.is_choice:
            await self._desk.strays.choose(number)
        else:
            await self.answer(prompt.templates[number])

    async def answer(self, text: str) -> None:
        """Take the answer to the open question; an empty one where words are needed leaves it open."""
        prompt, inspection = self._desk.state.prompt, self._desk.parts.inspection
        if prompt is None:
            return
        clean = text.strip()
        self._check_answer(prompt, clean)
        match prompt.kind:
            case "note":
                await inspection.add_note(clean)
                noted = _("It goes to Loop when you settle.")
                self._desk.band.say(Signal.FOUND, _("Noted"), noted, clean)
            case "extra":
                await inspection.add_extra(clean)
                extra = _("It is on no line: the return will be flagged.")
                self._desk.band.say(Signal.ATTENTION, _("Extra"), extra, clean)
            case "photo":
                await self._attach(clean)
                attached = _("The photo is kept with the line.")
                self._desk.band.say(Signal.FOUND, _("Photo"), attached)
            case "flag":
                if clean == wrong_parcel_reason():
                    await inspection.wrong_parcel()
                else:
                    await inspection.flag_because(clean)
                self._desk.close_prompt()
                await self._settle()
            case "mystery":
                await self._desk.mysteries.keep(clean)
            case "mystery_photo":
                await self._desk.mysteries.attach(clean)
                return
        self._desk.close_prompt()

    def _check_answer(self, prompt: Prompt, text: str) -> None:
        """Refuse words that answer nothing: ``not_here``, ``code_as_words`` or ``answer_needed``."""
        if prompt.is_choice:
            raise RuleBroken("not_here")
        if self._desk.parts.codes.recognize(text) is not None:  # its letters are kept nowhere
            raise RuleBroken("code_as_words")
        if not text and prompt.kind != "mystery":
            raise RuleBroken("answer_needed")

    async def _attach(self, path: str) -> None:
        on_bench = self._desk.parts.inspection.on_bench
        if on_bench is None:
            raise RuleBroken("no_return_open")
        name = await self._desk.parts.keep_photo(path)
        await self._desk.parts.inspection.add_photo(on_bench.picture.draft.selected, name)
