"""What a scan does at the bench."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from loopdesk.domain.errors import ApiError, LoopdeskError
from loopdesk.domain.labels import item_codes_equal
from loopdesk.domain.scans import Candidate, CandidateKind, Meaning, Scan
from loopdesk.presenters import words
from loopdesk.presenters.bench_desk import BenchDesk
from loopdesk.presenters.screens import Signal
from loopdesk.services.ports import Hit

log = logging.getLogger("loopdesk.scan")


class BenchScans:
    """Tries what a scan can be, in order: command, answer, item of the open return, a return's code.

    Args:
        run_command: Does what a printed command code asks.
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
        self._last: tuple[str, float, str] = ("", float("-inf"), "")

    async def handle(self, scan: Scan) -> None:
        """Do what a kept scan means. Never waits for the network."""
        is_double = self._is_double(scan)
        try:
            await (self._tick_softly() if is_double else self._handle(scan))
        except LoopdeskError as failure:
            self._desk.show_failure(failure)
        finally:
            self._last = (scan.raw, self._desk.parts.clock.monotonic(), self._open_id())
            self._changed()

    async def _tick_softly(self) -> None:
        sentence = words.say("The same code twice at once: it counts once.")
        self._desk.band.say(Signal.DOUBLE, words.say("Double"), sentence)

    async def _handle(self, scan: Scan) -> None:
        meaning = self._desk.parts.classify(scan.raw)
        if meaning.command:
            await self._run_command(meaning.command)
            return
        self._show_bench()
        if await self._answered(meaning) or await self._ticked(meaning, scan.raw):
            return
        if meaning.candidates:
            await self._find(scan.raw, meaning.candidates)
            return
        hint = meaning.hint or words.say("No return can carry this code.")
        scanned = words.say("Scanned: {code}", code=scan.raw[:60])
        self._desk.band.say(Signal.UNKNOWN, words.say("Unknown"), hint, scanned)

    def _open_id(self) -> str:
        on_bench = self._desk.parts.inspection.on_bench
        return on_bench.picture.ret.return_id if on_bench is not None else ""

    def _is_double(self, scan: Scan) -> bool:
        """Whether the gun sent the last code again at once, with the same return still on the bench."""
        code, at, open_id = self._last
        soon = self._desk.parts.clock.monotonic() - at < self._desk.parts.double_read_seconds
        return scan.source == "gun" and scan.raw == code and soon and open_id == self._open_id()

    async def _answered(self, meaning: Meaning) -> bool:
        """Take an item's code as the answer while an extra item is asked for."""
        prompt = self._desk.state.prompt
        if prompt is None or prompt.kind != "extra":
            return False
        if meaning.candidates and meaning.candidates[0].kind is not CandidateKind.ITEM:
            return False
        await self._answer(meaning.raw)
        return True

    async def _ticked(self, meaning: Meaning, raw: str) -> bool:
        """Tick the unit when the code is that of an item of the open return."""
        inspection = self._desk.parts.inspection
        if inspection.on_bench is None:
            return False
        ret = inspection.on_bench.picture.ret
        own = [text for line in ret.expected_lines for text in (line.barcode, line.sku) if text]
        codes = (raw, *(candidate.code for candidate in meaning.candidates))
        code = next((x for x in codes if any(item_codes_equal(y, x) for y in own)), None)
        ticked = await inspection.tick(code) if code is not None else None
        if ticked is None:
            return False
        if ticked.is_extra:
            sentence = words.say(
                "Every unit with this code was seen. This one is extra: the return is flagged."
            )
            self._desk.band.say(Signal.ATTENTION, words.say("Extra"), sentence)
            return True
        line = ret.line(ticked.line_item_id)
        seen = words.say("{line} is in the parcel.", line=words.line_title(line) if line else code)
        self._desk.band.say(Signal.FOUND, words.say("Present"), seen)
        return True

    async def _find(self, raw: str, candidates: Sequence[Candidate]) -> None:
        desk = self._desk
        found = await desk.parts.lookup.local(candidates)
        if found.hits:
            await desk.show_hits(found.hits)
            return
        await desk.put_aside()
        desk.state.asking = raw
        if not desk.parts.connection.is_online:
            await desk.mysteries.keep_unknown(raw)
            return
        scanned = words.say("Scanned: {code}", code=raw[:60])
        asking = words.say("Not known here yet. Loop is being asked.")
        desk.band.say(Signal.UNKNOWN, words.say("Asking"), asking, scanned, sound=False)
        desk.parts.tasks.spawn(self._ask_loop(raw, candidates), name="ask loop")

    async def _ask_loop(self, raw: str, candidates: Sequence[Candidate]) -> None:
        """Ask Loop about a code; the answer is shown only while the operator still waits for it."""
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
                if not hits:  # the operator has gone on; the parcel must not be forgotten
                    await desk.parts.mysteries.keep(raw)
                return
            if hits:
                await desk.show_hits(hits)
            elif failure is not None:
                await desk.mysteries.keep_unknown(raw)
            else:
                desk.mysteries.ask(raw)

        desk.do(show)
