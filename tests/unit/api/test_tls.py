"""TLS: only a server that can prove its name gets the key; any other is unreachable, and nothing was sent.

The certificates in ``certificates/`` are for tests alone: one key, an authority that no machine trusts, and
what it signed. ``SSL_CERT_FILE`` is how a Linux machine is told of a company's own authority; on other
systems the trust store is the system's own and cannot be lent to a test, so there the refusals are shown.
"""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from loopdesk.api.connections import is_certificate_date, real_wire
from loopdesk.domain.errors import CertificateOutOfDate, Unreachable
from loopdesk.system.settings.model import ApiSettings
from tests.unit.api.raw_server import http, sends, serving
from tests.unit.api.test_wire_faults import DETAILS, RETURN, talking

FOLDER = Path(__file__).parent / "certificates"


class TlsServer:
    """A listener with a certificate, and the bytes that it received."""

    def __init__(self) -> None:
        self.port = 0
        self.received = bytearray()


@asynccontextmanager
async def presenting(
    name: str, *, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> AsyncIterator[TlsServer]:
    """Serve a yes behind one of the certificates."""
    server = TlsServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / f"{name}.pem", FOLDER / "key.pem")
    context.maximum_version = newest

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.received.extend(await reader.read(65536))
        writer.write(http(b"true", "200 OK", "Connection: close"))
        writer.close()

    listening = await asyncio.start_server(attend, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server


@pytest.mark.fault(4)
@pytest.mark.parametrize("name", ["self_made", "expired", "wrong_name", "good"])
async def test_a_certificate_that_this_machine_does_not_trust_gets_no_byte(name: str) -> None:
    async with (
        presenting(name) as server,
        talking(f"https://127.0.0.1:{server.port}") as (client, _),
    ):
        with pytest.raises(Unreachable):
            await client.process(RETURN)
    assert server.received == b""


@pytest.mark.fault(156)
@pytest.mark.parametrize(
    ("code", "words", "is_date"),
    [
        (9, "certificate is not yet valid", True),
        (10, "certificate has expired", True),
        (0, "A required certificate is not within its validity period when verifying", True),
        (0, "\u201capi\u201d certificate is expired", True),
        (20, "unable to get local issuer certificate", False),
        (62, "Hostname mismatch", False),
    ],
)
def test_a_certificate_that_is_not_valid_now_is_told_from_others(
    code: int, words: str, is_date: bool
) -> None:
    cause = ssl.SSLCertVerificationError(1, f"certificate verify failed: {words}")
    cause.verify_code, cause.verify_message = code, words
    error = httpx.ConnectError("x")
    error.__cause__ = httpx.ConnectError("y")
    error.__cause__.__cause__ = cause
    assert is_certificate_date(error) is is_date
    assert not is_certificate_date(httpx.ConnectError("refused"))


@pytest.mark.fault(4)
def test_no_setting_switches_the_check_off() -> None:
    words = " ".join(field.name for field in fields(ApiSettings))
    assert not any(word in words for word in ("verify", "insecure", "ignore", "trust", "tls", "ssl"))


if sys.platform == "linux":

    @pytest.mark.fault(5)
    async def test_an_authority_of_the_system_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(FOLDER / "authority.pem"))
        async with (
            presenting("good") as server,
            talking(f"https://127.0.0.1:{server.port}") as (client, _),
        ):
            assert (await client.process(RETURN)).http_status == 200
        assert server.received.startswith(b"POST ")

    @pytest.mark.fault(2, 4, 156)
    @pytest.mark.parametrize("name", ["expired", "wrong_name"])
    async def test_also_a_trusted_authority_lends_nobody_anothers_name_or_time(
        monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(FOLDER / "authority.pem"))
        async with (
            presenting(name) as server,
            talking(f"https://127.0.0.1:{server.port}") as (client, _),
        ):
            with pytest.raises(Unreachable) as failure:
                await client.process(RETURN)
        assert server.received == b""
        assert isinstance(failure.value, CertificateOutOfDate) is (name == "expired")

    @pytest.mark.fault(4)
    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated")
    async def test_an_old_protocol_is_not_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(FOLDER / "authority.pem"))
        async with (
            presenting("good", newest=ssl.TLSVersion.TLSv1_1) as server,
            talking(f"https://127.0.0.1:{server.port}") as (client, _),
        ):
            with pytest.raises(Unreachable):
                await client.process(RETURN)
        assert server.received == b""


async def test_a_request_that_is_given_up_within_its_handshake_leaves_no_connection_open() -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def attend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        began.set()  # and it never answers
        with suppress(ConnectionError):
            await reader.read()
        ended.set()
        writer.close()

    listening = await asyncio.start_server(attend, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    gc.disable()  # which would close it some day
    try:
        async with listening, httpx.AsyncClient(transport=real_wire(keep_alive=False, proxy="")) as client:
            asking = asyncio.ensure_future(client.get(f"https://127.0.0.1:{port}/"))
            await began.wait()
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            async with asyncio.timeout(30):
                await ended.wait()
    finally:
        gc.enable()


@pytest.mark.fault(16)
async def test_an_ipv6_address_that_swallows_everything_delays_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The name has two addresses; connections to the first are never taken, as behind a broken router."""
    loop = asyncio.get_running_loop()

    async def resolve(_host: object, port: int, **_more: object) -> list[tuple[object, ...]]:
        both = ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1"))
        return [(family, socket.SOCK_STREAM, 6, "", (name, port)) for family, name in both]

    async with serving(sends(http(DETAILS))) as server:
        with _swallowing(server.port):
            monkeypatch.setattr(loop, "getaddrinfo", resolve)
            began = loop.time()
            async with talking(f"http://localhost:{server.port}") as (client, _):
                await client.details(RETURN)
            assert 0.2 < loop.time() - began < 2.0


@contextmanager
def _swallowing(port: int) -> Iterator[None]:
    """Listen on IPv6 and accept nothing: the backlog is full, and every further connection hangs."""
    with ExitStack() as opened:
        listening = opened.enter_context(socket.socket(socket.AF_INET6))
        listening.bind(("::1", port))
        listening.listen(0)
        for _ in range(4):
            caller = opened.enter_context(socket.socket(socket.AF_INET6))
            caller.setblocking(False)
            with suppress(BlockingIOError):
                caller.connect(("::1", port))
        yield
