"""What a hostile answer of Loop can do with the addresses of pictures, over real connections: nothing.

The shop's own staff, an app of the shop or a shopper may decide what stands there. A server on loopback plays
the host of pictures, with a certificate for its name; that loopback may be asked at all is said by each test.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from loopdesk.api.pictures import PictureClient
from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import MOST_BYTES, is_public, link_of
from loopdesk.services.ports.pictures import PicturePorts
from loopdesk.system.pictures import PictureFolder
from loopdesk.ui.images import shrink
from tests.bench_rig import BenchRig
from tests.builders import a_line, a_parcel, a_return
from tests.ui.test_product_pictures import SVG, a_picture, a_png

CERTIFICATES = Path(__file__).parent.parent / "unit" / "api" / "certificates"
HOST = "other.example.test"
"""The name in ``wrong_name.pem``."""


class PictureHost:
    """A server with a certificate for its name.

    Attributes:
        received: Every byte that came through the encryption.
        names: What the clients called the server when they connected.
        answer: Its whole answer to anything.
    """

    def __init__(self) -> None:
        self.port = 0
        self.received = bytearray()
        self.connections = 0
        self.names: list[str | None] = []
        self.answer = b""

    def says(self, content: bytes, status: str = "200 OK", *headers: str) -> None:
        """Answer with a status, headers and content."""
        lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers]
        self.answer = "\r\n".join(lines).encode() + b"\r\n\r\n" + content

    async def attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.connections += 1
        self.received.extend(await reader.readuntil(b"\r\n\r\n"))
        writer.write(self.answer)
        writer.close()

    def called(self, _socket: object, name: str | None, _context: object) -> None:
        """Note the name that a client asks for."""
        self.names.append(name)


@asynccontextmanager
async def serving(certificate: str = "wrong_name") -> AsyncIterator[PictureHost]:
    """Serve pictures on loopback."""
    host = PictureHost()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / f"{certificate}.pem", CERTIFICATES / "key.pem")
    context.sni_callback = host.called
    listening = await asyncio.start_server(host.attend, "127.0.0.1", 0, ssl=context)
    host.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield host


def client(
    host: PictureHost, *, allowed: Callable[[str], bool] = lambda address: address == "127.0.0.1"
) -> PictureClient:
    """Make the client for which every name is the server's."""

    async def resolve(_name: str) -> Sequence[tuple[str, int]]:
        return [("127.0.0.1", host.port)]

    return PictureClient(resolve, is_allowed=allowed, deadline_seconds=10.0)


async def fetched(host: PictureHost, made: PictureClient) -> bytes:
    """Fetch what the server has."""
    link = link_of(f"https://{HOST}/a.jpg", (HOST,))
    assert link is not None
    return await made.fetch(link)


@pytest.mark.fault(178)
async def test_a_name_that_leads_into_the_docks_network_is_not_connected_to() -> None:
    async with serving() as host:
        host.says(a_picture())
        with pytest.raises(PictureRefused, match="private_address"):
            await fetched(host, client(host, allowed=is_public))
        assert host.connections == 0


