"""A practice shift that plays itself: real key events, with Loop's truth checked after every step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QWidget

from loopdesk.app.commands import console
from loopdesk.app.practice import Practice
from loopdesk.app.session import Session
from loopdesk.domain.outbox.stages import Stage
from loopdesk.selfcheck.ui_driver import NeverCame, UiDriver
from loopdesk.simulator.actors import act
from loopdesk.simulator.faults import Fault
from loopdesk.simulator.insight import truth
from loopdesk.simulator.samples import SAMPLES, Sample

POSTS = "POST"
SIZE = (1280, 800)
FOCUS_SECONDS = 5.0


class NotTrue(Exception):
    """A step ended differently than it should."""


@dataclass(frozen=True, slots=True)
class TourStep:
    """One step: its description, printed before it runs, and what is played."""

    title: str
    play: Callable[[Tour], Awaitable[None]]


class Tour:
    """Plays the steps and prints Loop's truth after each."""

    def __init__(self, session: Session, practice: Practice, folder: Path) -> None:
        self.session = session
        self.shop = practice.shop
        self.folder = folder
        self.hand = UiDriver(self._window, lambda: session.bench.is_calm)
        self._pictures = 0

    def _window(self) -> QWindow:
        handle = self.session.window.windowHandle()
        assert handle is not None
        return handle

    # --- building blocks of steps --------------------------------------------------------------------

    async def open(self, sample: Sample) -> None:
        """Scan a label and wait for its return."""
        await self.hand.scan(sample.tracking_number or sample.return_id)
        title = f"{sample.order_name} · {sample.return_id} — loopdesk"
        await self.hand.until(f"the title {title!r}", lambda: self.session.window.windowTitle() == title)

    async def settled(self, sample: Sample, stages: frozenset[Stage] = frozenset({Stage.DONE})) -> None:
        """Wait until every entry of a return is in one of these stages."""
        end = asyncio.get_running_loop().time() + 60
        while True:
            lane = await self.session.runtime.store.outbox.lane(sample.return_id)
            if lane and all(entry.stage in stages for entry in lane):
                return
            if asyncio.get_running_loop().time() > end:
                found = ", ".join(f"{entry.kind.value} {entry.stage.value}" for entry in lane)
                raise NotTrue(f"the queue says: {found or 'nothing was kept'}")
            await asyncio.sleep(0.05)

    def truth(self, sample: Sample) -> dict[str, Any]:
        """Read Loop's truth about a return."""
        return truth(self.shop, sample.return_id)

    def expect(self, sample: Sample, **wanted: object) -> None:
        """Compare Loop's truth with what the step promised, and print it.

        Raises:
            NotTrue: They differ.
        """
        found = self.truth(sample)
        shown = {name: found[name] for name in wanted}
        say(f"   Loop's truth of {sample.order_name}: " + ", ".join(f"{k} {v}" for k, v in shown.items()))
        if shown != wanted:
            raise NotTrue(f"expected {wanted}")

    def grades(self, sample: Sample) -> list[str]:
        """Loop's grades of a return's lines, "" where there is none."""
        conditions = [line["condition"] for line in self.truth(sample)["lines"]]
        return [str(x["category"]["grade"]) if x else "" for x in conditions]

    async def picture(self, name: str) -> None:
        """Save a screenshot of the window."""
        await asyncio.sleep(0.1)
        self._pictures += 1
        path = self.folder / f"{self._pictures:02d}-{name}.png"
        await self.hand.do(lambda: _save(self.session, path))
        say(f"   picture: {path}")


def _save(session: Session, path: Path) -> None:
    """Save a screenshot, which nobody may scan: it goes further than the screen."""
    bench = session.window.bench
    bench.hide_codes(True)
    session.window.grab().save(str(path))
    bench.hide_codes(False)


def say(text: str) -> None:
    """Print one line of the tour."""
    console.say(text, at_once=True)


async def play(session: Session, practice: Practice, folder: str) -> int:
    """Play every step. Returns 0 if all came true, 1 otherwise."""
    target = Path(folder)
    await asyncio.to_thread(target.mkdir, parents=True, exist_ok=True)
    tour = Tour(session, practice, target)
    session.window.setWindowState(Qt.WindowState.WindowNoState)
    session.window.resize(*SIZE)
    failed = 0
    try:
        await need_focus(tour.hand, session.window)
        await tour.hand.until(
            "the first synchronization", lambda: session.program.parts.prefetch.synced_at is not None
        )
    except (NotTrue, NeverCame) as failure:
        say(f"NOT TRUE: {failure}")
        return 1
    await tour.picture("ready")
    for number, step in enumerate(STEPS, 1):
        say(f"{number}. {step.title}")
        try:
            await step.play(tour)
        except (NotTrue, NeverCame) as failure:
            failed += 1
            say(f"   NOT TRUE: {failure}")
            await tour.picture("not-true")
        else:
            say("   true")
        practice.shop.faults.clear()
    say(f"{len(STEPS) - failed} of {len(STEPS)} steps came true.")
    return 1 if failed else 0


async def need_focus(hand: UiDriver, window: QWidget, seconds: float = FOCUS_SECONDS) -> None:
    """Wait for the keyboard focus, without which no step can come true.

    Raises:
        NotTrue: The window has none.
    """
    try:
        await hand.until("the focus", window.isActiveWindow, seconds)
    except NeverCame:
        raise NotTrue(
            "the window has no keyboard focus, so that keys such as 1 and F12 do nothing. On a screen "
            "without a window manager click into the window, or take the tour with QT_QPA_PLATFORM=offscreen."
        ) from None


