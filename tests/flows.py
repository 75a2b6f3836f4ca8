"""How a scan and an action run through the program, step by step, and how the architecture page draws them.

A flow is a call tree cut down to the steps that a newcomer should read. ``make docs`` draws it from here into
``docs/architecture.md``; ``tests/scenarios/test_23_flows.py`` plays a scan and a confirmation in the whole
program, and compares what was called and in which order.
"""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

from loopdesk.domain.outbox.stages import LEGAL_MOVES, Stage


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a flow.

    Attributes:
        depth: How deep it is drawn. It is called, directly or not, by the nearest step above it that is one
            level less deep.
        module: Below ``loopdesk``, with slashes: ``domain/labels/classify``.
        name: The function in it: ``classify``, ``Intake.receive``.
        says: What it is for, in a few words.
        via: How it is reached if no step above calls it: a queue, a timer, another thread. "" if one does.
    """

    depth: int
    module: str
    name: str
    says: str
    via: str = ""

    @property
    def code(self) -> CodeType:
        """The code that runs for it.

        Raises:
            ImportError, AttributeError: There is no such function.
        """
        found: Any = importlib.import_module(f"loopdesk.{self.module.replace('/', '.')}")
        for part in self.name.split("."):
            found = getattr(found, part)
        code = found.__code__
        assert isinstance(code, CodeType)
        return code


SCAN = (
    Step(0, "ui/input/scan_filter", "ScanFilter.eventFilter", "every key, before any widget gets it"),
    Step(1, "domain/scanner/wedge", "WedgeDecoder.feed", "held until it is clear who typed"),
    Step(2, "domain/scanner/rhythm", "Trigger.take", "one code for each pull of the trigger"),
    Step(1, "services/bench/intake", "Intake.receive", "one whole code"),
    Step(2, "services/bench/intake", "CommandCodes.read", "a command code goes on by its name alone"),
    Step(0, "services/bench/intake", "Intake._keep", "one scan at a time", via="the bench's queue"),
    Step(1, "presenters/bench/presenter", "BenchPresenter.seek", "what is to be looked up"),
    Step(2, "domain/labels/classify", "classify", "candidates, each with the rule that found it"),
    Step(2, "presenters/bench/scans", "sense_of", "an answer, an item of the return, or a new code"),
    Step(1, "store/scan_transaction", "ScanTransactions.take", "one transaction"),
    Step(2, "store/scan_transaction", "ScanTransactions._take", "all or nothing", via="the store's thread"),
    Step(3, "store/chain", "append", "the raw scan, in the audit log"),
    Step(3, "store/returns/search", "find_hits", "returns that a candidate leads to"),
    Step(3, "store/scan_transaction", "ScanTransactions._known", "the return, its draft, its entries"),
    Step(1, "presenters/bench/presenter", "BenchPresenter.handle", "what was kept is shown"),
    Step(2, "presenters/bench/reduce", "reduce", "the next state and its effects"),
    Step(3, "domain/projection", "project", "Loop's last answer + outbox + draft"),
    Step(2, "presenters/bench/runner", "Runner.perform", "each effect; then the state counts"),
    Step(2, "presenters/bench/screen", "bench_screen", "one frozen screen"),
    Step(2, "ui/bench/view", "BenchView.render", "draws what changed"),
    Step(
        0, "services/bench/lookup", "Lookup.refresh", "Loop's newest answer, if due", via="a task of its own"
    ),
)

ACTION = (
    Step(0, "presenters/bench/presenter", "BenchPresenter.command", "Confirm, by its key or button"),
    Step(0, "presenters/bench/commands", "settle", "in reduce", via="the bench's queue"),
    Step(1, "services/bench/on_bench", "settlement", "what is to be kept"),
    Step(2, "domain/settlement", "plan", "the actions that fit; rejects what does not"),
    Step(0, "services/bench/inspection", "InspectionDesk.keep", "the effect", via="Runner.perform"),
    Step(1, "store/outbox/entries", "Outbox.keep", "one commit: entries held, draft emptied"),
    Step(0, "presenters/bench/commands", "say_kept", "the band says Kept", via="what came of the effect"),
    Step(0, "store/outbox/entries", "Outbox.release", "ready", via="the undo window, when it is over"),
    Step(
        0,
        "services/outbox/sender",
        "Sender._work",
        "one lane: the entries of a return",
        via="a task for each lane",
    ),
    Step(1, "domain/outbox/stages", "next_step", "what next?"),
    Step(1, "services/outbox/precheck", "Precheck.check", "still what the operator saw?"),
    Step(1, "store/outbox/entries", "Outbox.claim", "commit sending, before the first byte"),
    Step(1, "services/outbox/exchange", "BatchCall.make", "one call for one batch"),
    Step(2, "api/client", "LoopClient.grade", "the grades; later assess, then process"),
    Step(3, "api/transport", "Transport.request", "to Loop and back"),
    Step(4, "api/judgement", "judge", "yes, no, or nothing certain"),
    Step(2, "domain/outbox/reconcile", "evidence_of", "what does the exchange prove?"),
    Step(2, "domain/outbox/reconcile", "after", "the moves that follow from it"),
    Step(2, "services/outbox/stage_writer", "StageWriter.write", "commit the stages"),
    Step(0, "services/outbox/confirmer", "Confirmer._read_one", "a return in doubt", via="growing intervals"),
    Step(1, "services/outbox/readback", "Reader.look", "what does Loop show?"),
    Step(1, "domain/outbox/reconcile", "verdict", "has it its effect?"),
    Step(2, "domain/outbox/effects", "belief_of", "which witness shows that it was paid?"),
    Step(1, "services/outbox/stage_writer", "StageWriter.write", "commit done"),
    Step(
        0, "presenters/bench/reduce", "_settled", "the band says Done", via="the feed and the bench's queue"
    ),
)

FLOWS = {"scan": SCAN, "action": ACTION}


def callers(flow: Sequence[Step], number: int) -> list[Step]:
    """Return the steps that a step is called from, the nearest first."""
    found: list[Step] = []
    step = flow[number]
    for above in reversed(flow[:number]):
        if step.via or not step.depth:
            break
        if above.depth == step.depth - 1:
            found.append(above)
            step = above
    return found


# --- drawing ----------------------------------------------------------------------------------------


def drawn_flow(flow: Sequence[Step]) -> str:
    """Draw a flow: a line for each step, deeper ones indented, and a line for how others are reached."""
    width = max(2 * step.depth + len(step.module) for step in flow) + 2
    names = max(len(step.name) for step in flow) + 2
    lines = ["```"]
    for step in flow:
        indent = "  " * step.depth
        if step.via:
            lines.append(f"{indent}▼ {step.via}")
        lines.append(f"{indent + step.module:<{width}}{step.name:<{names}}{step.says}")
    return "\n".join([*lines, "```"])


def drawn_stages() -> str:
    """Draw the legal moves: each stage with those that may follow it."""
    stages = list(Stage)
    lines = ["```"]
    for stage in stages:
        targets = [target.value for target in stages if (stage, target) in LEGAL_MOVES]
        lines.append(f"{stage.value:<12}" + (f"─▶ {', '.join(targets)}" if targets else "an end"))
    return "\n".join([*lines, "```"])


# --- watching ---------------------------------------------------------------------------------------


class Watch:
    """Notes the first call of each step of a flow.

    Attributes:
        called: The numbers of the steps in the order of their first call.
    """

    def __init__(self, flow: Sequence[Step]) -> None:
        self.called: list[int] = []
        self._left: dict[CodeType, list[tuple[int, list[CodeType]]]] = {}
        for number, step in enumerate(flow):
            path = [caller.code for caller in callers(flow, number)]
            self._left.setdefault(step.code, []).append((number, path))

    def __call__(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take an event of the interpreter's profiler."""
        if event != "call" or frame.f_code not in self._left:
            return
        steps = self._left[frame.f_code]
        for step in [step for step in steps if _is_called_from(frame, step[1])]:
            steps.remove(step)
            self.called.append(step[0])


def _is_called_from(frame: FrameType, path: Sequence[CodeType]) -> bool:
    above = frame.f_back
    for code in path:
        while above is not None and above.f_code is not code:
            above = above.f_back
    return not path or above is not None


class Profiler:
    """Runs the interpreter's profiler for one watch at a time, in this thread and those that start later."""

    def __init__(self) -> None:
        self._watch: Watch | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Profile; the threads to be seen must start inside."""
        before = sys.getprofile()
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        try:
            yield
        finally:
            sys.setprofile(before)
            threading.setprofile(None)

    def watch(self, flow: Sequence[Step]) -> Watch:
        """Watch a flow from now on, instead of the one before."""
        self._watch = Watch(flow)
        return self._watch

    def _note(self, frame: FrameType, event: str, argument: object) -> None:
        if self._watch is not None:
            self._watch(frame, event, argument)
