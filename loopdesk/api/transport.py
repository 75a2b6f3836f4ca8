"""The only place that sends requests: key, deadline, budget, proof of what was sent, verdict."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NoReturn

import httpx

from loopdesk.api.calls import Call, Nature, Scope
from loopdesk.api.connections import (
    ACTION_LIMIT,
    READ_LIMIT,
    TIMEOUTS,
    ClientPair,
    SendTrace,
    WireFactory,
    is_certificate_date,
    is_certificate_refused,
    read_body,
    real_wire,
)
from loopdesk.api.hub import generation_in, headers_for, judge_of_hub, shop_in
from loopdesk.api.judgement import RawAnswer, Verdict, judge, told_time
from loopdesk.api.versions import LOOP, Address, ApiVersion, address
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    CertificateOutOfDate,
    HubCertificateChanged,
    HubCertificateOutOfDate,
    HubUnreachable,
    KeyRefused,
    NotFound,
    Refused,
    RuleBroken,
    SettingsWrong,
    Unreachable,
)
from loopdesk.services.ports.loop import Budget
from loopdesk.services.ports.station import Clock

# --- the key ----------------------------------------------------------------------------------------

KEY_HEADER: Final = "X-Authorization"
SHOWN: Final = "<key>"

_FINGERPRINT_LABEL: Final = b"loopdesk api key fingerprint v1"
_LONGEST: Final = 512
_WORTH_HIDING: Final = 6
"""A shorter text (a key of the simulator, such as "demo") occurs in ordinary words."""


class ApiKey:
    """A validated API key: no repr, log line or exception shows it, every text form is ``<key>``."""

    __slots__ = ("__value",)

    def __init__(self, text: str) -> None:
        """Validate and keep a key.

        Args:
            text: What was entered or stored; surrounding white space is stripped.

        Raises:
            SettingsWrong: It is empty, longer than 512 characters, or has a character that is not allowed in
                a header. The message never contains the key.
        """
        value = text.strip()
        if not value or len(value) > _LONGEST or not all("!" <= character <= "~" for character in value):
            raise SettingsWrong("odd_api_key", file="key store", key="api_key", n=_LONGEST)
        self.__value = value

    def reveal(self) -> str:
        """Return the key itself. Only for the request's header and the fingerprint."""
        return self.__value

    def fingerprint(self) -> str:
        """Return 16 hex digits that identify the key without revealing it (HMAC-SHA256 of a fixed label)."""
        return hmac.new(self.__value.encode("ascii"), _FINGERPRINT_LABEL, hashlib.sha256).hexdigest()[:16]

    def redact(self, text: str) -> str:
        """Replace the key in a text, if it occurs, with ``<key>``."""
        return text.replace(self.__value, SHOWN) if len(self.__value) >= _WORTH_HIDING else text

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not to be copied out of memory")


class KeyAuth(httpx.Auth):
    """Adds the key to a request after everything else about it is final."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header to the request about to be sent."""
        request.headers[KEY_HEADER] = self._key.reveal()
        yield request

    def __repr__(self) -> str:
        return f"KeyAuth({SHOWN})"


# --- sending ----------------------------------------------------------------------------------------

DEADLINE_SECONDS: Final = 60.0
LARGE_BODY: Final = 100_000
"""Bodies larger than this many bytes are parsed in another thread, so that the window does not freeze."""

_log = logging.getLogger("loopdesk.api")

_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_LONGEST_DETAIL: Final = 200