# --- the shift --------------------------------------------------------------------------------------


async def _single(tour: Tour) -> None:
    sample = SAMPLES["single"]
    await tour.open(sample)
    await tour.picture("found")
    await tour.hand.press("1", "F12")
    await tour.hand.until("the countdown", lambda: tour.session.bench.screen().band.countdown is not None)
    await tour.picture("kept")
    tour.expect(sample, processings=0)
    await tour.settled(sample)
    await tour.picture("done")
    tour.expect(sample, state="closed", processings=1)
    if tour.grades(sample) != ["grade_a"]:
        raise NotTrue(f"the grades are {tour.grades(sample)}")


async def _undo(tour: Tour) -> None:
    sample = SAMPLES["warranty"]
    await tour.open(sample)
    await tour.hand.press("2", "F12")
    await tour.hand.until("the countdown", lambda: tour.session.bench.screen().band.countdown is not None)
    await tour.hand.press("F10")
    await tour.settled(sample, frozenset({Stage.WITHDRAWN}))
    tour.expect(sample, state="open", processings=0)
    if any(tour.grades(sample)):
        raise NotTrue("a grade was sent")


async def _gun_alone(tour: Tour) -> None:
    sample = SAMPLES["warranty"]
    await tour.hand.press("F9")
    await tour.open(sample)
    for word in ("LDCMDGRADEA", "LDCMDCONFIRM"):
        await tour.hand.look()
        await tour.hand.scan(tour.session.codes.printed(word))
        await asyncio.sleep(0.3)
    await tour.settled(sample, frozenset({Stage.DONE, Stage.WITHDRAWN}))
    tour.expect(sample, state="closed", processings=1)


async def _lost_answer(tour: Tour) -> None:
    sample = SAMPLES["store_credit"]
    tour.shop.faults.add(Fault("lose_answer", method=POSTS, path=r"/process$", count=1))
    await tour.open(sample)
    await tour.hand.press("Ctrl+A", "1", "F12")
    await tour.settled(sample)
    tour.expect(sample, state="closed", processings=1)


async def _offline(tour: Tour) -> None:
    sample = SAMPLES["multi_line"]
    tour.shop.faults.add(Fault("offline"))
    await tour.open(sample)
    await tour.hand.press("1", "6", "1", "F12")
    await tour.hand.until(
        "the strip to say offline",
        lambda: tour.session.strip.screen().connection.startswith("Offline"),
        seconds=60,
    )
    await tour.picture("kept-offline")
    tour.expect(sample, state="open", removals=0)
    tour.shop.faults.clear()
    say("   the network is back")
    await tour.settled(sample)
    tour.expect(sample, state="closed", removals=1, processings=1)


async def _exchange(tour: Tour) -> None:
    sample = SAMPLES["exchange"]
    await tour.open(sample)
    lines = len(tour.truth(sample)["lines"])
    await tour.hand.press(*(["1"] * (lines - 1)), "6")
    await tour.picture("what-will-happen")
    await tour.hand.press("F12")
    await tour.settled(sample)
    tour.expect(sample, state="review", removals=0, processings=0, flaggings=1)


async def _closed(tour: Tour) -> None:
    sample = SAMPLES["carrier_scan"]
    await tour.open(sample)
    await tour.hand.press("Ctrl+A", "2", "F12")
    await tour.settled(sample)
    tour.expect(sample, state="closed", processings=0)
    if tour.grades(sample)[0] != "grade_b":
        raise NotTrue(f"the grades are {tour.grades(sample)}")


async def _conflict(tour: Tour) -> None:
    sample = SAMPLES["quantity_three"]
    await tour.open(sample)
    await tour.hand.press("Ctrl+A", "1", "F12")
    await tour.hand.until("the countdown", lambda: tour.session.bench.screen().band.countdown is not None)
    act(tour.shop, {"act": "set_state", "return_id": sample.return_id, "state": "review"})
    say("   at Loop, somebody puts the return into review")
    await tour.settled(sample, frozenset({Stage.PARKED}))
    await tour.hand.do(lambda: tour.session.window.show_view("attention"))
    await tour.hand.until(
        "the attention list", lambda: tour.session.strip.screen().attention >= 1, seconds=10
    )
    await asyncio.sleep(0.5)
    await tour.picture("attention")
    tour.expect(sample, state="review", processings=0)
    if any(tour.grades(sample)):
        raise NotTrue("a grade was sent")
    await tour.hand.do(lambda: tour.session.window.show_view("queue"))
    await asyncio.sleep(0.5)
    await tour.picture("queue")


STEPS = (
    TourStep("Scan a label, grade A, confirm: processed once, done only when read back", _single),
    TourStep("Undo while it is held: nothing was sent", _undo),
    TourStep("The same parcel with the gun alone", _gun_alone),
    TourStep("The answer to the processing is lost: read back, not sent again", _lost_answer),
    TourStep("Offline, one of three lines missing: kept, then removed and processed once", _offline),
    TourStep("A missing line of an exchange: flagged, never removed", _exchange),
    TourStep("A return that Loop has closed already: grades only", _closed),
    TourStep("Changed at Loop before it was sent: stopped, with both pictures", _conflict),
)
