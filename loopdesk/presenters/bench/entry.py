"""Enters a decision: it is kept and shown, its labels are printed, and the next photo is of it. Pure."""

from __future__ import annotations

from loopdesk.domain.returns.grading import Draft
from loopdesk.presenters.bench.effects import Save
from loopdesk.presenters.bench.labels import put_away
from loopdesk.presenters.bench.state import Step
from loopdesk.services.bench.on_bench import OnBench


def enter(step: Step, here: OnBench) -> None:
    """Keep what was decided, show it, and print the labels that the station wants then."""
    before = step.state.on_bench
    earlier = before.draft if before is not None else Draft(here.ret.return_id)
    keep(step, here)
    step.become(pictured=decided_last(earlier, here.draft) or step.state.pictured)
    put_away.on_decision(step, earlier, here)


def keep(step: Step, here: OnBench) -> None:
    """Keep a draft and show it."""
    step.become(on_bench=here)
    step.do(Save(here.draft))


def decided_last(before: Draft, now: Draft) -> str:
    """Return the line or the item on no line that a decision was about, the last of several; "" for none."""
    items = (*((x.line_item_id, x) for x in now.inspections), *((x.item_id, x) for x in now.extras))
    earlier = (*((x.line_item_id, x) for x in before.inspections), *((x.item_id, x) for x in before.extras))
    changed = [item_id for item_id, item in items if (item_id, item) not in earlier]
    return changed[-1] if changed else ""
