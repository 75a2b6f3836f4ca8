"""Loop as the services know it: one method per endpoint, each builds a call and parses its answer.

Pages are followed without following Loop's links.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from loopdesk.api.calls import (
    Call,
    Nature,
    Scope,
    action_path,
    checked_id,
    checked_segment,
    json_body,
    path_of,
)
from loopdesk.api.lenient_json import array, elements, readable
from loopdesk.api.translate import (
    id_in,
    to_asn_row,
    to_destination,
    to_fetched,
    to_happy_item,
    to_happy_shipment,
    to_notes,
)
from loopdesk.api.transport import LARGE_BODY, Answer, Transport
from loopdesk.api.versions import assess_item, checked_batch, grade_item
from loopdesk.domain.errors import AnswerLost, NotFound, Refused, RuleBroken, ScopeMissing
from loopdesk.domain.outbox.actions import NOTE_MOST, Kind
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.returns.returns import Destination, Note, ReturnState
from loopdesk.domain.sync import LONGEST
from loopdesk.services.ports.loop import (
    TURN_SECONDS,
    AsnRow,
    Fetched,
    HappyItem,
    HappyShipment,
    ListPage,
    Priority,
    Sent,
)

PAGES_MOST: Final = 10_000
_WALKS_MOST: Final = 16


def cursor_in(link: Any) -> str:
    """Return the ``cursor`` parameter of a next link, "" if there is no link or it has none.

    The link's host, path and other parameters are ignored: Loop's own links drop the window's start, the
    state and the paging itself, and name another version.
    """
    if not isinstance(link, str):
        return ""
    try:
        return parse_qs(urlsplit(link).query).get("cursor", [""])[-1]
    except ValueError:
        return ""


class CursorTrail:
    """Remembers which cursors of a walk were read, to end a cycle of pages.

    Requesting a page again after a failure is not a cycle: only cursors whose page was read count.
    """

    def __init__(self) -> None:
        self._read: dict[tuple[str, ...], set[str]] = {}

    def next(self, walk: tuple[str, ...], cursor: str, link: Any) -> str:
        """Record a page that was read and return the cursor of the next one, "" if it was the last.

        Args:
            walk: Identifies the walk: its parameters without the cursor.
            cursor: The cursor with which the page was requested, "" for the first.
            link: ``nextPageUrl`` as received.
        """
        if not cursor:
            self._read.pop(walk, None)
        read = self._read.setdefault(walk, set())
        read.add(cursor)
        following = cursor_in(link)
        if following and following not in read and len(read) < PAGES_MOST:
            self._forget_old(walk)
            return following
        self._read.pop(walk, None)
        return ""

    def _forget_old(self, walk: tuple[str, ...]) -> None:
        while len(self._read) > _WALKS_MOST:
            self._read.pop(next(other for other in self._read if other != walk))


LIST_PAGES_MOST: Final = 100
"""Laravel pages hold up to 200 rows; 20,000 rows in one answer exceed any dock's need."""

Query = tuple[tuple[str, str], ...]
Made = TypeVar("Made")


class OptionalReads:
    """Tells a missing permission from a bad key, and keeps a feature off once its permission is missing."""

    def __init__(self, transport: Transport, probe: Callable[[], Awaitable[None]]) -> None:
        """Take the transport, and a call that needs only the Returns permission."""
        self._transport = transport
        self._probe = probe

    async def read(self, name: str, path: str, scope: Scope, query: Query = ()) -> Answer:
        """Read something under an optional permission.

        Loop answers 401 both for a bad key and for a missing permission. A call that needs only the Returns
        permission tells them apart: if it works, the feature is turned off until the key changes.

        Raises:
            ScopeMissing: The key works but lacks this permission; if that is known already, nothing is sent.
            KeyRefused: The key itself is not accepted.
        """
        if self._transport.is_scope_off(scope):
            raise ScopeMissing(scope.value)
        key_before = self._transport.key_fingerprint()
        call = Call(
            name, "GET", path, Nature.READ, Priority.BACKGROUND, scope, query, max_age_seconds=BACKGROUND_AGE
        )
        try:
            return await self._transport.request(call)
        except ScopeMissing:
            pass
        if not self._transport.returns_scope_works:
            await self._probe()
        if self._transport.key_fingerprint() == key_before:
            self._transport.turn_scope_off(scope)
        raise ScopeMissing(scope.value)

    async def pages(
        self, name: str, path: str, scope: Scope, query: Query, make: Callable[[Any], Made]
    ) -> tuple[Made, ...]:
        """Read Laravel pages by number up to the last one (at most 100), never by their links."""
        made: list[Made] = []
        for number in range(1, LIST_PAGES_MOST + 1):
            answer = await self.read(name, path, scope, (*query, ("page", str(number))))
            rows = array(answer.value.get("data") if isinstance(answer.value, dict) else answer.value)
            made.extend(readable(rows, make))
            if not rows or not isinstance(answer.value, dict) or not _has_next(answer.value, number):
                break
        return tuple(made)


