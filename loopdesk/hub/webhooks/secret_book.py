"""The secrets that prove webhooks: sealed in the database, two of each while one is changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import rows
from loopdesk.hub.failures import DatabaseUnusable, HubFailure
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.signature import is_signed
from loopdesk.services.ports.station import Clock

_REMEMBERED_SECONDS: Final = 5.0
_LEAST_SECONDS: Final = 1.0
_MOST_REMEMBERED: Final = 2_000
_LONGEST: Final = 512
_MOST_SECRETS: Final = 2
"""Of one webhook at a time."""


class Sealing(Protocol):
    """Encrypts what must not be read in a copy of the database."""

    def seal_bytes(self, plain: bytes, about: str) -> bytes:
        """Encrypt; it can be opened only for the same ``about``."""
        ...

    def open_bytes(self, sealed: bytes, about: str) -> bytes | None:
        """Decrypt; None if it is of another key, was about something else, or was changed."""
        ...


def about_secret(shop_id: str, topic: str) -> str:
    """Return what the seal of a secret is bound to."""
    return f"webhook secret {shop_id} {topic}"


@dataclass(frozen=True, slots=True)
class _Remembered:
    """The secrets of one address, as they were a moment ago; None if there is no such shop."""

    secrets: tuple[str, ...] | None
    at: float


class SecretBook:
    """The secrets of the shops' webhooks, remembered for a few seconds.

    A signature that none of them made lets it look again, so that a new secret counts at once; an old one
    ends a few seconds late.
    """

    def __init__(self, database: Database, sealing: Sealing | None, clock: Clock) -> None:
        self._database = database
        self._sealing = sealing
        self._clock = clock
        self._known: dict[tuple[str, str], _Remembered] = {}

    async def has_signed(self, shop_id: str, topic: str, raw: bytes, header: str) -> Ending | None:
        """Tell whether one of the secrets made this signature: None if so, else why it does not count.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
            HubFailure: ``no_sealing_key``, or ``webhook_sealed`` if there are secrets and none can be opened.
        """
        for oldest in (_REMEMBERED_SECONDS, _LEAST_SECONDS):
            secrets = await self._secrets(shop_id, topic, oldest)
            if secrets and is_signed(raw, header, secrets):
                return None
        if secrets is None:
            return Ending.NO_SHOP
        return Ending.UNSIGNED if secrets else Ending.NO_SECRET

    async def knows(self, shop_id: str, topic: str) -> bool:
        """Whether there is such a shop.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        try:
            return await self._secrets(shop_id, topic, _REMEMBERED_SECONDS) is not None
        except DatabaseUnusable:
            raise
        except HubFailure:  # it has secrets that cannot be opened
            return True

    async def _secrets(self, shop_id: str, topic: str, oldest: float) -> tuple[str, ...] | None:
        known, now = self._known.get((shop_id, topic)), self._clock.monotonic()
        if known is not None and now - known.at < oldest:
            return known.secrets
        secrets: tuple[str, ...] | None = await self._opened(shop_id, topic)
        if not secrets:
            [shop] = await self._database.read("webhooks.shop", shop_id=shop_id)
            secrets = () if shop["there"] else None
        if len(self._known) >= _MOST_REMEMBERED:  # names that somebody makes up
            self._known.clear()
        self._known[shop_id, topic] = _Remembered(secrets, now)
        return secrets

    async def _opened(self, shop_id: str, topic: str) -> tuple[str, ...]:
        found = await self._database.read("webhooks.secrets", shop_id=shop_id, topic=topic)
        if not found:
            return ()
        if self._sealing is None:
            raise HubFailure(why="no_sealing_key")
        about = about_secret(shop_id, topic)
        opened = (self._sealing.open_bytes(bytes(row["sealed"]), about) for row in found)
        secrets = tuple(each.decode() for each in opened if each is not None)
        if not secrets:
            raise HubFailure(why="webhook_sealed", shop=shop_id)
        return secrets


async def keep_secret(
    database: Database,
    sealing: Sealing | None,
    shop_id: str,
    topic: str,
    trigger: str,
    text: str,
    *,
    is_only: bool = False,
) -> None:
    """Keep a secret of a webhook of Loop. The one before it still counts, unless this is to be the only one.

    Args:
        trigger: Of the webhook that has it; "" if all of the topic have it.
        text: As Loop's admin shows it; white space around it is dropped.

    Raises:
        HubFailure: ``no_sealing_key``, ``shop_unknown``, ``webhook_topic``, or ``webhook_secret`` if the text
            can be none.
        DatabaseUnusable: PostgreSQL cannot be reached.
    """
    if sealing is None:
        raise HubFailure(why="no_sealing_key")
    if topic not in TRIGGERS or trigger not in ("", *TRIGGERS[topic]):
        raise HubFailure(why="webhook_topic", topic=topic)
    secret = text.strip()
    if not secret or len(secret) > _LONGEST or not secret.isprintable() or " " in secret:
        raise HubFailure(why="webhook_secret", n=_LONGEST)
    sealed = sealing.seal_bytes(secret.encode(), about_secret(shop_id, topic))
    async with database.transaction() as connection:
        [shop] = await rows(connection, "webhooks.shop", shop_id=shop_id)
        if not shop["there"]:
            raise HubFailure(why="shop_unknown", shop=shop_id)
        names = {"shop_id": shop_id, "topic": topic, "trigger": trigger}
        await rows(connection, "webhooks.add_secret", **names, sealed=sealed)
        await rows(connection, "webhooks.end_secrets", **names, kept=1 if is_only else _MOST_SECRETS)