@pytest.mark.fault(4, 178)
@pytest.mark.parametrize("certificate", ["good", "self_made", "expired"])
async def test_a_host_that_cannot_prove_its_name_is_asked_nothing(
    certificate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``good`` is signed by an authority that is trusted, for the address that is connected to."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
    async with serving(certificate) as host:
        host.says(a_picture())
        with pytest.raises(PictureRefused, match="ConnectError"):
            await fetched(host, client(host))
        assert host.received == b""


if sys.platform == "linux":  # the trust store of other systems cannot be lent to a test

    @pytest.mark.fault(178)
    async def test_the_checked_address_is_the_one_that_is_connected_to_and_the_name_stays(
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))

        def never(name: str, *_: object, **__: object) -> list[object]:
            assert name == "127.0.0.1", f"{name} was looked up a second time"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (name, host.port))]

        async with serving() as host:
            host.says(a_picture(), "200 OK", "Set-Cookie: id=1")
            monkeypatch.setattr(socket, "getaddrinfo", never)
            assert await fetched(host, client(host)) == a_picture()
        assert host.names == [HOST]
        head = bytes(host.received).decode().lower()
        assert head.startswith("get /a.jpg http/1.1\r\n")
        assert f"\r\nhost: {HOST}\r\n" in head
        assert not any(word in head for word in ("authorization", "cookie", "referer", "origin", "127.0.0.1"))

    @pytest.mark.fault(177)
    async def test_no_redirect_is_followed_over_a_real_connection(monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
        async with serving() as host:
            host.says(b"", "302 Found", f"Location: https://{HOST}:{host.port}/b.jpg")
            with pytest.raises(PictureRefused, match="redirect"):
                await fetched(host, client(host))
            assert host.connections == 1

    @pytest.mark.fault(179)
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (a_png(30_000, 30_000), "pixels"),
            (a_png(5001, 5001, bits=8, color=2), "pixels"),
            (SVG.encode(), "format"),
            (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(500), "format"),
            (a_picture("BMP"), "format"),
            (a_picture("JPG", 900, 900)[:-200], "cut"),
            (a_picture("PNG", 900, 900)[:-200], "broken"),
            (a_picture("WEBP", 900, 900)[:-200], "broken"),
            (b"\xff" * (MOST_BYTES + 1), "too_large"),
            (b"<html>Please sign in</html>", "format"),
        ],
    )
    async def test_what_comes_under_a_pictures_name_and_is_none_draws_nothing(
        qapp: QApplication, monkeypatch: pytest.MonkeyPatch, content: bytes, why: str
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "authority.pem"))
        async with serving() as host:
            host.says(content, "200 OK", "Content-Type: image/jpeg")
            with pytest.raises(PictureRefused, match=why):
                await asyncio.to_thread(shrink, await fetched(host, client(host)))


HOSTILE = (
    "file:///etc/passwd",
    "http://{host}/plain.jpg",
    "https://127.0.0.1:{port}/loopback.jpg",
    "https://localhost:{port}/loopback.jpg",
    "https://{host}:{port}/other-port.jpg",
    "https://{host}@127.0.0.1:{port}/user.jpg",
    "https://127.0.0.1:{port}\\@{host}/backslash.jpg",
    "https://{host}.evil.example/sub.jpg",
    "https://evil.example/elsewhere.jpg",
    "\\\\evil.example\\share\\a.jpg",
    "smb://evil.example/share/a.jpg",
    "data:image/png;base64,iVBORw0KGgo=",
    "ftp://{host}/a.jpg",
    "https://[::1]:{port}/a.jpg",
    "https://[::ffff:127.0.0.1]:{port}/a.jpg",
    "https://{host}\r\nX-Authorization: key/a.jpg",
)


@pytest.mark.fault(177, 178)
async def test_a_return_full_of_hostile_addresses_opens_and_reaches_nobody(
    tmp_path: Path, qapp: QApplication
) -> None:
    """The whole way from the answer to the disk, with the real client, folder and decoder."""
    looked_up: list[str] = []
    opened: list[str] = []

    async def resolve(name: str) -> Sequence[tuple[str, int]]:
        looked_up.append(name)
        return [("127.0.0.1", host.port)]

    async def small(content: bytes) -> bytes:
        opened.append("decoder")
        return await asyncio.to_thread(shrink, content)

    async with serving() as host:
        host.says(a_picture())
        urls = [url.format(host=HOST, port=host.port) for url in HOSTILE]
        lines = tuple(a_line(str(n), image_url=url) for n, url in enumerate((*urls, f"https://{HOST}/a.jpg")))
        ports = PicturePorts(
            PictureClient(resolve),
            PictureFolder(tmp_path / "pictures"),
            small,
            lambda: (HOST,),
            lambda: 10**9,
        )
        rig = BenchRig(a_return(lines=lines, parcels=(a_parcel("1Z999AA10123456784"),)), pictures=ports)
        await rig.open(sending=False)
        rig.parts.keep_running("pictures", rig.parts.pictures.run)
        screen = await rig.scan("1Z999AA10123456784")
        assert [bool(row.picture.key) for row in screen.lines] == [False] * len(urls) + [True]
        await rig.clock.until(lambda: rig.screen.lines[-1].picture.state == "refused")
        await rig.close()
    assert looked_up == [HOST], "only the one that may be fetched, and it led to loopback"
    assert (host.connections, opened) == (0, [])
    assert not (tmp_path / "pictures").exists()
