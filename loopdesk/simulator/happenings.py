"""What happens at Loop without a request: queued processing ends, labels travel, carrier scans pay out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Effect, Job, Label, Return


class Shop(Protocol):
    """What a happening needs from the Loop in which it happens."""

    settings: Settings

    def remember(self, ret: Return, at: datetime) -> None:
        """Keep a snapshot of the return for stale reads."""


def happen(loop: Shop, ret: Return, now: datetime) -> None:
    """Apply everything that is due for a return, in order of time."""
    while (step := _next_step(ret)) is not None and step[0] <= now:
        if isinstance(step[1], Job):
            finish(loop, ret, step[1])
        else:
            move_label(loop, ret, step[1])


def _next_step(ret: Return) -> tuple[datetime, Job | Label] | None:
    steps: list[tuple[datetime, Job | Label]] = [(job.due, job) for job in ret.jobs]
    steps.extend((label.plan[0][0], label) for label in ret.labels if label.plan)
    return min(steps, key=lambda step: step[0], default=None)


def finish(loop: Shop, ret: Return, job: Job) -> None:
    """Finish a queued job as configured, at the moment it was due.

    Processing is deliberately not idempotent: a second job accepted while the first was queued pays out
    again, so a client that asks twice is caught.
    """
    ret.jobs.remove(job)
    if job.ending == "stay_open":
        loop.remember(ret, job.due)
        ret.failures.append(job.due)
    if job.ending in ("drop", "stay_open") or not _may_run(loop, ret, job):
        return
    loop.remember(ret, job.due)
    if job.ending == "review":
        ret.state = "review"
        ret.updated_at = job.due
    elif job.kind == "process":
        _end(ret, job)
    else:
        _remove(ret, job)


def _may_run(loop: Shop, ret: Return, job: Job) -> bool:
    """Whether the return is still in the state that the job was accepted for."""
    if ret.state == "open":
        return True
    if ret.state == "review":
        return loop.settings.allow_flagged
    return job.kind == "process" and ret.state == "closed" and ret.count("processed") > 0


def pay_out(ret: Return, at: datetime, by: str) -> None:
    """Fulfill every outcome and close: the effect of processing."""
    ret.state = "closed"
    ret.flagged = False
    ret.was_processed = True
    ret.closed_at = ret.updated_at = at
    if any(line.resolution == "credit" for line in ret.lines):
        ret.gift_card_order_id = f"9{ret.order_id}"
        ret.gift_card_order_name = f"{ret.order_name}-GC"
    for exchange in ret.exchanges:
        exchange.order_id = exchange.order_id or f"8{exchange.exchange_id}"
        exchange.order_name = exchange.order_name or f"{ret.order_name}-E{exchange.exchange_id[-1]}"
    ret.effects.append(Effect("processed", at, by))


def _end(ret: Return, job: Job) -> None:
    """Pay out and close, or only close if that is the configured ending."""
    if job.ending != "unpaid":
        pay_out(ret, job.due, "api")
        return
    ret.state = "closed"
    ret.flagged = False
    ret.closed_at = ret.updated_at = job.due
    ret.effects.append(Effect("closed", job.due, "loop"))


def take_out(ret: Return, line_item_ids: tuple[str, ...], at: datetime) -> None:
    """Remove units from the return."""
    ret.lines = [line for line in ret.lines if line.line_item_id not in line_item_ids]
    ret.removed_line_ids.extend(line_item_ids)
    ret.updated_at = at
    ret.effects.append(Effect("removed", at, "api", line_item_ids))


def _remove(ret: Return, job: Job) -> None:
    """Remove the units and process the rest; a return with none left is cancelled."""
    take_out(ret, job.line_item_ids, job.due)
    if job.ending == "partial":
        return
    if ret.lines:
        _end(ret, job)
    else:
        ret.state = "cancelled"
        ret.effects.append(Effect("cancelled", job.due, "api"))


def move_label(loop: Shop, ret: Return, label: Label) -> None:
    """Apply the next planned step of a label."""
    at, status = label.plan.pop(0)
    set_label(loop, ret, label, status, at)


def set_label(loop: Shop, ret: Return, label: Label, status: str, at: datetime) -> None:
    """Set the status of a label; the first carrier scan may pay the return out."""
    loop.remember(ret, at)
    label.status = status
    label.updated_at = at
    if loop.settings.label_bumps_updated:
        ret.updated_at = at
    scanned = status in ("in_transit", "out_for_delivery", "delivered")
    if scanned and ret.process_on_scan and ret.state == "open" and not ret.flagged:
        pay_out(ret, at, "carrier")
