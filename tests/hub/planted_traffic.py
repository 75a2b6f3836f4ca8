"""Everything that a hub is asked and told, full of planted words, with what goes wrong on the way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import httpx
import psycopg

from loopdesk.domain.audit_chain import BEGINNING, ChainLink, ChainRow, chained, line_of
from loopdesk.hub.webhooks.inbox import LARGEST
from loopdesk.hub.webhooks.signature import HEADER
from loopdesk.simulator.crowd import ManyReturns
from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import Note, Return, ReturnMethod, ShopKey
from loopdesk.simulator.webhooks.bodies import signature
from tests.hub.planted import (
    GIVEN,
    IT_TOKEN,
    LOOP_KEY,
    PERSONAL,
    STRANGER,
    WEBHOOK_SECRET,
)
from tests.simulator_thread import SimulatorThread

SHOP: Final = "acme"
AT: Final = datetime.now(UTC).isoformat()
ALL: Final = " ".join(PERSONAL.values())
"""Every planted word of a person, in one text."""

_SHOPPER: Final = {
    "customer": PERSONAL["e-mail"],
    "customer_first_name": PERSONAL["first name"],
    "customer_last_name": PERSONAL["last name"],
    "address": {"address1": PERSONAL["street"]},
    "message": f"{PERSONAL['words of Loop']} {ALL}",
}
_PAGE: Final = f"<html><body><h1>{ALL}</h1></body></html>"

_SPILL: Final = """
CREATE SEQUENCE spilled;
CREATE FUNCTION spill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'spilled %', NEW::text
        USING DETAIL = NEW::text, HINT = NEW::text, ERRCODE = 'check_violation';
END $$;
CREATE FUNCTION spill_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('spilled') = 1 THEN
        RAISE EXCEPTION 'spilled %', NEW::text USING DETAIL = convert_from(NEW.body, 'utf-8');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER spill BEFORE INSERT ON webhook_failure FOR EACH ROW EXECUTE FUNCTION spill();
CREATE TRIGGER spill BEFORE INSERT ON draft FOR EACH ROW WHEN (NEW.turn = 99) EXECUTE FUNCTION spill();
CREATE TRIGGER spill BEFORE UPDATE ON action FOR EACH ROW WHEN (NEW.body IS NOT NULL)
    EXECUTE FUNCTION spill_once();
CREATE UNIQUE INDEX one_of_a_code ON mystery (code);
ALTER TABLE presence ADD CONSTRAINT no_such_order CHECK (order_name NOT LIKE '%!');
ALTER TABLE person ADD CONSTRAINT no_such_person CHECK (name NOT LIKE '%!');
"""
"""Errors of PostgreSQL that quote the row they are about, in routes and beside them."""


def planted_loop() -> SimulatorThread:
    """Return a Loop whose returns are full of planted words."""
    crowd = [ret for ret in ManyReturns(60, 1, wall_clock()) if ret.state == "open" and not ret.flagged]
    settings = Settings(processing_seconds=0.1, rate_limit=None, extra_fields=True)
    returns = [_planted(n, ret) for n, ret in enumerate(crowd[:8])]
    keys = [ShopKey(SHOP, LOOP_KEY)]
    return SimulatorThread(Loop(clock=wall_clock, returns=returns, keys=keys, settings=settings))


def _planted(n: int, ret: Return) -> Return:
    ret.order_name = f"#{PERSONAL['order']}-{n}"
    ret.customer_email = PERSONAL["e-mail"]
    ret.customer_first_name, ret.customer_last_name = PERSONAL["first name"], PERSONAL["last name"]
    ret.notes.append(Note(n + 1, PERSONAL["note"], ret.created_at))
    ret.lines[0].comment = PERSONAL["note"]
    ret.labels[0].tracking_number = PERSONAL["tracking number"]
    ret.return_method = ReturnMethod("mail", "label", address={"address1": PERSONAL["street"]})
    return ret


def break_database(url: str) -> None:
    """Let PostgreSQL refuse some rows, and quote them."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_SPILL.encode())