@dataclass(frozen=True, slots=True)
class Answer:
    """A yes from Loop: its JSON, and facts about the exchange.

    Attributes:
        value: The decoded JSON; True for an accepted action.
        size: Bytes of the body after decompression.
        shop: Whose return a hub answered about; "" without a hub.
    """

    status: int
    value: Any = field(repr=False)
    seconds: float
    size: int
    shop: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An address with its key, for a stream beside the requests; see ``streaming``.

    Attributes:
        is_current: Whether both are still in use.
        tell: Called with the failure of an exchange, or with None after a good one.
    """

    address: Address
    key: ApiKey = field(repr=False)
    make_wire: WireFactory
    is_current: Callable[[], bool]
    tell: Callable[[ApiError | None], None]


async def send_once(
    client: httpx.AsyncClient, request: httpx.Request, key: ApiKey, clock: Clock, limit: int
) -> RawAnswer:
    """Send one request with the key, follow nothing, and read its answer to the end.

    Args:
        limit: Maximum number of bytes of the answer after decompression.

    Raises:
        AnswerLost: As ``read_body``.
        httpx.HTTPError: The exchange failed.
    """
    try:
        response = await client.send(request, auth=KeyAuth(key), stream=True)
        came_at = clock.monotonic()
        response.next_request = None  # a redirect's, with the key for another host; never sent
        try:
            body = await read_body(response, limit)
        finally:
            await response.aclose()
    finally:
        # The key must not be found on a request that outlives the exchange
        request.headers.pop(KEY_HEADER, None)
        client.cookies.clear()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return RawAnswer(response.status_code, headers, body, came_at)


class Transport:
    """Sends single requests and says what each answer proves. Never retries.

    Nothing but its own deadline cancels a request: canceled httpx requests leak slots of the connection pool,
    so after a deadline (and after a full pool) the clients are replaced.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        budget: Budget,
        base_url: str = LOOP,
        version: str = "v1",
        proxy: str = "",
        is_hub: bool = False,
        certificate: bytes = b"",
        make_wire: WireFactory = real_wire,
        deadline_seconds: float = DEADLINE_SECONDS,
        timeouts: httpx.Timeout = TIMEOUTS,
        on_fault: Callable[[str, BaseException], None] | None = None,
    ) -> None:
        """Set up without connecting. Requests wait until ``set_key`` was called, with a key or without.

        Args:
            budget: Consulted before each request, notified of each 429.
            base_url: See ``versions.address``, as for ``is_hub`` and ``certificate``.
            make_wire: Makes the httpx transport.
            deadline_seconds: Maximum duration of one request, from connecting to the last byte.
            timeouts: For connecting (including TLS), each write, each read, and a slot in the pool.
            on_fault: Called with the exception of a failed listener; None logs it.

        Raises:
            SettingsWrong: The address, the version or the proxy is invalid.
        """
        self._clock = clock
        self._budget = budget
        self._make_wire = make_wire
        self._deadline_seconds = deadline_seconds
        self._timeouts = timeouts
        self._on_fault = on_fault or _log_fault
        self._address: Address = address(base_url, version, proxy, is_hub=is_hub, certificate=certificate)
        self._hub_generation = ""
        self._connection: ClientPair | None = None
        self._closed = False
        self._key: ApiKey | None = None
        self._is_key_known = asyncio.Event()
        self._generation = 0
        self._returns_scope_works = False
        self._scopes_off: set[Scope] = set()
        self._last_seconds = 0.0
        self._on_exchange: list[Callable[[ApiError | None], None]] = []
        self._on_server_date: list[Callable[[datetime], None]] = []

    @property
    def version(self) -> ApiVersion:
        """The API version in use."""
        return self._address.version

    @property
    def is_hub(self) -> bool:
        """Whether a hub answers at the address in use."""
        return self._address.is_hub

    @property
    def hub_generation(self) -> str:
        """The generation of the hub's ledger as last told; "" if no hub has told it."""
        return self._hub_generation

    @property
    def last_seconds(self) -> float:
        """Duration of the last request in seconds, from leaving the budget to its verdict; 0.0 before the
        first.
        """
        return self._last_seconds

    @property
    def returns_scope_works(self) -> bool:
        """Whether a call that needs the Returns permission has succeeded since the key was set."""
        return self._returns_scope_works

    def set_key(self, text: str | None) -> None:
        """Use another key from the next request on; None or "" for none.

        Raises:
            SettingsWrong: The key is not allowed in a header. The previous key stays in use.
        """
        self._key = ApiKey(text) if text is not None and text.strip() else None
        self._is_key_known.set()
        self._forget_scopes()

    def await_key(self) -> None:
        """Use no key, because another one is on its way: requests wait for the next ``set_key``."""
        self._key = None
        self._is_key_known.clear()
        self._forget_scopes()

    def key_fingerprint(self) -> str:
        """Return 16 hex digits that identify the key without revealing it; "" without a key."""
        return self._key.fingerprint() if self._key else ""

    async def set_base(
        self,
        base_url: str,
        version: str = "v1",
        proxy: str = "",
        *,
        is_hub: bool = False,
        certificate: bytes = b"",
    ) -> None:
        """Use another address from the next request on; running requests finish at the old one.

        Raises:
            SettingsWrong: Like the constructor; the previous address stays in use.
        """
        self._address = address(base_url, version, proxy, is_hub=is_hub, certificate=certificate)
        self._hub_generation = ""
        self._forget_scopes()
        await self.drop_connections()

    def on_exchange(self, callback: Callable[[ApiError | None], None]) -> None:
        """Call back after every exchange with its failure, or with None after a yes."""
        self._on_exchange.append(callback)

    def on_server_date(self, callback: Callable[[datetime], None]) -> None:
        """Call back with Loop's current time (aware UTC, whole seconds), from the ``Date`` of its answers."""
        self._on_server_date.append(callback)

    def is_scope_off(self, scope: Scope) -> bool:
        """Tell whether the key is known to lack an optional permission."""
        return scope in self._scopes_off

    def turn_scope_off(self, scope: Scope) -> None:
        """Remember that the key lacks an optional permission, until the key changes."""
        self._scopes_off.add(scope)

    async def drop_connections(self) -> None:
        """Use fresh connections from the next request on: after a wake-up, a leak, or a network change."""
        old, self._connection = self._connection, None
        if old is not None:
            await old.retire()

    async def aclose(self) -> None:
        """Close all connections once the running requests have ended; later ones are ``Unreachable``."""
        self._closed = True
        self._is_key_known.set()
        await self.drop_connections()

    def line(self) -> Line:
        """Return what a stream needs that is sent with the key and to the address in use now.

        Raises:
            KeyRefused: There is no key.
            Unreachable: The transport is closed.
        """
        generation = self._generation
        return Line(
            self._address,
            self._ready(),
            self._make_wire,
            lambda: generation == self._generation and not self._closed,
            lambda failure: self._tell_of(failure, generation),
        )

    async def request(self, call: Call) -> Answer:
        """Send one request and return Loop's yes. Waits until the key is known.

        It is sent with the key and to the address in use when it was requested, or not at all. A read that
        finishes after either has changed is discarded.

        Raises:
            ApiError: What came instead of a yes, by the rules of ``judgement``.
        """
        await self._is_key_known.wait()
        self._ready()
        asked, generation = self._clock.monotonic(), self._generation
        if call.nature is not Nature.SHARED:  # of which Loop hears nothing
            await self._budget.take(call.priority)
        if self._clock.monotonic() - asked > call.most_wait_seconds:
            raise Unreachable(why="late_turn")
        key = self._ready()
        self._still_at(generation)
        if call.nature is Nature.SHARED and not self.is_hub:
            raise Unreachable(why="replaced")
        began = self._clock.monotonic()
        raw, verdict = await self._exchange(call, key)
        self._last_seconds = seconds = max(0.0, self._clock.monotonic() - began)
        status = raw.status if raw else None
        failure = verdict.failure
        self._note(call, status, seconds, failure)
        self._learn(call, raw, failure, generation)
        if failure is not None:
            raise failure
        if call.nature is Nature.READ:
            self._still_at(generation)
        if raw is None:
            return Answer(0, verdict.value, seconds, 0)
        return Answer(raw.status, verdict.value, seconds, len(raw.body), shop_in(raw))

    def _still_at(self, generation: int) -> None:
        if generation != self._generation:
            raise Unreachable(why="replaced")

    def _ready(self) -> ApiKey:
        if self._key is not None and not self._closed:
            return self._key
        failure = Unreachable(why="closed") if self._closed else KeyRefused(why="no_key")
        self._tell(failure)
        raise failure

    async def _exchange(self, call: Call, key: ApiKey) -> tuple[RawAnswer | None, Verdict]:
        """Send, read to the end, judge. Every failure becomes a verdict; only cancellation propagates."""
        if self._connection is None:
            self._connection = ClientPair(self._address, self._make_wire, self._timeouts)
        connection, trace = self._connection, SendTrace()
        connection.begin()
        leaked = True
        raw: RawAnswer | None = None
        failure: ApiError | None = None
        try:
            async with asyncio.timeout(self._deadline_seconds):
                raw = await self._request(connection, call, key, trace)
            leaked = False
        except RuleBroken:
            leaked = False
            raise
        except Exception as error:  # noqa: BLE001 - whatever breaks an exchange leaves its outcome unknown
            failure = failure_of(error, trace, key, connection.address)
            leaked = isinstance(error, TimeoutError | httpx.PoolTimeout)
        finally:
            if leaked and connection is self._connection:
                await self.drop_connections()
            await connection.end()
        if raw is None:
            return None, Verdict(failure=failure or AnswerLost())
        return raw, await self._judged(call, raw, connection.address, key)

    async def _request(self, connection: ClientPair, call: Call, key: ApiKey, trace: SendTrace) -> RawAnswer:
        """Send one request and read its answer to the end."""
        client = connection.client_for(call.method)
        where = connection.address
        request = client.build_request(
            call.method,
            where.hub_url(call.target) if call.is_at_hub else where.url(call.target),
            content=call.body,
            headers=_headers(call) | (headers_for(call) if where.is_hub else {}),
            extensions={"trace": trace},
        )
        limit = READ_LIMIT if call.nature in (Nature.READ, Nature.SHARED) else ACTION_LIMIT
        return await send_once(client, request, key, self._clock, limit)

    async def _judged(self, call: Call, raw: RawAnswer, where: Address, key: ApiKey) -> Verdict:
        now, judging = self._clock.now(), judge_of_hub if where.is_hub else judge
        if len(raw.body) <= LARGE_BODY:
            return judging(call, raw, where.version, now, key.redact)
        return await asyncio.to_thread(judging, call, raw, where.version, now, key.redact)

    def _learn(self, call: Call, raw: RawAnswer | None, failure: ApiError | None, generation: int) -> None:
        """Update the state that outlives the request."""
        if raw is not None and raw.status == 429:
            self._budget.throttled()  # anyone who sent it: fewer requests are harmless
        from_loop = failure is None or isinstance(failure, Refused | NotFound)
        is_of_loop = call.scope is Scope.RETURNS and not call.is_at_hub
        if from_loop and is_of_loop and generation == self._generation:
            self._returns_scope_works = True
        is_hub = self._address.is_hub
        if raw is not None and is_hub and generation == self._generation:
            self._hub_generation = generation_in(raw) or self._hub_generation
        server_at = told_time(raw.headers, is_hub=is_hub) if raw and from_loop else None
        if raw is not None and server_at is not None:
            server_at += timedelta(seconds=int(max(0.0, self._clock.monotonic() - raw.came_at)))
            for listener in self._on_server_date:
                self._call_back(listener, server_at)
        if call.nature is Nature.SHARED:
            return  # what benches share stops no sending, and begins none
        self._tell_of(failure, generation)

    def _tell_of(self, failure: ApiError | None, generation: int) -> None:
        """Tell what became of an exchange; a refusal of the old key says nothing about the new one."""
        if generation == self._generation or not isinstance(failure, KeyRefused):
            self._tell(failure)

    def _tell(self, failure: ApiError | None) -> None:
        for listener in self._on_exchange:
            self._call_back(listener, failure)

    def _call_back(self, listener: Callable[[Any], None], value: object) -> None:
        """Call a listener; its failure must not change what became of the request."""
        try:
            listener(value)
        except Exception as failure:  # noqa: BLE001 - the listener's bug, not the request's failure
            self._on_fault("on exchange", failure)

    def _note(self, call: Call, status: int | None, seconds: float, failure: ApiError | None) -> None:
        """Log the request in one line. The path contains only ids; the query may name a person's order."""
        _log.info(
            "request method=%s path=%s%s status=%s seconds=%.3f class=%s",
            call.method,
            "" if call.is_at_hub else f"/{self._address.version.segment}",
            call.path,
            "-" if status is None else status,
            seconds,
            "ok" if failure is None else failure.code,
        )

    def _forget_scopes(self) -> None:
        self._generation += 1
        self._returns_scope_works = False
        self._scopes_off.clear()


