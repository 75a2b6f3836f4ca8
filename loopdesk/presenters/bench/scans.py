"""What a scan does at the bench."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from loopdesk.domain.errors import ApiError, LoopdeskError
from loopdesk.domain.labels.classify import item_key
from loopdesk.domain.labels.scans import Candidate, CandidateKind, CodeKind, CodeRead, Meaning, Scan
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.bench.desk import BenchDesk
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import Hit, Taken

log = logging.getLogger("loopdesk.scan")

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


_BY_HAND = frozenset({"typed", "mouse", "cli"})
"""Scans that no gun made: a person who gives a code twice means it."""


@dataclass(frozen=True, slots=True)
class _Sense:
    """What a scan is, as things stand.

    Attributes:
        scan: The scan.
        meaning: What it may stand for; None for a command code, and for the same code twice at once.
        is_answer: The item that an open question asks for.
        item: The code of an item of the open return, "" when it is none.
    """

    scan: Scan
    meaning: Meaning | None
    is_answer: bool = False
    item: str = ""

    @property
    def sought(self) -> tuple[Candidate, ...]:
        """What is to be looked up for it."""
        is_taken = self.meaning is None or self.is_answer or bool(self.item)
        return () if self.meaning is None or is_taken else self.meaning.candidates


class BenchScans:
    """Tries what a scan can be, in order: command, answer, item of the open return, a return's code.

    Args:
        run_command: Does what a printed command asks, by its word.
        show_bench: Brings the bench to the front.
        changed: Draws the bench anew.
    """

    def __init__(
        self,
        desk: BenchDesk,
        run_command: Callable[[str], Awaitable[None]],
        answer: Callable[[str], Awaitable[None]],
        show_bench: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        self._desk = desk
        self._run_command = run_command
        self._answer = answer
        self._show_bench = show_bench
        self._changed = changed
        self._last: tuple[Scan, str] | None = None
        self._sense: _Sense | None = None

    def seek(self, scan: Scan) -> Sequence[Candidate]:
        """Say what is to be looked up for a scan, as things stand."""
        self._sense = None
        self._sense = self._sense_of(scan)
        return self._sense.sought

    async def handle(self, scan: Scan, taken: Taken) -> None:
        """Do what a kept scan means. Never waits for the network."""
        sense = self._sense if self._sense is not None and self._sense.scan is scan else self._sense_of(scan)
        try:
            await self._handle(sense, taken)
        except LoopdeskError as failure:
            self._desk.show_failure(failure)
        finally:
            self._last = (scan, self._open_id())
            self._changed()

    def _tick_softly(self) -> None:
        sentence = _("The same code twice at once: it counts once.")
        self._desk.band.say(Signal.DOUBLE, _("Double"), sentence)

    def _sense_of(self, scan: Scan) -> _Sense:
        if scan.code is not None:  # acts as often as it is scanned
            return _Sense(scan, None)
        meaning = self._desk.parts.classify(scan.raw)
        sense = _Sense(scan, meaning, self._is_answer(meaning), self._item(meaning, scan.raw))
        is_counted = bool(sense.item) and self._desk.parts.inspection.expects(sense.item)
        return _Sense(scan, None) if self._is_double(scan) and not is_counted else sense

    async def _handle(self, sense: _Sense, taken: Taken) -> None:
        meaning, raw, code = sense.meaning, sense.scan.raw, sense.scan.code
        if code is not None and code.kind is CodeKind.COMMAND:
            await self._run_command(code.word)
            return
        if code is not None:
            self._refuse(code)
            return
        if meaning is None:
            self._tick_softly()
            return
        self._show_bench()
        if sense.is_answer:
            await self._answer(meaning.raw)
            return
        if sense.item and await self._ticked(sense.item):
            return
        if meaning.candidates:
            await self._find(raw, meaning, taken)
            return
        self._name_wrong(raw, meaning.hint or _("No return can carry this code."))

    def _name_wrong(self, raw: str, hint: str) -> None:
        scanned = _("Scanned: {code}", code=raw[:60])
        self._desk.band.say(Signal.UNKNOWN, _("Unknown"), hint, scanned)

    def _refuse(self, code: CodeRead) -> None:
        """Say why a code does nothing and what to do; it is named, its letters are not shown."""
        scanned = _("Scanned: {code}", code=code.masked[:60])
        self._desk.band.say(Signal.BLOCKED, _("No effect"), _(_REFUSALS[code.kind]), scanned)

    def _open_id(self) -> str:
        on_bench = self._desk.parts.inspection.on_bench
        return on_bench.picture.ret.return_id if on_bench is not None else ""

    def _takes_more(self) -> bool:
        """Whether anything can still be entered for the open return: else what comes is another parcel."""
        on_bench = self._desk.parts.inspection.on_bench
        return on_bench is not None and not (on_bench.picture.held or on_bench.picture.closed_for_changes)

    def _is_double(self, scan: Scan) -> bool:
        """Whether a label was read again at once, with the same return still on the bench."""
        if self._last is None or scan.source in _BY_HAND:
            return False
        last, open_id = self._last
        seconds = abs((scan.at - last.at).total_seconds())
        is_soon = seconds < self._desk.parts.double_read_seconds
        return is_soon and scan.raw == last.raw and open_id == self._open_id()

    def _is_answer(self, meaning: Meaning) -> bool:
        """Whether it is an item's code while an extra item is asked for."""
        prompt = self._desk.state.prompt
        if prompt is None or prompt.kind != "extra":
            return False
        return not meaning.candidates or meaning.candidates[0].kind is CandidateKind.ITEM

    def _item(self, meaning: Meaning, raw: str) -> str:
        """Return the code that is one of an item of the open return, "" when none is."""
        on_bench = self._desk.parts.inspection.on_bench
        if on_bench is None:
            return ""
        lines = on_bench.picture.ret.expected_lines
        own = {item_key(text) for line in lines for text in (line.barcode, line.sku)} - {""}
        codes = (raw, *(candidate.code for candidate in meaning.candidates))
        return next((code for code in codes if item_key(code) in own), "")

    async def _ticked(self, code: str) -> bool:
        """Tick the unit of the open return with this code. False when it is none after all."""
        inspection = self._desk.parts.inspection
        self._desk.strays.close()
        on_bench = inspection.on_bench
        ticked = await inspection.tick(code) if on_bench is not None else None
        if on_bench is None or ticked is None:
            return False
        ret = on_bench.picture.ret
        if ticked.is_extra:
            sentence = _("Every unit with this code was seen. This one is extra: the return is flagged.")
            self._desk.band.say(Signal.ATTENTION, _("Extra"), sentence)
            return True
        line = ret.line(ticked.line_item_id)
        seen = _("{line} is in the parcel.", line=words.line_title(line) if line else code)
        self._desk.band.say(Signal.FOUND, _("Present"), seen)
        return True

    async def _find(self, raw: str, meaning: Meaning, taken: Taken) -> None:
        """Open what was found with the scan, or ask Loop; what could not be read then fails aloud here."""
        desk, candidates = self._desk, meaning.candidates
        hits = taken.hits if taken.hits is not None else (await desk.parts.lookup.local(candidates)).hits
        if hits:
            await desk.show_hits(hits, taken)
            return
        if meaning.hint:  # no label and no shop prints this, so that Loop knows it neither
            self._name_wrong(raw, meaning.hint)
            return
        over = self._open_id() if self._takes_more() else ""
        if not over:
            await desk.put_aside()
        if not desk.parts.connection.is_online:
            await (desk.strays.ask(raw) if over else desk.mysteries.keep_unknown(raw))
            return
        desk.state.asking, desk.state.asking_over = raw, bool(over)
        scanned = _("Scanned: {code}", code=raw[:60])
        asking = _("Not known here yet. Loop is being asked.")
        desk.band.say(Signal.UNKNOWN, _("Asking"), asking, scanned, sound=False)
        desk.parts.tasks.spawn(self._ask_loop(raw, candidates, over), name="ask loop")

    async def _ask_loop(self, raw: str, candidates: Sequence[Candidate], over: str) -> None:
        """Ask Loop about a code; the answer is shown only while the operator still waits for it.

        Args:
            over: The return that was open and stays so, "" when none was.
        """
        desk = self._desk
        failure: ApiError | None = None
        hits: tuple[Hit, ...] = ()
        try:
            hits = (await desk.parts.lookup.ask_loop(candidates)).hits
        except ApiError as broken:
            failure = broken
            log.info("ask_failed code=%s", broken.code)

        async def show() -> None:
            if desk.state.asking != raw:
                await self._answer_late(raw, hits, is_over=bool(over))
                return
            if hits:
                await desk.show_hits(hits)
            elif over:
                await desk.strays.ask(raw)
            elif failure is not None:
                await desk.mysteries.keep_unknown(raw)
            else:
                desk.mysteries.ask(raw)

        desk.do(show)

    async def _answer_late(self, raw: str, hits: tuple[Hit, ...], *, is_over: bool) -> None:
        """The operator has gone on: nothing is opened under their hands, and no parcel is forgotten."""
        if not hits:
            await (self._desk.strays.keep_passed_by(raw) if is_over else self._desk.parts.mysteries.keep(raw))
        if not is_over:
            return
        again = _("Nobody knows it yet. Scan it again to say what it is.")
        if hits:
            again = _("It is {order}. Scan it again to open it.", order=hits[0].order_name)
        self._desk.band.say(Signal.ATTENTION, _("Scan again"), again, _("Scanned: {code}", code=raw[:60]))
