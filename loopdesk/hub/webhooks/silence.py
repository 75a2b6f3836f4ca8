"""Whether a shop's webhooks have stopped: pure, so that the page, the doctor and the measure agree."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(hours=2)
"""How long nothing may come although returns changed."""


def silent_since(last_at: datetime | None, changed_at: datetime | None, now: datetime) -> datetime | None:
    """Return since when webhooks should have come and did not; None if nothing is missing.

    A night without returns is no silence: only a change that no webhook followed begins one.

    Args:
        last_at: When the last webhook with a good signature arrived; None for never.
        changed_at: The first change of a return after it that the hub knows of by itself: by an own action
            that Loop accepted. None for none.
        now: The same clock.
    """
    if changed_at is None or (last_at is not None and changed_at <= last_at):
        return None
    return changed_at if now - changed_at >= PATIENCE else None
