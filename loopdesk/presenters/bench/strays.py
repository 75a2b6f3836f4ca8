"""A code that the open return does not have: the return stays open, and the operator says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopdesk.domain.labels.scans import CandidateKind
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Prompt
from loopdesk.presenters.screens.window import Signal

if TYPE_CHECKING:
    from loopdesk.presenters.bench.desk import BenchDesk

KIND = "stray"


def stray_answers() -> tuple[str, ...]:
    """The answers to the question, in the order of their numbers."""
    return _("Extra item"), _("Wrong item"), _("Another parcel")


class BenchStrays:
    """Asks whether it is an extra item, a wrong item, or another parcel: each is one input."""

    def __init__(self, desk: BenchDesk) -> None:
        self._desk = desk

    async def ask(self, raw: str) -> None:
        """Put the question; a note that was being written is kept."""
        await self._desk.end_questions()
        self._desk.state.asking = ""
        self.put(raw)
        sentence = _("Choose: 1 extra item, 2 wrong item, 3 another parcel.")
        self._desk.band.say(
            Signal.UNKNOWN,
            _("Not on this return"),
            sentence,
            _("Scanned: {code}", code=raw[:60]),
        )

    def put(self, raw: str) -> None:
        """Show the question about a code."""
        ret = self._open_name()
        self._desk.ask(
            Prompt(
                KIND,
                _("Not on this return"),
                _("Scanned: {code}. {order} stays open. What is it?", code=raw[:60], order=ret),
                stray_answers(),
                cancel=_("Nothing, go on"),
                is_choice=True,
            ),
            raw,
        )

    async def choose(self, number: int) -> None:
        """Take the answer: 0 for an extra item, 1 for a wrong item, 2 for another parcel.

        Raises:
            RuleBroken: As things stand it cannot be that; the question stays.
        """
        raw = self._desk.state.prompt_code
        if number == 0:
            await self._desk.parts.inspection.add_extra(raw)
            extra = _("It is on no line: the return will be flagged.")
            self._desk.band.say(Signal.ATTENTION, _("Extra"), extra, raw[:60])
            self._desk.close_prompt()
        elif number == 1:
            await self._desk.parts.inspection.wrong_item(raw)
            wrong = _("Another item lay in its place: the return will be flagged.")
            self._desk.band.say(Signal.ATTENTION, _("Wrong item"), wrong, raw[:60])
            self._desk.close_prompt()
        else:
            await self._desk.put_aside()
            await self._desk.mysteries.keep_at_once(raw)

    async def keep_unanswered(self) -> None:
        """The operator goes on to another parcel and leaves the question."""
        prompt = self._desk.state.prompt
        if prompt is not None and prompt.kind == KIND:
            await self.keep_passed_by(self._desk.state.prompt_code)

    async def keep_passed_by(self, raw: str) -> None:
        """Keep a label that nobody answered for: its parcel must not be forgotten. An item's code is none."""
        candidates = self._desk.parts.classify(raw).candidates
        if candidates and candidates[0].kind is not CandidateKind.ITEM:
            await self._desk.parts.mysteries.keep(raw)

    def close(self) -> None:
        """The operator goes on scanning what is on the return: the question is over."""
        prompt = self._desk.state.prompt
        if prompt is not None and prompt.kind == KIND:
            self._desk.close_prompt()

    def _open_name(self) -> str:
        on_bench = self._desk.parts.inspection.on_bench
        return on_bench.picture.ret.order_name if on_bench is not None else ""
