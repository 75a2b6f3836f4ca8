"""The site's shops, and the keys by which Loop knows them. A key never leaves the process but to Loop."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from loopdesk.api.transport import ApiKey
from loopdesk.domain.api_key import key_fault, pasted_key
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Row, row, rows
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.shops.sealing import SealingKey

CHANNEL: Final = "loopdesk_shops"
"""Notified when a shop or a key changed."""


@dataclass(frozen=True, slots=True)
class SiteShop:
    """One shop of the site.

    Attributes:
        id: A short word, such as ``acme``.
        name: As people know it.
        colour: ``#rrggbb``, by which a bench shows whose a return is.
        key: Loop's key; None if there is none that can be opened.
        fingerprint: Of its key in use, 16 hex digits, "" without one; known even if the key cannot be opened.
    """

    id: str
    name: str
    colour: str
    key: ApiKey | None = field(repr=False)
    fingerprint: str


class ShopRegistry:
    """The shops, read once and again after each change of any process.

    Args:
        database: PostgreSQL; not open yet.
        sealing: Opens the keys; None if the encryption key is lost: then no shop has one until each is given
            again.
    """

    def __init__(self, database: Database, sealing: SealingKey | None) -> None:
        self._database = database
        self._sealing = sealing
        self._known: dict[str, SiteShop] | None = None
        self._changes = 0
        database.listener.on(CHANNEL, self._forget)

    async def shops(self) -> tuple[SiteShop, ...]:
        """Return all shops, by id.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        known = self._known
        if known is None:
            changes = self._changes
            found = await self._database.read("shops.all")
            known = {each["id"]: self._shop(each) for each in found}
            if changes == self._changes:  # else it was perhaps read before a change, and is not kept
                self._known = known
        return tuple(known.values())

    async def shop(self, shop_id: str) -> SiteShop | None:
        """Return one shop, None if there is none of that id.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        return next((shop for shop in await self.shops() if shop.id == shop_id), None)

    async def key_of(self, shop_id: str) -> ApiKey:
        """Return the key of a shop.

        Raises:
            HubFailure: ``no_shop_key``: there is none, or none that can be opened.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        shop = await self.shop(shop_id)
        if shop is None or shop.key is None:
            raise HubFailure(why="no_shop_key", shop=shop_id)
        return shop.key

    async def add(self, shop_id: str, name: str, colour: str) -> None:
        """Add a shop.

        Raises:
            HubFailure: ``shop_exists``, or ``shop_malformed`` for an id or colour that is none.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            fits = await row(connection, "shops.fits", id=shop_id, colour=colour)
            if fits is None or not fits["fits"]:
                raise HubFailure(why="shop_malformed")
            if not await rows(connection, "shops.add", id=shop_id, name=name, colour=colour):
                raise HubFailure(why="shop_exists", shop=shop_id)
        await self._tell()

    async def give_key(self, shop_id: str, text: str) -> str:
        """Give a shop another key; what was sealed before is wiped.

        Returns:
            The key's fingerprint.

        Raises:
            HubFailure: ``no_sealing_key``, ``shop_unknown``, or ``shop_key`` if the text is no key.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        if self._sealing is None:
            raise HubFailure(why="no_sealing_key")
        key = pasted_key(text)
        if key_fault(key) is not None:
            raise HubFailure(why="shop_key")
        fingerprint = ApiKey(key).fingerprint()
        async with self._database.transaction() as connection:
            if not await rows(connection, "shops.lock", id=shop_id):
                raise HubFailure(why="shop_unknown", shop=shop_id)
            await rows(connection, "shops.end_key", id=shop_id)
            [made] = await rows(connection, "shops.new_key", id=shop_id, fingerprint=fingerprint)
            sealed = self._sealing.seal(key, shop_id, made["id"])
            await rows(
                connection, "shops.fill_key", id=made["id"], sealed=sealed, sealed_by=self._sealing.mark
            )
        await self._tell()
        return fingerprint

    async def _tell(self) -> None:
        self._forget("")
        await self._database.notify(CHANNEL)

    def _forget(self, _payload: str) -> None:
        self._known = None
        self._changes += 1

    def _shop(self, found: Row) -> SiteShop:
        text = None
        if self._sealing is not None and found["sealed"] is not None:
            text = self._sealing.open(bytes(found["sealed"]), found["id"], found["key_id"])
        key = ApiKey(text) if text is not None else None
        return SiteShop(found["id"], found["name"], found["colour"], key, found["fingerprint"] or "")
