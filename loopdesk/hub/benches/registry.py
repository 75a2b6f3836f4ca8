"""The benches of a site: who a token belongs to, how a bench gets one, and how it loses it.

Tokens and codes are random; only their SHA-256 is stored. A code is good once and for 15 minutes by
PostgreSQL's clock.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from loopdesk.domain.hub_join import JOIN_MINUTES, SECRET_BYTES, JoinRefusal
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, row, rows
from loopdesk.hub.failures import HubFailure

_TOKEN_BYTES: Final = 32
LONGEST_NAME: Final = 60


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


@dataclass(frozen=True, slots=True)
class ListedBench:
    """A bench as IT sees it.

    Attributes:
        id: The hub's, for good.
        shops: Ids of its shops, sorted; None for every shop.
        added_at, joined_at, revoked_at: Aware UTC, None for what did not happen yet.
    """

    id: UUID
    name: str
    shops: tuple[str, ...] | None
    added_at: datetime
    joined_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Joined:
    """What a code was redeemed for.

    Attributes:
        token: The bench's from now on. It is stored nowhere else.
    """

    bench: KnownBench
    token: str = field(repr=False)


def hashed(secret: bytes) -> bytes:
    """Return what is stored of a token or code."""
    return hashlib.sha256(secret).digest()


class BenchRegistry:
    """The benches of the site."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_token(self, token: str) -> KnownBench | None:
        """Return whose token it is, None if nobody's.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read("benches.by_token", token_hash=hashed(token.encode()))
        return _known(found[0]) if found else None

    async def all(self) -> tuple[ListedBench, ...]:
        """Return every bench, those that were revoked last.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        found = await self._database.read("benches.all")
        return tuple(
            ListedBench(
                id=each["id"],
                name=each["name"],
                shops=None if each["every_shop"] else tuple(each["shops"]),
                added_at=each["added_at"],
                joined_at=each["joined_at"],
                revoked_at=each["revoked_at"],
            )
            for each in found
        )

    async def keep_trust(self, bench_id: UUID, mark: bytes) -> None:
        """Keep which of the hub's certificates a bench trusts.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            await rows(connection, "benches.trusts", bench_id=bench_id, trusts=mark)

    async def not_trusting(self, mark: bytes) -> tuple[str, ...]:
        """Return the names of the benches that have not told of trusting just these certificates.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        return tuple(each["name"] for each in await self._database.read("benches.not_trusting", trusts=mark))

    async def add(self, name: str, shops: Sequence[str] = ()) -> bytes:
        """Add a bench.

        Args:
            name: As people will know it; of no other bench that may work.
            shops: Ids of the shops that it may use; none for every shop, also of those to come.

        Returns:
            The secret of its join code.

        Raises:
            HubFailure: ``bench_exists``, ``bench_name`` or ``shop_unknown``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        if not 0 < len(name.strip()) <= LONGEST_NAME or not name.isprintable():
            raise HubFailure(why="bench_name", n=LONGEST_NAME)
        async with self._database.transaction() as connection:
            made = await row(connection, "benches.add", name=name.strip(), every_shop=not shops)
            if made is None:
                raise HubFailure(why="bench_exists", bench=name.strip())
            for shop_id in shops:
                if not await rows(connection, "benches.allow", bench_id=made["id"], shop_id=shop_id):
                    raise HubFailure(why="shop_unknown", shop=shop_id)
            return await _new_code(connection, made["id"])

    async def new_code(self, name: str) -> bytes:
        """Return the secret of another join code of a bench; the token that it has ends when it joins again.

        Raises:
            HubFailure: ``bench_unknown``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            found = await row(connection, "benches.by_name", name=name)
            if found is None:
                raise HubFailure(why="bench_unknown", bench=name)
            return await _new_code(connection, found["id"])

    async def revoke(self, name: str) -> None:
        """Take a bench's right to ask anything, for good; its name is free again.

        Raises:
            HubFailure: ``bench_unknown``.
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        async with self._database.transaction() as connection:
            if not await rows(connection, "benches.revoke", name=name):
                raise HubFailure(why="bench_unknown", bench=name)

    async def join(self, secret: bytes) -> Joined | JoinRefusal:
        """Redeem a join code.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached; nothing was done.
        """
        if len(secret) != SECRET_BYTES:
            return JoinRefusal.UNKNOWN
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        token_hash = hashed(token.encode())
        async with self._database.transaction() as connection:
            code = await row(connection, "benches.use_code", hash=hashed(secret))
            if code is None:
                return await _refusal(connection, secret)
            await rows(connection, "benches.joined", bench_id=code["bench_id"], token_hash=token_hash)
            [found] = await rows(connection, "benches.by_token", token_hash=token_hash)
        return Joined(_known(found), token)


async def _new_code(connection: Connection, bench_id: UUID) -> bytes:
    """Make a code for a bench; the ones before it are good no more."""
    secret = secrets.token_bytes(SECRET_BYTES)
    await rows(connection, "benches.end_codes", bench_id=bench_id)
    await rows(connection, "benches.new_code", bench_id=bench_id, hash=hashed(secret), minutes=JOIN_MINUTES)
    return secret


async def _refusal(connection: Connection, secret: bytes) -> JoinRefusal:
    found = await row(connection, "benches.code", hash=hashed(secret))
    if found is None:
        return JoinRefusal.UNKNOWN
    return JoinRefusal.USED if found["used_at"] is not None else JoinRefusal.EXPIRED


def _known(found: Row) -> KnownBench:
    return KnownBench(
        id=found["id"],
        name=found["name"],
        site=found["site"],
        shops=tuple(found["shops"]),
        is_revoked=found["revoked"],
    )