@dataclass
class Traffic:
    """What everybody sends to a hub.

    Attributes:
        answers: All that the hub answered.
        token: A bench's.
        revoked: A token that counts no more.
        join_secret: A join code's, in hex.
    """

    url: str
    loop: SimulatorThread
    token: str
    revoked: str
    join_secret: str
    answers: list[httpx.Response] = field(default_factory=list)
    generation: str = ""

    async def run(self) -> None:
        """Send all of it."""
        async with self._client() as client:
            self._client_now = client
            for part in (
                self._lookups,
                self._bad_lookups,
                self._actions,
                self._webhooks,
                self._shared,
                self._audit,
                self._joining,
                self._streams,
                self._rude,
            ):
                await part()

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Send one request as a bench, unless it says otherwise."""
        headers = {"X-Authorization": self.token, "X-Loopdesk-Generation": self.generation}
        headers |= more.pop("headers", {})
        told = await self._client_now.request(method, path, headers=headers, **more)
        self.generation = told.headers.get("X-Loopdesk-Generation", self.generation)
        self.answers.append(told)
        return told

    async def measures(self) -> httpx.Response:
        """Ask for the measures, as IT."""
        async with self._client() as client:
            return await client.get("/metrics", headers={"Authorization": f"Bearer {IT_TOKEN}"})

    @property
    def ids(self) -> list[str]:
        """The ids of the returns at Loop."""
        return sorted(ret.return_id for ret in self.loop.loop.index.kept())

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[httpx.AsyncClient]:
        # After a fault of its own a hub closes the line, and the next request would meet that.
        limits = httpx.Limits(max_keepalive_connections=0)
        async with httpx.AsyncClient(base_url=self.url, trust_env=False, timeout=30, limits=limits) as client:
            yield client

    @contextmanager
    def _at_loop(self, kind: str, **more: Any) -> Iterator[None]:
        number = self.loop.fault(kind, **more)
        try:
            yield
        finally:
            self.loop.loop.faults.clear(number)

    # --- reading ------------------------------------------------------------------------------------------

    async def _lookups(self) -> None:
        details = "/api/v1/warehouse/return/details"
        for return_id in self.ids:
            await self.ask("GET", details, params={"return_id": return_id})
        for name in ("order", "e-mail", "tracking number", "first name"):
            await self.ask("GET", details, params={"order_name": PERSONAL[name]})
            await self.ask("GET", details, params={"return_id": PERSONAL[name]})
            await self.ask("GET", details, params={"order_id": PERSONAL[name], "x": PERSONAL[name]})
            await self.ask("GET", f"/api/v1/happy-returns/shipments/{PERSONAL[name]}")
            await self.ask("GET", f"/api/v1/customers/{PERSONAL[name]}")
            await self.ask("GET", f"/{PERSONAL[name]}", params={"q": PERSONAL[name]})
            await self.ask("GET", "/hub/v1/shops", headers={"X-Loopdesk-Shop": PERSONAL[name]})
        await self.ask("GET", f"/api/v1/warehouse/return/{self.ids[0]}/notes")
        await self.ask("GET", "/api/v1/warehouse/return/list", params={"paginate": "true"})
        await self.ask("GET", "/api/v1/warehouse/reporting/asn")

    async def _bad_lookups(self) -> None:
        """Let Loop answer in every wrong way, with the shopper in it."""
        rows = json.dumps({"returns": [{"id": PERSONAL["e-mail"], **_SHOPPER}, _SHOPPER, ALL]})
        ways: tuple[dict[str, Any], ...] = (
            {"kind": "html_error", "status": 500, "body": _PAGE},
            {"kind": "answer", "status": 200, "body": json.dumps([_SHOPPER])},
            {"kind": "answer", "status": 200, "body": f'{{"id": "{ALL}", torn'},
            {"kind": "answer", "status": 404, "body": json.dumps(_SHOPPER)},
            {"kind": "answer", "status": 200, "body": rows, "headers": {"X-Shopper": ALL, "Date": ALL}},
            {"kind": "answer", "status": 429, "body": ALL, "headers": {"Retry-After": ALL}},
            {"kind": "redirect", "location": f"http://127.0.0.1:9/{PERSONAL['last name']}"},
            {"kind": "lose_answer"},
            {"kind": "truncate"},
        )
        for way in ways:
            with self._at_loop(**way, path="/return/"):
                query = {"order_name": f"{PERSONAL['order']}-{uuid4().hex[:6]}"}
                await self.ask("GET", "/api/v1/warehouse/return/details", params=query)
                fresh = {"Cache-Control": "no-cache"}
                query = {"return_id": self.ids[0]}
                await self.ask("GET", "/api/v1/warehouse/return/details", params=query, headers=fresh)
                await asyncio.sleep(0.1)  # what the hub reads by itself meets it too

    # --- acting -------------------------------------------------------------------------------------------

    async def _actions(self) -> None:
        ids = iter(self.ids)
        refusal = json.dumps({"errors": [_SHOPPER]})
        await self._act(next(ids), "note", {"content": PERSONAL["note"]})
        await self._act(next(ids), "process", _SHOPPER, headers={"Idempotency-Key": PERSONAL["e-mail"]})
        await self._act(f"{PERSONAL['order']}", "process", _SHOPPER)
        await self._act(next(ids), "process", _SHOPPER)
        await self._act(self.ids[2], "cancel", _SHOPPER)
        for way in (
            {"kind": "answer", "status": 422, "body": refusal, "executed": False},
            {"kind": "answer", "status": 200, "body": json.dumps(_SHOPPER), "headers": {"X-Shopper": ALL}},
            {"kind": "html_error", "status": 500, "body": _PAGE},
            {"kind": "lose_answer"},
        ):
            with self._at_loop(**way, method="POST"):
                key = await self._act(next(ids), "process", _SHOPPER)
            await self.ask("GET", f"/hub/v1/actions/{key}")
        await self.ask("GET", f"/hub/v1/actions/{quote(PERSONAL['e-mail'])}")
        graded = {"items": [{"note": PERSONAL["note"], "images": [f"https://x/{PERSONAL['photo']}"]}]}
        await self._post("/api/v1/dispositioning/grade", graded, f"{uuid4().hex}.1")

    async def _act(
        self, return_id: str, word: str, body: object, *, headers: dict[str, str] | None = None
    ) -> str:
        key = f"{uuid4().hex}.1"
        await self._post(f"/api/v1/warehouse/return/{return_id}/{word}?x=1", body, key, headers or {})
        return key

    async def _post(self, path: str, body: object, key: str, headers: dict[str, str] | None = None) -> None:
        told = {"Idempotency-Key": key, "X-Loopdesk-Person": quote(PERSONAL["person"])} | (headers or {})
        await self.ask("POST", path, json=body, headers=told)

    # --- webhooks -----------------------------------------------------------------------------------------

    async def _webhooks(self) -> None:
        words = {"note": PERSONAL["webhook"], **_SHOPPER}
        label = {"tracking_number": PERSONAL["tracking number"], "label_status": ALL, "carrier": ALL}
        failed = {"return_id": self.ids[1], "state": ALL, **words}
        good: tuple[tuple[str, Any], ...] = (
            ("return", {"trigger": "return.updated", "id": self.ids[0], **words}),
            ("return", {"trigger": ALL, "id": PERSONAL["e-mail"], **words}),
            ("label", {"trigger": "label.updated", "id": self.ids[0], **label, "label_updated_at": AT}),
            ("return.processing", {"trigger": "return.processing.failed", **failed}),
        )
        for topic, body in good:
            await self._webhook(topic, json.dumps(body).encode())
            await self._webhook(topic, json.dumps(body).encode(), signed="wrong")
        await self._webhook("return", f'{{"id": "{ALL}", torn'.encode())
        await self._webhook("return", b"")
        for name in ("e-mail", "first name", "order"):
            made_up = quote(PERSONAL[name])
            await self._webhook("return", b"", shop=made_up)
            await self._webhook("return", b" " * (LARGEST + 1), shop=made_up)
            await self._webhook("return", b"{}x", shop=made_up)
            await self._webhook(made_up, b"{}x")

    async def _webhook(
        self, topic: str, raw: bytes, *, shop: str = SHOP, signed: str = WEBHOOK_SECRET
    ) -> None:
        headers = {HEADER: signature(signed, raw), "X-Authorization": ""}
        await self.ask("POST", f"/webhooks/loop/{shop}/{topic}", content=raw, headers=headers)

    # --- what benches share -------------------------------------------------------------------------------

    async def _shared(self) -> None:
        draft = {
            "turn": 1,
            "order": PERSONAL["order"],
            "draft": json.dumps({"notes": PERSONAL["draft"], "photos": [PERSONAL["photo"]]}),
            "content": "1",
            "person": PERSONAL["person"],
            "at": AT,
        }
        await self.ask("PUT", f"/hub/v1/drafts/{self.ids[0]}", json=draft)
        await self.ask("PUT", f"/hub/v1/drafts/{self.ids[0]}", json={**draft, "turn": 2, "content": "2"})
        await self.ask("PUT", f"/hub/v1/drafts/{self.ids[1]}", json={**draft, "turn": 99})
        await self.ask("PUT", f"/hub/v1/drafts/{self.ids[1]}", json={**draft, "turn": PERSONAL["draft"]})
        await self.ask("PUT", f"/hub/v1/drafts/{quote(PERSONAL['e-mail'])}", json=draft)
        open_now = {"return_id": self.ids[0], "order": PERSONAL["order"], "person": PERSONAL["person"]}
        await self.ask("PUT", "/hub/v1/presence", json={**open_now, "since": AT})
        await self.ask("PUT", "/hub/v1/presence", json={**open_now, "order": f"{ALL[:80]}!", "since": AT})
        await self.ask("PUT", "/hub/v1/presence", json={**open_now, "since": PERSONAL["person"]})
        await self._mysteries()
        use = {"kind": "settings", "scope": "*", "version": 1, "mark": "", "refused_at": PERSONAL["setting"]}
        await self.ask("PUT", "/hub/v1/uses", json={"uses": [use]})
        await self.ask("PUT", "/hub/v1/uses", json={"uses": [{**use, "scope": PERSONAL["setting"]}]})

    async def _mysteries(self) -> None:
        letters = {"token": "0" * 32, "claimed": ""}
        series = (await self.ask("PUT", "/hub/v1/mysteries", json=letters)).json()["series"]
        words = {"words": PERSONAL["mystery"], "shelf": PERSONAL["shelf"], "photo": PERSONAL["photo"]}
        nothing = dict.fromkeys(words, "")
        ended = {"return_id": "", "is_closed": False, "ended_by": "", "ended_at_station": ""}
        parcel = {
            "token": letters["token"],
            "claimed": series,
            "series": series,
            "code": PERSONAL["tracking number"],
            "found_at": AT,
            "operator": PERSONAL["person"],
            "station": PERSONAL["bench's name"],
            "here": ALL,
            "written": words,
            "standing": ended,
            "base": {**nothing, **ended, "photo_at": "", "written_rev": 0, "standing_rev": 0},
        }
        for number in (1, 2):  # the second has the code of the first
            path = f"/hub/v1/mysteries/{uuid4().hex}"
            await self.ask("PUT", path, json={**parcel, "number": number})
        await self.ask("PUT", f"/hub/v1/mysteries/{uuid4().hex}", json={**parcel, "number": ALL})

    async def _audit(self) -> None:
        whole = _chain(3)
        changed = ChainRow(4, line_of([4, AT, "seen", ALL, "", "", "", ALL]), b"\1" * 32)
        for sent in ([*whole, changed], [ChainRow(9, f"[{json.dumps(ALL)}]", b"\2" * 32)]):
            body = {
                "store": "a" * 32,
                "after": [0, ""],
                "anew": True,
                "rows": [[row.line, row.sha.hex()] for row in sent],
            }
            await self.ask("POST", "/hub/v1/audit", json=body)
        await self.ask("POST", "/hub/v1/audit", content=ALL.encode())

    # --- who asks -----------------------------------------------------------------------------------------

    async def _joining(self) -> None:
        for secret in (self.join_secret, self.join_secret, "00" * 16, PERSONAL["person"]):
            body = {"secret": secret, "bench": PERSONAL["bench's name"]}
            await self.ask("POST", "/hub/v1/join", json=body, headers={"X-Authorization": ""})
        for token in (self.revoked, STRANGER, PERSONAL["e-mail"], LOOP_KEY):
            query = {"return_id": self.ids[0], "order_name": PERSONAL["order"]}
            told = {"X-Authorization": token}
            await self.ask("GET", "/api/v1/warehouse/return/details", params=query, headers=told)
        for bearer in (*GIVEN.values(), "x"):
            told = {"X-Authorization": "", "Authorization": f"Bearer {bearer}"}
            await self.ask("GET", "/metrics", headers=told)

    async def _streams(self) -> None:
        headers = {"X-Authorization": self.token}
        async with self._client_now.stream("GET", "/hub/v1/changes?after=*:0", headers=headers) as told:
            await anext(told.aiter_bytes())
        await self.ask("GET", "/hub/v1/changes", params={"after": ALL})
        await self.ask("GET", "/hub/v1/fill")
        await self.ask("POST", "/hub/v1/fill", content=ALL.encode())
        await self.ask("GET", "/hub/v1/fill", params={"shop": PERSONAL["e-mail"]})
        await self.ask("GET", "/hub/v1/failures", params={"after": PERSONAL["e-mail"]})

    async def _rude(self) -> None:
        """Send what is no request."""
        for raw in (f"GET /{ALL}\r\n\r\n", f"{ALL}: {ALL}\r\n\r\n", f"GET / HTTP/1.1\r\n{ALL}\r\n\r\n"):
            address = httpx.URL(self.url)
            _, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(raw.encode())
            await writer.drain()
            writer.close()


def _chain(number: int) -> list[ChainRow]:
    rows: list[ChainRow] = []
    place: ChainLink = BEGINNING
    for seq in range(1, number + 1):
        line = line_of([seq, AT, "scan", PERSONAL["person"], "dock", "", "", PERSONAL["audit row"]])
        rows.append(ChainRow(seq, line, chained(place.sha, line)))
        place = rows[-1].link
    return rows