def _log_fault(where: str, failure: BaseException) -> None:
    _log.error("listener_failed where=%s", where, exc_info=failure)


def failure_of(error: Exception, trace: SendTrace, key: ApiKey, where: Address | None = None) -> ApiError:
    """Decide what a failed exchange proves.

    ``Unreachable`` needs both: a failure to connect, and no header of ours started. A deadline counts as such
    only if the transport showed that it emits trace events. Everything else is ``AnswerLost``.

    Args:
        where: Where it was sent; None for Loop itself.
    """
    if isinstance(error, TimeoutError):
        if trace.saw_anything and not trace.sent:
            return Unreachable(why="deadline")
        return AnswerLost(why="deadline")
    if isinstance(error, AnswerLost):
        return error
    detail = _detail(error, key)
    if isinstance(error, _NEVER_LEFT) and not trace.sent:
        is_at_hub = where is not None and where.is_hub
        if is_certificate_date(error):
            return HubCertificateOutOfDate(detail) if is_at_hub else CertificateOutOfDate(detail)
        if where is None or not where.is_hub:
            return Unreachable(detail)
        is_other = bool(where.certificate) and is_certificate_refused(error)
        return HubCertificateChanged(detail) if is_other else HubUnreachable(detail)
    return AnswerLost(detail)


def _detail(error: Exception, key: ApiKey) -> str:
    """Name what failed. Only connection errors are quoted: others may contain what was being sent."""
    name = type(error).__name__
    if not isinstance(error, _NEVER_LEFT):
        return name
    words = " ".join(key.redact(str(error)).split())
    return f"{name}: {words}"[:_LONGEST_DETAIL] if words else name


def _headers(call: Call) -> dict[str, str]:
    """Negotiate the answer: compressed only if it is large, and no keep-alive after a POST."""
    headers = {"Accept-Encoding": "gzip" if call.nature is Nature.READ else "identity"}
    if call.method != "GET":
        headers["Connection"] = "close"
    if call.body is not None:
        headers["Content-Type"] = "application/json"
    return headers
