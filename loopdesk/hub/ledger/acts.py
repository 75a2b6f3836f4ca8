"""The ledger in PostgreSQL: an act reads its facts under two locks, decides and writes in one transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from loopdesk.domain.outbox.actions import Kind
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, row, rows
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.ledger.stages import (
    LIMITS,
    ActionKey,
    ActionStage,
    ClaimEnd,
    LedgerFacts,
    LedgerLimits,
    LedgerRow,
    Proof,
    ReturnClaim,
    Ruling,
    StoredAnswer,
)

Decide = Callable[[LedgerFacts], Ruling]


@dataclass(frozen=True, slots=True)
class ClaimPlace:
    """Names one claim."""

    shop_id: str
    return_id: str
    entry_id: str
    bench_id: str = ""


@dataclass(frozen=True, slots=True)
class OpenClaim:
    """Who finishes a return right now, for people to read.

    Attributes:
        stale_at: Since when it waits for a person, None while it may end by itself.
    """

    place: ClaimPlace
    station: str
    person: str
    kind: Kind
    taken_at: datetime
    stale_at: datetime | None


async def _no_hint(_connection: Connection, _shop_id: str, _return_id: str) -> None:
    """Nobody keeps copies of Loop's answers."""


class Ledger:
    """What became of every action, and who finishes which return.

    Args:
        hint: Told, inside the transaction, that what was read of a return before is old.
        limits: After which times it changes its mind.
    """

    def __init__(
        self,
        database: Database,
        hint: Callable[[Connection, str, str], Awaitable[None]] = _no_hint,
        *,
        limits: LedgerLimits = LIMITS,
    ) -> None:
        self._database = database
        self._hint = hint
        self._limits = limits

    async def act(self, key: ActionKey, decide: Decide, *, shop_id: str = "", return_id: str = "") -> Ruling:
        """Decide about an attempt and write what follows.

        Acts on one entry, and acts on one return, come one after the other. So what was decided from is
        still true when it is written.

        Args:
            shop_id, return_id: Of the request, where its row may not exist yet.

        Raises:
            DatabaseUnusable: The database failed; if in the commit, all of it may have been done.
        """
        try:
            async with self._database.transaction() as connection:
                ruling = decide(await self._look(connection, key, shop_id, return_id))
                await self._write(connection, ruling)
        except psycopg.OperationalError as failure:
            raise DatabaseUnusable(type(failure).__name__, why="unreachable") from failure
        return ruling

    async def on_claim(
        self, place: ClaimPlace, decide: Callable[[ReturnClaim, LedgerFacts], ReturnClaim | None]
    ) -> ReturnClaim | None:
        """Decide about an open claim; returns it as it is from now on, None if it stays or is over.

        Raises:
            DatabaseUnusable: As ``act``.
        """

        def ruled(facts: LedgerFacts) -> Ruling:
            held = facts.open_claim
            if held is None or held.entry_id != place.entry_id:
                return Ruling()
            changed = decide(held, facts)
            return Ruling() if changed is None else Ruling(claims=(changed,))

        key = ActionKey(place.entry_id, 1)
        ruling = await self.act(key, ruled, shop_id=place.shop_id, return_id=place.return_id)
        return ruling.claims[0] if ruling.claims else None

    async def under_way(self, owner: int) -> tuple[tuple[ActionKey, int, str], ...]:
        """Return what a process has under way, and every process whose lock is free: key, owner, exchange."""
        found = await self._database.read("ledger.under_way", owner=owner)
        return tuple((ActionKey(x["entry_id"], x["n"]), x["owner"], x["exchange"]) for x in found)

    async def take_looks(self, most: int) -> tuple[ClaimPlace, ...]:
        """Take the claims whose return is to be looked at now; nobody else looks for half a minute."""
        try:
            async with self._database.transaction() as connection:
                found = await rows(connection, "ledger.take_looks", most=most)
        except psycopg.OperationalError as failure:
            raise DatabaseUnusable(type(failure).__name__, why="unreachable") from failure
        return tuple(
            ClaimPlace(x["shop_id"], x["return_id"], x["entry_id"], str(x["bench_id"])) for x in found
        )

    async def open_claims(self, shop_id: str, return_ids: Sequence[str]) -> tuple[ClaimPlace, ...]:
        """Return the open claims of some returns of a shop."""
        found = await self._database.read("ledger.open_claims", shop_id=shop_id, return_ids=list(return_ids))
        return tuple(ClaimPlace(shop_id, x["return_id"], x["entry_id"], str(x["bench_id"])) for x in found)

    async def look_soon(self, connection: Connection, shop_id: str, return_id: str) -> None:
        """Let a claimed return be looked at now, in the transaction of whoever knows that it changed."""
        await rows(connection, "ledger.look_soon", shop_id=shop_id, return_id=return_id)

    async def all_open(self) -> tuple[OpenClaim, ...]:
        """Return every open claim, oldest first."""
        return tuple(
            OpenClaim(
                ClaimPlace(x["shop_id"], x["return_id"], x["entry_id"]),
                x["station"],
                x["person"],
                Kind(x["kind"]),
                x["taken_at"],
                x["stale_at"],
            )
            for x in await self._database.read("ledger.all_open")
        )

    async def of_revoked(self) -> tuple[ClaimPlace, ...]:
        """Return the open claims of benches that were revoked."""
        found = await self._database.read("ledger.of_revoked")
        return tuple(ClaimPlace(x["shop_id"], x["return_id"], x["entry_id"]) for x in found)

    async def seconds_to_wait(self) -> float:
        """Notice of which generation the ledger is, and return for how many seconds more it may have lost
        what Loop is still at work at: nothing leaves meanwhile that finishes a return.

        Raises:
            DatabaseUnusable: PostgreSQL cannot be reached.
        """
        try:
            async with self._database.transaction() as connection:
                now = await _now(connection)
        except psycopg.OperationalError as failure:
            raise DatabaseUnusable(type(failure).__name__, why="unreachable") from failure
        return self._limits.seconds_to_wait(now["now"], now["since"])

    async def counts(self) -> Mapping[str, int]:
        """Return how many claims are ``open`` and how many are ``stale``."""
        [found] = await self._database.read("ledger.counts")
        return found

    async def _look(
        self, connection: Connection, key: ActionKey, shop_id: str, return_id: str
    ) -> LedgerFacts:
        """Lock the entry, then its return, and read what is known of both."""
        await rows(connection, "ledger.lock_entry", entry_id=key.entry_id)
        found = await rows(connection, "ledger.attempts", entry_id=key.entry_id)
        place = (shop_id, return_id) if return_id else _place_of(found)
        claims: list[Row] = []
        if place is not None:
            of = {"shop_id": place[0], "return_id": place[1]}
            await rows(connection, "ledger.lock_return", **of)
            claims = await rows(connection, "ledger.claims", **of)
        return self._facts(await _now(connection), found, claims)

    def _facts(self, now: Row, found: list[Row], claims: list[Row]) -> LedgerFacts:
        return LedgerFacts(
            now=now["now"],
            generation=now["generation"],
            since=now["since"],
            rows=tuple(map(_row, found)),
            claims=tuple(map(_claim, claims)),
            living=frozenset(x["owner"] for x in found if x["lives"]),
            limits=self._limits,
        )

    async def _write(self, connection: Connection, ruling: Ruling) -> None:
        if ruling.row is not None:
            await rows(connection, "ledger.put_attempt", **_columns(ruling.row))
            await rows(
                connection, "ledger.forget_unsent", entry_id=ruling.row.key.entry_id, n=ruling.row.key.n
            )
            if ruling.row.return_id and ruling.row.stage in (ActionStage.ANSWERED, ActionStage.UNKNOWN):
                await self._hint(connection, ruling.row.shop_id, ruling.row.return_id)
        for claim in ruling.claims:
            await rows(connection, "ledger.put_claim", **_claim_columns(claim))