def _has_next(page: dict[str, Any], number: int) -> bool:
    last = page.get("last_page")
    if isinstance(last, int):
        return number < last
    return bool(page.get("next_page_url"))


_HOMES_MOST: Final = 10_000
LOOKUP_AGE: Final = 10
BACKGROUND_AGE: Final = 60
_MAX_AGE: Final[Mapping[tuple[str, int], int]] = {
    ("details", Priority.LOOKUP): LOOKUP_AGE,
    ("details", Priority.BACKGROUND): BACKGROUND_AGE,
    ("asn", Priority.BACKGROUND): BACKGROUND_AGE,
}
"""How old, in seconds, what a hub keeps may be by call and priority. Everything else is read now: a look
before sending and a read-back prove nothing with an older copy, and the list's windows end now.
"""

PAGE_SIZE_MOST: Final = 750
_EARLIEST_YEAR: Final = 2015
_ORDER_NAME_MOST: Final = 100


class LoopClient:
    """Loop's warehouse API, behind ``services.ports.loop.ReturnsGateway``.

    Ids are validated before any request that carries one: an invalid id raises ``RuleBroken("bad_id")`` and
    nothing is sent.
    """

    def __init__(self, transport: Transport) -> None:
        """Use a transport, which its maker closes."""
        self._transport = transport
        self._optional = OptionalReads(transport, self.probe)
        self._trail = CursorTrail()
        self._key: HubKey | None = None
        self._homes: dict[str, str] = {}

    # Reading returns

    async def list_page(
        self,
        *,
        start: datetime,
        end: datetime,
        filter_by: str = "created_at",
        state: ReturnState | None = None,
        cursor: str = "",
        page_size: int = 250,
        priority: int = Priority.BACKGROUND,
    ) -> ListPage:
        """Read one page of the list. See the port.

        Our own parameters are sent again with each cursor; a cycle of cursors or a next link without one ends
        the walk. A return in the page that cannot be read is set apart in ``ListPage.unread``.

        Raises:
            RuleBroken: ``bad_window`` (naive times, backwards, more than 120 days), ``bad_filter`` or
                ``bad_state``; nothing was sent.
        """
        _check_window(start, end)
        if filter_by not in ("created_at", "updated_at"):
            raise RuleBroken("bad_filter")
        if state is ReturnState.UNKNOWN:
            raise RuleBroken("bad_state")
        walk = [
            ("from", _second(start)),
            ("to", _second(end)),
            ("filter", filter_by),
            ("paginate", "true"),
            ("pageSize", str(min(PAGE_SIZE_MOST, max(1, page_size)))),
        ]
        if state is not None:
            walk.append(("state", state.value))
        query = (*walk, ("cursor", cursor)) if cursor else tuple(walk)
        answer = await self._read("list", path_of("warehouse", "return", "list"), query, priority)
        many, link = _envelope(answer.value)
        returns, unread = await _made(lambda: _readable(many), answer.size)
        following = self._trail.next(tuple(value for _, value in walk), cursor, link)
        return ListPage(returns, following, unread)

    async def details(self, return_id: str, *, priority: int = Priority.LOOKUP) -> Fetched:
        """Read one return. Raises ``NotFound``; an answer about another return is ``AnswerLost``."""
        wanted = checked_id(return_id)
        found = await self._details(("return_id", wanted), priority)
        if not found:
            raise NotFound
        for fetched in found:
            if str(int(fetched.ret.return_id)) == wanted:
                return fetched
        raise AnswerLost(why="other_return")

    async def details_by_order_name(
        self, order_name: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by name: without ``#``, then with it if nothing was found.

        A text that cannot be an order name (empty, control characters, over 100 characters) finds nothing and
        sends nothing.
        """
        bare = order_name.strip().lstrip("#").strip()
        if not bare or len(bare) > _ORDER_NAME_MOST or not bare.isprintable():
            return ()
        found = await self._found("order_name", bare, priority)
        return found or await self._found("order_name", f"#{bare}", priority)

    async def details_by_order_id(
        self, order_id: str, *, priority: int = Priority.LOOKUP
    ) -> tuple[Fetched, ...]:
        """Read the returns of an order by the provider's order id."""
        return await self._found("order_id", checked_id(order_id), priority)

    async def asn(self, start: datetime, end: datetime) -> tuple[AsnRow, ...]:
        """Read announced units by date (UTC days, both inclusive).

        Raises:
            RuleBroken: ``bad_window``; the window is naive, backwards, before 2015, or 120 days or longer.
                Loop takes a date that it cannot parse for the year 1970 and answers with everything, so
                nothing is sent.
        """
        _check_window(start, end)
        query = (("from", f"{start.astimezone(UTC):%Y-%m-%d}"), ("to", f"{end.astimezone(UTC):%Y-%m-%d}"))
        path = path_of("warehouse", "reporting", "asn")
        answer = await self._read("asn", path, query, Priority.BACKGROUND)
        many = array(answer.value)
        rows = await _made(lambda: readable(many, to_asn_row), answer.size)
        return tuple(row for row in rows if row.line_item_id)

    async def notes(self, return_id: str, *, priority: int = Priority.READ_BACK) -> tuple[Note, ...]:
        """Read the notes of a return, oldest first. If there are none, Loop answers 422 with ``false``."""
        path = path_of("warehouse", "return", checked_id(return_id), "notes")
        return to_notes((await self._read("notes", path, (), priority)).value)

    async def probe(self) -> None:
        """Ask for one return of the last day: the cheapest request that needs the Returns permission."""
        query = (("paginate", "true"), ("pageSize", "1"))
        path = path_of("warehouse", "return", "list")
        _envelope((await self._read("probe", path, query, Priority.READ_BACK)).value)

    # A hub

    @property
    def is_hub(self) -> bool:
        """Whether a hub answers, not Loop itself."""
        return self._transport.is_hub

    async def hub_generation(self) -> str:
        """Return the generation of the hub's ledger as last told; asks for it if it was not told yet."""
        if not self._transport.hub_generation:
            await self.probe()
        return self._transport.hub_generation

    async def ask_hub(self, key: HubKey, kind: Kind, line_item_ids: Sequence[str]) -> Sent:
        """Ask the hub what became of an action. See the port."""
        is_values = kind.spec.sets_value
        call = Call(
            kind.value,
            "GET",
            action_path(key),
            Nature.VALUES if is_values else Nature.ACTION,
            Priority.READ_BACK,
            expected_ids=tuple(map(checked_id, line_item_ids)) if is_values else (),
            action=key,
            is_at_hub=True,
        )
        answer = await self._transport.request(call)
        echoed = tuple(str(item["line_item_id"]) for item in answer.value) if is_values else ()
        return Sent(answer.status, answer.seconds, echoed)

    def under(self, key: HubKey) -> LoopClient:
        """Return the same client, whose next action a hub knows by this key."""
        named = LoopClient(self._transport)
        named._key, named._homes = key, self._homes
        return named

    # Actions

    async def create_note(self, return_id: str, content: str) -> Sent:
        """Add a note. Raises ``RuleBroken("bad_note")`` unless it has 1 to 254 characters."""
        if not content.strip() or len(content) > NOTE_MOST:
            raise RuleBroken("bad_note")
        return await self._act(Kind.NOTE, return_id, body=json_body({"content": content}))

    async def flag(self, return_id: str) -> Sent:
        """Send a return to review."""
        return await self._act(Kind.FLAG, return_id)

    async def process(self, return_id: str, body: Mapping[str, Any] | None = None) -> Sent:
        """Queue the processing of a return, with an optional body of free keys. Irreversible."""
        return await self._act(Kind.PROCESS, return_id, body=json_body(body) if body else None)

    async def remove(self, return_id: str, line_item_ids: Sequence[str]) -> Sent:
        """Remove units in one call and process the rest. Irreversible.

        Raises:
            RuleBroken: ``bad_batch`` unless there are 1 to 50 ids.
        """
        ids = tuple(dict.fromkeys(map(checked_id, line_item_ids)))
        if not 1 <= len(ids) <= Kind.REMOVE.spec.lines_most:
            raise RuleBroken("bad_batch")
        return await self._act(Kind.REMOVE, return_id, query=(("line_item_id", ",".join(ids)),))

    async def cancel(self, return_id: str) -> Sent:
        """Cancel a return. Irreversible."""
        return await self._act(Kind.CANCEL, return_id)

    async def close(self, return_id: str) -> Sent:
        """Close a return without outcomes. Irreversible."""
        return await self._act(Kind.CLOSE, return_id)

    async def grade(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Grade lines. Raises ``RuleBroken`` (bad batch, bad id), ``Refused`` (category without names)."""
        ids = checked_batch(items, Kind.GRADE)
        version = self._transport.version
        wire = [grade_item(item, version) for item in items]
        return await self._set_values(Kind.GRADE, ids, items, wire)

    async def assess(self, items: Sequence[Mapping[str, Any]]) -> Sent:
        """Set dispositions. Raises ``RuleBroken`` for a bad batch or id."""
        ids = checked_batch(items, Kind.ASSESS)
        return await self._set_values(Kind.ASSESS, ids, items, [assess_item(item) for item in items])

    # Optional permissions

    async def destinations(self) -> tuple[Destination, ...]:
        """Read the warehouses. Raises ``ScopeMissing``."""
        answer = await self._optional.read("destinations", path_of("destinations"), Scope.DESTINATIONS)
        value = answer.value.get("destinations") if isinstance(answer.value, dict) else answer.value
        return readable(array(value), to_destination)

    async def destination(self, destination_id: str) -> Destination:
        """Read one warehouse. Raises ``NotFound`` or ``ScopeMissing``."""
        path = path_of("destinations", checked_id(destination_id))
        return to_destination((await self._optional.read("destination", path, Scope.DESTINATIONS)).value)

    async def happy_shipments(self, start: datetime, end: datetime) -> tuple[HappyShipment, ...]:
        """Read consolidated shipments of a window, all pages. Raises ``ScopeMissing``."""
        _check_window(start, end)
        query = (("from", _iso(start)), ("to", _iso(end)))
        path = path_of("happy-returns", "shipments")
        return await self._optional.pages(
            "happy_shipments", path, Scope.HAPPY_RETURNS, query, to_happy_shipment
        )

    async def happy_shipment(self, happy_returns_shipment_id: str) -> HappyShipment:
        """Read one consolidated shipment by Happy Returns' own id. Raises ``NotFound``, ``ScopeMissing``."""
        path = path_of("happy-returns", "shipments", checked_segment(happy_returns_shipment_id))
        return to_happy_shipment(
            (await self._optional.read("happy_shipment", path, Scope.HAPPY_RETURNS)).value
        )

    async def happy_items(self, loop_shipment_id: str) -> tuple[HappyItem, ...]:
        """Read the units of one consolidated shipment by Loop's id, all pages. Raises ``ScopeMissing``."""
        path = path_of("happy-returns", "shipments", checked_id(loop_shipment_id), "items")
        return await self._optional.pages("happy_items", path, Scope.HAPPY_RETURNS, (), to_happy_item)

    # Internals

    async def _read(self, name: str, path: str, query: tuple[tuple[str, str], ...], priority: int) -> Answer:
        age = _MAX_AGE.get((name, priority), 0)
        call = Call(name, "GET", path, Nature.READ, priority, query=query, max_age_seconds=age)
        return await self._transport.request(call)

    async def _details(self, identifier: tuple[str, str], priority: int) -> tuple[Fetched, ...]:
        """Read details by one identifier; Loop answers with an object, or with an array for an order."""
        path = path_of("warehouse", "return", "details")
        answer = await self._read("details", path, (identifier,), priority)
        if answer.shop and identifier[0] == "return_id":
            self._homes.pop(identifier[1], None)
            self._homes[identifier[1]] = answer.shop
            if len(self._homes) > _HOMES_MOST:
                del self._homes[next(iter(self._homes))]
        value = answer.value if identifier[0] == "return_id" else elements(answer.value)
        found = await _made(lambda: _details_in(value), answer.size)
        return tuple(replace(one, shop=answer.shop) for one in found) if answer.shop else found

    async def _found(self, name: str, value: str, priority: int) -> tuple[Fetched, ...]:
        try:
            return await self._details((name, value), priority)
        except NotFound:
            return ()

    async def _act(
        self,
        kind: Kind,
        return_id: str,
        *,
        query: tuple[tuple[str, str], ...] = (),
        body: bytes | None = None,
    ) -> Sent:
        path = path_of("warehouse", "return", checked_id(return_id), kind.value)
        if not kind.spec.is_gated:
            call = Call(
                kind.value,
                "POST",
                path,
                Nature.ACTION,
                Priority.ACTION,
                query=query,
                body=body,
                action=self._key,
            )
        else:  # decided on a fresh look at the return: right after it, or not at all
            call = Call(
                kind.value,
                "POST",
                path,
                Nature.ACTION,
                Priority.FINISH,
                query=query,
                body=body,
                most_wait_seconds=TURN_SECONDS,
                action=self._key,
            )
        answer = await self._transport.request(call)
        return Sent(answer.status, answer.seconds)

    async def _home(self) -> str:
        """Return whose return the next action is about, which grades do not say themselves; "" without a hub.

        Raises:
            Unreachable: It is not known, and the hub could not be asked.
        """
        if self._key is None or not self.is_hub or not self._key.return_id:
            return ""
        return_id = checked_id(self._key.return_id)
        if return_id not in self._homes:
            with suppress(AnswerLost, NotFound, Refused):  # a hub of one shop needs no name
                await self.details(return_id)
        return self._homes.get(return_id, "")

    async def _set_values(
        self,
        kind: Kind,
        ids: tuple[str, ...],
        items: Sequence[Mapping[str, Any]],
        wire: list[dict[str, Any]],
    ) -> Sent:
        call = Call(
            kind.value,
            "POST",
            path_of("dispositioning", kind.value),
            Nature.VALUES,
            Priority.ACTION,
            body=json_body({"items": wire}),
            expected_ids=ids,
            action=self._key,
            shop=await self._home(),
        )
        answer = await self._transport.request(call)
        return Sent(answer.status, answer.seconds, tuple(str(item["line_item_id"]) for item in items))


async def _made(make: Callable[[], Made], size: int) -> Made:
    """Translate here, or in another thread if the answer is large enough to freeze the window."""
    return make() if size <= LARGE_BODY else await asyncio.to_thread(make)


def _details_in(value: Any) -> tuple[Fetched, ...]:
    """Translate one return or an array of them. Raises ``AnswerLost`` if none of them can be read."""
    many = value if isinstance(value, list) else [value]
    found = readable(many, lambda one: to_fetched(one, True))
    if many and not found:
        raise AnswerLost(why="no_row_readable")
    return found


def _readable(many: list[Any]) -> tuple[tuple[Fetched, ...], tuple[str, ...]]:
    """Translate what can be read; return it with the ids of the rows that could not be."""
    unread: list[str] = []
    found = readable(many, lambda one: to_fetched(one, False), lambda one: unread.append(id_in(one)))
    return found, tuple(unread)


def _envelope(value: Any) -> tuple[list[Any], Any]:
    """Unpack a page of the list; a bare array (an answer without paging) is the only page."""
    if isinstance(value, list):
        return value, None
    link = value.get("nextPageUrl")
    return array(value.get("returns", value or None)), link


def _check_window(start: datetime, end: datetime) -> None:
    if start.tzinfo is None or end.tzinfo is None:
        raise RuleBroken("bad_window")
    if not timedelta(0) <= end - start <= LONGEST or start.year < _EARLIEST_YEAR:
        raise RuleBroken("bad_window")


def _second(at: datetime) -> str:
    """A time as the list takes it: UTC, to the second, without a zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _iso(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
