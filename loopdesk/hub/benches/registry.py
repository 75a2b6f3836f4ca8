"""Who a token belongs to. Tokens and codes are random; only their SHA-256 is stored."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from loopdesk.hub.database.pool import Database


@dataclass(frozen=True, slots=True)
class KnownBench:
    """A bench as the hub knows it by its token.

    Attributes:
        id: The hub's, for good.
        name: As IT named it, such as ``Dock 3``.
        site: The site whose hub this is.
        shops: Ids of the shops that it may use, sorted.
        is_revoked: It may do nothing any more.
    """

    id: UUID
    name: str
    site: UUID
    shops: tuple[str, ...]
    is_revoked: bool


def hashed(secret: str) -> bytes:
    """Return what is stored of a token or code."""
    return hashlib.sha256(secret.encode()).digest()


class BenchRegistry:
    """The benches of the site."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_token(self, token: str) -> KnownBench | None:
        """Return whose token it is, None if nobody's.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        for found in await self._database.read("benches.by_token", token_hash=hashed(token)):
            return KnownBench(
                id=found["id"],
                name=found["name"],
                site=found["site"],
                shops=tuple(found["shops"]),
                is_revoked=found["revoked"],
            )
        return None
