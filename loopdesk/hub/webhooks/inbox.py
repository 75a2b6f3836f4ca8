"""Takes webhooks in: proven by one of the shop's secrets, stored by one committed insert."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from loopdesk.hub.database.pool import Database
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.meaning import TRIGGERS, is_empty, meaning_of
from loopdesk.hub.webhooks.secret_book import Sealing, SecretBook
from loopdesk.services.ports.station import Clock

LARGEST: Final = 1024 * 1024
"""Bytes of a body; a return with two hundred lines has a tenth of it."""


def about_body(shop_id: str, body_hash: bytes) -> str:
    """Return what the seal of a body is bound to."""
    return f"webhook {shop_id} {body_hash.hex()}"


class Inbox:
    """Takes in what Loop sent.

    Args:
        sealing: Encrypts at rest; None if the encryption key is lost: then nothing can be proven, and Loop is
            asked to come again.
        wake: Called after each commit: something is due.
    """

    def __init__(
        self, database: Database, sealing: Sealing | None, clock: Clock, wake: Callable[[], None]
    ) -> None:
        self._database = database
        self._sealing = sealing
        self._book = SecretBook(database, sealing, clock)
        self._wake = wake

    async def take(self, shop_id: str, topic: str, raw: bytes, signature: str) -> Ending:
        """Store a webhook, unless it is empty or not proven to be Loop's. Then it may be answered.

        Args:
            shop_id, topic: Of the address that it was sent to.
            raw: The body as it arrived.
            signature: What ``X-Loop-Signature`` says, "" without one.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached. Whether it was stored is not known; a repeat is
                recognized.
            HubFailure: The secrets cannot be opened.
        """
        if topic not in TRIGGERS:
            return Ending.NO_TOPIC
        if is_empty(raw):
            return Ending.EMPTY if await self._book.knows(shop_id, topic) else Ending.NO_SHOP
        wrong = await self._book.has_signed(shop_id, topic, raw, signature)
        if wrong is not None or self._sealing is None:
            return wrong or Ending.NO_SECRET
        found, digest = meaning_of(topic, raw), hashlib.sha256(raw).digest()
        sealed = self._sealing.seal_bytes(raw, about_body(shop_id, digest))
        # One statement, committed by itself. On a dead connection it runs once more: a second stores nothing.
        [stored] = await self._database.read(
            "webhooks.take_in",
            shop_id=shop_id,
            topic=found.topic,
            trigger=found.trigger,
            subject=found.subject,
            body_hash=digest,
            return_id=found.return_id,
            sealed=sealed,
        )
        self._wake()
        return Ending.TAKEN if stored["is_fresh"] else Ending.REPEATED
