"""What the hub knows of a shop's returns, in PostgreSQL; for the services that read Loop's lists.

The same rules as on a bench: the newest answer decides every fact, and the newest details lend what lists
leave out. Whatever a bench is told of a return and that changed takes a number of the feed, in the same
transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from loopdesk.domain.returns.answers import enriched, may_replace
from loopdesk.domain.returns.parcels import LabelState, Sighting, sightings
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row, rows
from loopdesk.hub.index.feed import Batch, ChangeFeed
from loopdesk.hub.index.telling import mark_of
from loopdesk.services.ports.loop import AsnRow, Fetched
from loopdesk.services.ports.store import Stored

KEPT_FOR: Final = timedelta(days=60)
"""A label that has not moved for this long no longer announces a parcel."""

Rebuild = Callable[[str, bool], Return]
"""Makes a return from a stored body; the flag says whether the body is a details answer."""


Seen = Callable[[str, Mapping[str, ReturnState]], Awaitable[None]]
"""Takes in a shop's id, and the states of returns by id."""


async def _nobody_looks(_shop_id: str, _states: Mapping[str, ReturnState]) -> None: ...


class Guard(Protocol):
    """Lets only the shop's leader write."""

    async def check(self, connection: Connection) -> None:
        """Check, at the begin of a transaction and until its end, that its term goes on.

        Raises:
            Deposed: It does not.
        """
        ...


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The answers that are kept of one return.

    Attributes:
        body: The newest, UTF-8.
        details: The newest details if the newest answer is a list's.
        details_at, updated_at: Loop's time of the two.
    """

    body: bytes
    is_details: bool
    details: bytes | None
    details_at: datetime | None
    has_details: bool
    updated_at: datetime | None


def kept(known: KeptAnswers | None, body: bytes, *, is_details: bool, at: datetime | None) -> KeptAnswers:
    """Decide what is kept of a return after an answer; an older one changes nothing but may add details.

    Args:
        known: What was kept before, None if nothing.
        at: Loop's time of the answer's last change.
    """
    if known is None:
        return KeptAnswers(body, is_details, None, at if is_details else None, is_details, at)
    if may_replace(known.updated_at, at):
        if is_details:
            return KeptAnswers(body, True, None, at, True, at)
        details = known.body if known.is_details else known.details
        return replace(known, body=body, is_details=False, details=details, updated_at=at)
    is_newer = not known.has_details or may_replace(known.details_at, at)
    if is_details and not known.is_details and is_newer:
        return replace(known, details=body, details_at=at, has_details=True)
    return known


class ShopIndex:
    """The returns of one shop, behind the ports ``IndexedReturns`` and ``Notices``.

    Args:
        rebuild: Makes a return from a body that was saved.
        guard: Lets only the leader write.
        seen: Told, after each commit, how Loop shows the returns that were saved.
    """

    def __init__(
        self,
        shop_id: str,
        database: Database,
        feed: ChangeFeed,
        rebuild: Rebuild,
        guard: Guard,
        seen: Seen = _nobody_looks,
    ) -> None:
        self._shop_id = shop_id
        self._database = database
        self._feed = feed
        self._rebuild = rebuild
        self._guard = guard
        self._seen = seen

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Save answers; an older answer never replaces a newer one."""
        if not fetched:
            return
        async with self._writing() as batch:
            await _save(batch, self._shop_id, fetched, fetched_at)
        await self._seen(self._shop_id, {str(int(x.ret.return_id)): x.ret.state for x in fetched})

    async def get(self, return_id: str) -> Stored | None:
        """Return what is known about a return."""
        for found in await self._database.read(
            "index.get", shop=self._shop_id, return_id=_storable(return_id)
        ):
            return _stored(found, self._rebuild)
        return None

    async def add_codes(self, codes: Sequence[tuple[str, str, str]]) -> None:
        """Index additional codes: (code, candidate kind, return id); the return may become known later."""
        given = sorted({(_storable(x).strip(), kind, _storable(return_id)) for x, kind, return_id in codes})
        async with self._writing() as batch:
            await _add_codes(batch, self._shop_id, [each for each in given if each[0]])

    async def count(self) -> int:
        """Return how many returns are known."""
        return int((await self._database.read("index.count", shop=self._shop_id))[0]["n"])

    async def mark(self, name: str, value: str) -> None:
        """Set a named text."""
        await self.mark_all({name: value})

    async def mark_all(self, marks: Mapping[str, str]) -> None:
        """Set several in one transaction, by name."""
        async with self._writing() as batch:
            for name, value in sorted(marks.items()):
                await rows(batch.connection, "index.mark", shop=self._shop_id, name=name, value=value)

    async def marked(self, name: str) -> str:
        """Return a named text, "" if there is none."""
        found = await self._database.read("index.marked", shop=self._shop_id, name=name)
        return str(found[0]["value"]) if found else ""

    async def announce(self, rows_: Sequence[AsnRow]) -> int:
        """Store rows of the advance notice. Returns how many belong to a known return."""
        if not rows_:
            return 0
        async with self._writing() as batch:
            return await _announce(batch, self._shop_id, rows_)

    async def to_fetch(
        self, since: datetime, labels: Collection[LabelState], most: int
    ) -> tuple[tuple[str, str], ...]:
        """Return returns on their way whose details are unknown, soonest first, with their version."""
        found = await self._database.read(
            "index.to_fetch", shop=self._shop_id, since=since, labels=sorted(labels), most=most
        )
        return tuple(
            (each["return_id"], each["updated_at"].isoformat() if each["updated_at"] else "")
            for each in found
        )

    async def forget(self, before: datetime) -> None:
        """Delete parcels whose label has not moved since then; benches do so by themselves."""
        async with self._writing() as batch:
            await rows(batch.connection, "index.forget", shop=self._shop_id, before=before)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Batch]:
        async with self._feed.transaction() as batch:
            await self._guard.check(batch.connection)
            await rows(batch.connection, "index.alone", shop=self._shop_id)  # what is decided here must hold
            yield batch


