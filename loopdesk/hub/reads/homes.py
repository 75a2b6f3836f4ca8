"""In which shop a return is. Loop's ids are taken for unique over shops, and a collision is noticed."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows
from loopdesk.hub.failures import HubFailure, InTwoShops

log = logging.getLogger("loopdesk.hub.reads")


@dataclass(frozen=True, slots=True)
class Double:
    """An id that returns of several shops have.

    Attributes:
        chosen: The shop that is meant, by a person's word; "" as long as nobody said.
        by: Who said so.
    """

    return_id: str
    shops: tuple[str, ...]
    chosen: str
    by: str


@dataclass(frozen=True, slots=True)
class Homes:
    """Knows it from what was read of each shop, and from a person's choice where two have the same id."""

    database: Database

    async def shop_of(self, return_id: str, shops: Sequence[str]) -> str | None:
        """Return the shop of a return, among some; None if it was seen in none of them.

        Raises:
            InTwoShops: It was seen in several, and nobody said which one is meant: no action may be sent.
        """
        found = await self.database.read("reads.homes", return_id=return_id, shops=list(shops))
        chosen = [one["shop"] for one in found if one["is_chosen"]]
        if chosen:
            return str(chosen[0])
        if len(found) > 1:
            raise InTwoShops(why="in_two_shops")
        return str(found[0]["shop"]) if found else None

    async def doubles(self) -> tuple[Double, ...]:
        """Return the ids that returns of several shops have."""
        return tuple(
            Double(x["return_id"], tuple(x["shops"]), x["chosen"] or "", x["chosen_by"] or "")
            for x in await self.database.read("reads.doubles")
        )

    async def choose(self, return_id: str, shop_id: str, by: str) -> None:
        """Take a lead's word for which shop a return is of, where several have its id.

        Raises:
            HubFailure: ``not_in_shop``: the return was not seen in that shop, or in no other.
        """
        found = await self.database.read("reads.homes_of", return_id=return_id)
        shops = {str(one["shop"]) for one in found}
        if shop_id not in shops or len(shops) < 2:
            raise HubFailure(why="not_in_shop", number=return_id, shop=shop_id)
        async with self.database.transaction() as connection:
            await rows(connection, "reads.choose_home", return_id=return_id, shop=shop_id, by=by)
        log.warning("return_shop_chosen id=%s shop=%s", return_id, shop_id)


async def saw(connection: Connection, shop_id: str, return_ids: Sequence[str]) -> None:
    """Remember that returns are of a shop; one that another shop has as well is logged."""
    ids = sorted(set(return_ids))
    if not ids:
        return
    new = [one["return_id"] for one in await rows(connection, "reads.seen", shop=shop_id, return_ids=ids)]
    for double in await rows(connection, "reads.elsewhere", return_ids=new) if new else []:
        log.warning("return_in_two_shops id=%s shops=%s", double["return_id"], ",".join(double["shops"]))
