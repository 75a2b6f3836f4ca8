"""How a hub's ledger knows one attempt to send something."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loopdesk.domain.outbox.stages import Entry, Why


@dataclass(frozen=True, slots=True)
class HubKey:
    """One attempt, as the hub's ledger knows it.

    Attributes:
        entry_id: Of the first entry of the call.
        attempt: Its number, from 1; never used for another request.
        generation: The ledger's, as the hub last told it when the attempt began. A ledger of another one
            cannot know what became of it.
        person: Who decided it.
        return_id: Of which return the call is; not every call says so itself.
        takes_over: The person has seen that another bench claimed the return and sent it all the same.
    """

    entry_id: str
    attempt: int
    generation: str
    person: str = ""
    return_id: str = ""
    takes_over: bool = False

    @property
    def header(self) -> str:
        """The value of ``Idempotency-Key``."""
        return f"{self.entry_id}.{self.attempt}"

    @property
    def text(self) -> str:
        """As it is stored with the attempt, which is enough to ask about it."""
        return f"{self.header}@{self.generation}"

    @staticmethod
    def of(text: str) -> HubKey:
        """Read what ``text`` gave."""
        header, _, generation = text.partition("@")
        entry_id, _, attempt = header.partition(".")
        return HubKey(entry_id, int(attempt), generation)


def hub_key(batch: Sequence[Entry], attempt: int, generation: str) -> HubKey:
    """Return the key of a call that is about to be made."""
    first = batch[0]
    takes_over = first.cause.code in (Why.CLAIMED_AT_HUB, Why.CLAIMED)
    return HubKey(first.entry_id, attempt, generation, first.operator.name, first.return_id, takes_over)