async def _save(batch: Batch, shop_id: str, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
    """Save answers inside a transaction, and note what changed of what benches are told."""
    connection = batch.connection
    ids = sorted({_storable(one.ret.return_id) for one in fetched})
    found = await rows(connection, "index.known", shop=shop_id, return_ids=ids)
    before = {each["return_id"]: _known(each) for each in found}
    times = {each["return_id"]: each["fetched_at"] for each in found}
    now, newest = dict(before), dict[str, Return]()
    for one in fetched:
        return_id, at = _storable(one.ret.return_id), one.ret.updated_at
        was = now.get(return_id)
        if was is None or may_replace(was.updated_at, at):
            newest[return_id] = one.ret
        body = one.body.encode("utf-8", "surrogatepass")
        now[return_id] = kept(was, body, is_details=one.is_details, at=at)
    for return_id in ids:
        at = fetched_at if return_id in newest else times[return_id]
        await rows(connection, "index.put", **_values(shop_id, return_id, now[return_id], at))
        if before.get(return_id) != now[return_id]:
            batch.note(shop_id, return_id)
    for return_id, ret in sorted(newest.items()):
        await _put_parcels(connection, shop_id, return_id, ret, fetched_at - KEPT_FOR)
    lines = sorted(
        {(_storable(x.line_item_id), _storable(y.ret.return_id)) for y in fetched for x in y.ret.lines}
    )
    values = {"line_item_ids": [x for x, _ in lines], "return_ids": [x for _, x in lines]}
    await rows(connection, "index.add_lines", shop=shop_id, **values)


async def _put_parcels(
    connection: Connection, shop_id: str, return_id: str, ret: Return, oldest: datetime
) -> None:
    """Replace the parcels of a return by those of its newest answer; what the notice said stays."""
    there = {_storable(x.tracking_number): x for x in sightings(ret) if x.label_at >= oldest}
    await rows(
        connection, "index.drop_parcels", shop=shop_id, return_id=return_id, tracking_numbers=list(there)
    )
    for number, one in there.items():
        await rows(connection, "index.put_parcel", **_parcel(shop_id, return_id, number, one))


async def _announce(batch: Batch, shop_id: str, notice: Sequence[AsnRow]) -> int:
    """Join rows by line id, the only id in them that is known to be Loop's."""
    ids = sorted({_storable(one.line_item_id) for one in notice})
    owners: dict[str, list[str]] = {}
    for each in await rows(batch.connection, "index.owners", shop=shop_id, line_item_ids=ids):
        owners.setdefault(each["line_item_id"], []).append(each["return_id"])
    joined = [(one, owner) for one in notice for owner in owners.get(_storable(one.line_item_id), ())]
    codes = {(_storable(text), kind.value, owner) for one, owner in joined for text, kind in one.codes}
    await _add_codes(batch, shop_id, sorted(codes))
    for one, owner in joined:
        seen = one.sighting
        if seen is not None:
            values = _parcel(shop_id, owner, _storable(seen.tracking_number), seen)
            if await rows(batch.connection, "index.announce", **values):
                batch.note(shop_id, owner)
    return len({one.line_item_id for one, _ in joined})


async def _add_codes(batch: Batch, shop_id: str, codes: Sequence[tuple[str, str, str]]) -> None:
    values = {
        "codes": [code for code, _, _ in codes],
        "kinds": [kind for _, kind, _ in codes],
        "return_ids": [return_id for _, _, return_id in codes],
    }
    for each in await rows(batch.connection, "index.add_codes", shop=shop_id, **values):
        batch.note(shop_id, each["return_id"])


def _known(found: Row) -> KeptAnswers:
    return KeptAnswers(
        bytes(found["body"]),
        found["is_details"],
        None if found["details"] is None else bytes(found["details"]),
        found["details_at"],
        found["has_details"],
        found["updated_at"],
    )


def _values(shop_id: str, return_id: str, known: KeptAnswers, fetched_at: datetime) -> dict[str, Any]:
    return {
        "shop": shop_id,
        "return_id": return_id,
        "body": known.body,
        "is_details": known.is_details,
        "details": known.details,
        "details_at": known.details_at,
        "has_details": known.has_details,
        "mark": mark_of(known.body, known.details),
        "updated_at": known.updated_at,
        "fetched_at": fetched_at,
    }


def _parcel(shop_id: str, return_id: str, number: str, one: Sighting) -> dict[str, Any]:
    return {
        "shop": shop_id,
        "return_id": return_id,
        "tracking_number": number,
        "carrier": _storable(one.carrier),
        "label": one.label.value,
        "label_at": one.label_at,
        "delivered_at": one.delivered_at,
    }


def _stored(found: Row, rebuild: Rebuild) -> Stored:
    """Make a return of its newest answer, and of what the newest details lend it."""
    ret, is_current = rebuild(_text(found["body"]), found["is_details"]), found["is_details"]
    if found["details"] is not None:
        ret = enriched(ret, rebuild(_text(found["details"]), True))
        is_current = is_current or found["details_at"] == found["updated_at"]
    return Stored(ret, found["fetched_at"], has_details=is_current)


def _text(body: bytes) -> str:
    return bytes(body).decode("utf-8", "surrogatepass")


def _storable(text: str) -> str:
    """Replace what PostgreSQL takes in no text: lone surrogates and zero."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")
