"""Drafts in memory."""

from __future__ import annotations

from datetime import UTC, datetime

from loopdesk.domain.returns.grading import Draft

_NEVER = datetime.min.replace(tzinfo=UTC)


class MemoryDrafts:
    """Fake of the drafts."""

    def __init__(self) -> None:
        self.kept: dict[str, Draft] = {}

    async def get(self, return_id: str) -> Draft:
        """Return the draft of a return; an empty one when there is none."""
        return self.kept.get(return_id, Draft(return_id))

    async def save(self, draft: Draft) -> None:
        """Keep a draft; one that is empty and not put aside is deleted."""
        if draft.is_empty and not draft.parked:
            self.kept.pop(draft.return_id, None)
        else:
            self.kept[draft.return_id] = draft

    async def parked(self) -> tuple[Draft, ...]:
        """Return the drafts that were put aside, latest first."""
        aside = [draft for draft in self.kept.values() if draft.parked]
        return tuple(sorted(aside, key=lambda draft: draft.updated_at or _NEVER, reverse=True))