async def _now(connection: Connection) -> Row:
    """Return the time and the generation, which is noticed by whoever sees it first."""
    now = await row(connection, "ledger.now")
    assert now is not None
    if now["generation"] != now["noticed"]:
        await rows(connection, "ledger.notice")
        now = await row(connection, "ledger.now")
        assert now is not None
    return now


def _place_of(found: list[Row]) -> tuple[str, str] | None:
    return next(((x["shop_id"], x["return_id"]) for x in found if x["return_id"]), None)


def _row(found: Row) -> LedgerRow:
    answer = None
    if found["body"] is not None:
        headers = tuple(sorted(found["headers"].items()))
        answer = StoredAnswer(found["status"], headers, bytes(found["body"]))
    return LedgerRow(
        key=ActionKey(found["entry_id"], found["n"]),
        bench_id=str(found["bench_id"]),
        shop_id=found["shop_id"] or "",
        return_id=found["return_id"],
        kind=Kind(found["kind"]) if found["kind"] else None,
        payload_sha=found["payload_sha"],
        stage=ActionStage(found["stage"]),
        owner=found["owner"],
        exchange=found["exchange"],
        person=found["person"],
        reserved_at=found["reserved_at"],
        sent_at=found["sent_at"],
        ended_at=found["ended_at"],
        proof=Proof(found["proof"]) if found["proof"] else None,
        answer=answer,
    )


def _columns(one: LedgerRow) -> dict[str, Any]:
    answer = one.answer
    return {
        "entry_id": one.key.entry_id,
        "n": one.key.n,
        "bench_id": UUID(one.bench_id),
        "shop_id": one.shop_id or None,
        "return_id": one.return_id,
        "kind": one.kind.value if one.kind else None,
        "payload_sha": one.payload_sha,
        "stage": one.stage.value,
        "owner": one.owner,
        "exchange": one.exchange,
        "person": one.person,
        "reserved_at": one.reserved_at,
        "sent_at": one.sent_at,
        "ended_at": one.ended_at,
        "proof": one.proof.value if one.proof else None,
        "status": answer.status if answer else None,
        "headers": Jsonb(dict(answer.headers)) if answer else None,
        "body": answer.body if answer else None,
    }


def _claim(found: Row) -> ReturnClaim:
    return ReturnClaim(
        shop_id=found["shop_id"],
        return_id=found["return_id"],
        entry_id=found["entry_id"],
        bench_id=str(found["bench_id"]),
        station=found["station"],
        person=found["person"],
        kind=Kind(found["kind"]),
        taken_at=found["taken_at"],
        look_at=found["look_at"],
        ended_at=found["ended_at"],
        end=ClaimEnd(found["ended_as"]) if found["ended_as"] else None,
        ended_by=found["ended_by"],
        stale_at=found["stale_at"],
        looks=found["looks"],
    )


def _claim_columns(claim: ReturnClaim) -> dict[str, Any]:
    return {
        "shop_id": claim.shop_id,
        "return_id": claim.return_id,
        "entry_id": claim.entry_id,
        "bench_id": UUID(claim.bench_id),
        "station": claim.station,
        "person": claim.person,
        "kind": claim.kind.value,
        "taken_at": claim.taken_at,
        "look_at": claim.look_at,
        "looks": claim.looks,
        "stale_at": claim.stale_at,
        "ended_at": claim.ended_at,
        "ended_as": claim.end.value if claim.end else None,
        "ended_by": claim.ended_by,
    }
