"""The evidence of a return as a choice, on the pages that show a return's history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from loopdesk.domain.errors import LoopdeskError
from loopdesk.i18n.catalogue import N_, Said, _
from loopdesk.presenters.screens.pages import CaseChoice
from loopdesk.services.station.tasks import Tasks

EVIDENCE = "evidence"
"""The intent of the choice."""


@dataclass(frozen=True, slots=True)
class EvidenceShown:
    """An evidence sheet that was written.

    Attributes:
        path: Its file.
        lost: How many of its photos are gone or damaged.
        is_open: Whether the system's viewer shows it.
    """

    path: str
    lost: int = 0
    is_open: bool = True


ShowEvidence = Callable[[str], Awaitable[EvidenceShown | None]]
"""Writes and opens the sheet of a return by its id; None if it is not known. Raises ``OSError``,
``StoreError``.
"""


def evidence_choice(order: str) -> CaseChoice:
    """Return the choice for a return."""
    return CaseChoice(EVIDENCE, _("Evidence of {order} as a PDF", order=order))


class EvidenceWriter:
    """Has one sheet at a time written, and says how it went.

    Args:
        tell: Receives a result, and its tone.
    """

    def __init__(
        self, show: ShowEvidence, tasks: Tasks, tell: Callable[[LoopdeskError | Said, str], None]
    ) -> None:
        self._show = show
        self._tasks = tasks
        self._tell = tell
        self._is_writing = False

    def write(self, return_id: str, order: str) -> None:
        """Begin; another press while a sheet is being written does nothing."""
        if not self._is_writing:
            self._is_writing = True
            self._tasks.spawn(self._write(return_id, order), name="evidence")

    async def _write(self, return_id: str, order: str) -> None:
        self._tell(Said(N_("The evidence of {order} is being written."), {"order": order}), "plain")
        try:
            shown = await self._show(return_id)
        except LoopdeskError as failure:
            self._tell(failure, "blocked")
        except OSError as failure:
            why = failure.strerror or failure
            self._tell(Said(N_("The sheet was not saved: {why}."), {"why": why}), "blocked")
        else:
            self._tell(*_told(shown, return_id, order))
        finally:
            self._is_writing = False


def _told(shown: EvidenceShown | None, return_id: str, order: str) -> tuple[Said, str]:
    if shown is None:
        return Said(N_("This station knows no return {id}."), {"id": return_id}), "blocked"
    values = {"order": order, "file": shown.path}
    if shown.is_open:
        said = Said(N_("The evidence of {order} is open, and saved as {file}"), values)
    else:
        said = Said(N_("The evidence of {order} is saved as {file}, but nothing here opens it."), values)
    if not shown.lost:
        return said, "plain"
    text = N_("Photos missing from it, because their files are gone or damaged: {n}. {said}")
    return Said(text, {"n": shown.lost, "said": said}), "offline"
