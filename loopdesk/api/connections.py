"""The httpx clients behind the transport, the proof of what was sent, and reading a body to its proven
end.
"""

from __future__ import annotations

import logging
import re
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias

import httpx
import truststore

from loopdesk import __version__
from loopdesk.api.versions import Address
from loopdesk.domain.errors import AnswerLost, RuleBroken, SettingsWrong

TIMEOUTS: Final = httpx.Timeout(connect=5.0, write=10.0, read=30.0, pool=10.0)

_DATE_CODES: Final = frozenset({9, 10})
"""OpenSSL's codes for a certificate that is not yet valid or has expired."""

_DATE_WORDS: Final = re.compile(r"\bexpired\b|\bnot yet valid\b|\bvalidity period\b", re.IGNORECASE)
"""How the trust stores of macOS and Windows say the same."""

_LOUD_LOGGERS: Final = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
)


Trace: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[None]]
"""Gets httpcore's trace events: the name of each, and what it says."""


class WireFactory(Protocol):
    """Makes the httpx transport; tests pass an ``httpx.MockTransport`` or one with their own limits."""

    def __call__(self, *, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        """Make one. ``keep_alive`` is False for POSTs; ``proxy`` is a URL or ""; ``certificate`` (DER) is the
        only one to trust, b"" for this machine's trust store.
        """
        ...


def real_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
    """Make a transport that ignores the environment."""
    return _ClosingTransport(
        verify=pinned_context(certificate) if certificate else trusting_context(),
        trust_env=False,
        limits=httpx.Limits(
            max_connections=10, max_keepalive_connections=5 if keep_alive else 0, keepalive_expiry=20.0
        ),
        proxy=proxy or None,
        retries=0,
    )


class _ClosingTransport(httpx.AsyncHTTPTransport):  # noqa: TID251 - the one that closes
    """Closes the connection of a request that is given up within its TLS handshake.

    httpcore closes it after an error, but not when the request is canceled: the other side would wait for
    the rest of the handshake until this process collects its garbage.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        trace = _HandshakeTrace(request.extensions.get("trace"))
        request.extensions = {**request.extensions, "trace": trace}
        return await super().handle_async_request(request)


class _HandshakeTrace:
    """Passes httpcore's trace events on to a request's own trace, if it has one."""

    def __init__(self, inner: Trace | None) -> None:
        self._inner = inner
        self._stream: Any = None

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            self._stream = info["return_value"]
        elif event.endswith("start_tls.failed") and self._stream is not None:
            await self._stream.aclose()
        if self._inner is not None:
            await self._inner(event, info)


def trusting_context() -> ssl.SSLContext:
    """Make the TLS context of every connection, backed by this machine's trust store."""
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def pinned_context(certificate: bytes) -> ssl.SSLContext:
    """Make the TLS context that trusts one certificate and nothing else.

    The name is not compared: whoever proves to have the key of this very certificate is the hub, under
    whatever address it is reached today.

    Args:
        certificate: DER.

    Raises:
        SettingsWrong: It is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # it may be signed by an authority of the site
    try:
        context.load_verify_locations(cadata=certificate)
    except ssl.SSLError:
        raise SettingsWrong("must_be_certificate", file="settings", key="hub.certificate") from None
    return context


def is_certificate_refused(error: BaseException) -> bool:
    """Tell whether connecting failed because of the certificate that was shown, whatever is wrong with it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def is_certificate_date(error: BaseException) -> bool:
    """Tell whether connecting failed because a certificate is expired or not yet valid by our clock."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return cause.verify_code in _DATE_CODES or bool(_DATE_WORDS.search(str(cause)))
        cause = cause.__cause__ or cause.__context__
    return False


class SendTrace:
    """Traces one request inside httpx and tells whether any of it may have been sent.

    Attributes:
        saw_anything: The transport emits trace events; otherwise nothing is proven.
        sent: Sending the request's header had started. The CONNECT that opens a proxy's tunnel is not our
            request and does not count.
    """

    __slots__ = ("saw_anything", "sent")

    def __init__(self) -> None:
        self.saw_anything = False
        self.sent = False

    async def __call__(self, event: str, info: Mapping[str, Any]) -> None:
        """Handle one of httpcore's trace events."""
        self.saw_anything = True
        if event.endswith("send_request_headers.started"):
            self.sent = self.sent or getattr(info.get("request"), "method", b"") != b"CONNECT"


class ClientPair:
    """One generation of clients: reads keep connections alive, every POST opens a fresh one.

    A server may close an idle connection just as a request goes out on it, and then nobody knows whether the
    request was seen. For a read that costs a retry; a POST must not take that risk.
    """

    def __init__(self, address: Address, make_wire: WireFactory, timeouts: httpx.Timeout = TIMEOUTS) -> None:
        quiet_libraries()
        self.address = address
        self._timeouts = timeouts
        self._in_use = 0
        self._retired = False
        pin = {"certificate": address.certificate} if address.certificate else {}
        self._reads = self._client(make_wire(keep_alive=True, proxy=address.proxy, **pin))
        self._posts = self._client(make_wire(keep_alive=False, proxy=address.proxy, **pin))

    def _client(self, wire: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=wire,
            timeout=self._timeouts,
            follow_redirects=False,  # httpx would forward X-Authorization to another host
            trust_env=False,
            event_hooks={"request": [self._check_host]},
            headers={"User-Agent": f"loopdesk/{__version__}", "Accept": "application/json"},
        )

    async def _check_host(self, request: httpx.Request) -> None:
        if not self.address.covers(request.url):
            raise RuleBroken("foreign_host")

    def client_for(self, method: str) -> httpx.AsyncClient:
        """Return the client for a method."""
        return self._reads if method == "GET" else self._posts

    def begin(self) -> None:
        """Register a request that uses these clients."""
        self._in_use += 1

    async def end(self) -> None:
        """Unregister it; the last one of a retired generation closes it."""
        self._in_use -= 1
        await self._close_if_idle()

    async def retire(self) -> None:
        """Accept no new requests; close once the running ones have ended."""
        self._retired = True
        await self._close_if_idle()

    async def _close_if_idle(self) -> None:
        if self._retired and self._in_use == 0:
            await self._reads.aclose()
            await self._posts.aclose()


def quiet_libraries() -> None:
    """Keep httpx and httpcore from logging URLs and headers, whatever log level is configured."""
    for name in _LOUD_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level < logging.WARNING:
            logger.setLevel(logging.WARNING)


ACTION_LIMIT: Final = 2 * 1024 * 1024
READ_LIMIT: Final = 50 * 1024 * 1024

_PIECE: Final = 256 * 1024


async def read_body(response: httpx.Response, limit: int) -> bytes:
    """Read and decompress a streamed body.

    Reads the raw stream instead of ``aiter_bytes``, which decompresses a whole network chunk at once: 64 kB
    of a gzip bomb become 64 MB before anyone can count them.

    Args:
        limit: Maximum number of bytes after decompression.

    Raises:
        AnswerLost: It ended early, exceeds the limit, or is compressed other than by gzip or deflate.
        httpx.HTTPError: The connection failed.
    """
    unpack = _unpacker(response.headers.get("content-encoding", ""))
    body = bytearray()
    raw_count = 0
    async for chunk in response.stream:  # type: ignore[union-attr]  # an AsyncClient gives async streams
        raw_count += len(chunk)
        if unpack is None:
            body += chunk
        else:
            _unpack_into(body, unpack, chunk, limit)
        if len(body) > limit:
            raise AnswerLost(why="too_large", limit=limit)
    if unpack is not None and raw_count and not unpack.eof:
        raise AnswerLost(why="cut_off")
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:19]) != raw_count:
        raise AnswerLost(why="cut_off")
    return bytes(body)


def _unpacker(encoding: str) -> zlib._Decompress | None:
    word = encoding.strip().lower()
    if word in ("", "identity"):
        return None
    if word in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)  # detects gzip or zlib
    raise AnswerLost(why="packed")


def _unpack_into(body: bytearray, unpack: zlib._Decompress, chunk: bytes, limit: int) -> None:
    rest = chunk
    try:
        while rest and not unpack.eof:
            body += unpack.decompress(rest, _PIECE)
            rest = unpack.unconsumed_tail
            if len(body) > limit:
                raise AnswerLost(why="too_large", limit=limit)
    except zlib.error:
        raise AnswerLost(why="packed") from None
