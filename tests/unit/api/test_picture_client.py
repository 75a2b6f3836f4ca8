"""The client of product pictures: only to the address that was checked, and with nothing of Loop's.

Attacks over a real connection are in ``tests/abuse/test_hostile_pictures``.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Sequence

import httpx
import pytest

from loopdesk.api.pictures import PictureClient
from loopdesk.domain.errors import PictureRefused
from loopdesk.domain.pictures import MOST_BYTES, PictureLink, link_of

HOST = "images.example.org"
PUBLIC, OTHER = "23.227.38.33", "2606:4700::6812:1"


def link(path: str = "/a.jpg?v=1") -> PictureLink:
    """Return a link that may be fetched."""
    found = link_of(f"https://{HOST}{path}", (HOST,))
    assert found is not None
    return found


class Net:
    """Names, and what answers at every address.

    Attributes:
        addresses: What the name stands for.
        asked: The requests that came, and through which proxy.
        looked_up: The names that were looked up.
    """

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        self.addresses: list[str] = [PUBLIC]
        self.asked: list[tuple[httpx.Request, str]] = []
        self.looked_up: list[str] = []
        self.proxy = ""
        self.answer = answer or (lambda _request: httpx.Response(200, content=b"a picture"))
        self.client = PictureClient(
            self.resolve, proxy=lambda: self.proxy, make_wire=self.wire, deadline_seconds=0.2
        )

    async def resolve(self, host: str) -> Sequence[tuple[str, int]]:
        """Look a name up."""
        self.looked_up.append(host)
        return [(address, 443) for address in self.addresses]

    def wire(self, *, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
        """Make the transport."""
        assert not keep_alive, "another name may lead to the same address"

        def take(request: httpx.Request) -> httpx.Response:
            self.asked.append((request, proxy))
            return self.answer(request)

        return httpx.MockTransport(take)

    async def refused(self) -> str:
        """Fetch, and return why that failed."""
        with pytest.raises(PictureRefused) as refusal:
            await self.client.fetch(link())
        return f"{refusal.value}{'' if refusal.value.is_final else ' for now'}"


async def test_the_connection_goes_to_the_checked_address_under_the_name_of_the_host() -> None:
    net = Net()
    assert await net.client.fetch(link()) == b"a picture"
    ((request, _),) = net.asked
    assert str(request.url) == f"https://{PUBLIC}/a.jpg?v=1"
    assert request.headers["Host"] == HOST
    assert request.extensions["sni_hostname"] == HOST
    assert net.looked_up == [HOST], "one look-up: a second one may be answered otherwise"


async def test_nothing_of_ours_goes_along() -> None:
    net = Net(lambda _: httpx.Response(200, content=b"x", headers={"Set-Cookie": "id=7; Path=/"}))
    for _ in range(2):
        await net.client.fetch(link())
    names = [{name.lower() for name in request.headers} for request, _ in net.asked]
    assert names == [{"host", "accept", "accept-encoding", "user-agent", "connection"}] * 2


@pytest.mark.fault(178)
@pytest.mark.parametrize(
    "inner", ["10.0.0.1", "127.0.0.1", "::1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1"]
)
@pytest.mark.parametrize("place", [0, 1])
async def test_a_name_with_one_address_of_the_docks_network_is_not_asked_at_all(
    inner: str, place: int
) -> None:
    net = Net()
    net.addresses.insert(place, inner)
    assert await net.refused() == "private_address"
    assert net.asked == []


@pytest.mark.fault(178)
async def test_a_name_is_looked_up_once_so_that_a_second_answer_leads_nowhere_else() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        net.addresses = ["10.0.0.1"]  # what the name stands for from now on
        if request.url.host == PUBLIC:
            raise httpx.ConnectError("no answer", request=request)
        return httpx.Response(200, content=b"a picture")

    net = Net(answer)
    net.addresses = [PUBLIC, OTHER]
    assert await net.client.fetch(link()) == b"a picture"
    assert net.looked_up == [HOST]
    assert [request.url.host for request, _ in net.asked] == [PUBLIC, OTHER]
    assert await net.refused() == "private_address"


async def test_an_address_that_does_not_answer_gives_way_to_the_next_of_three() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host != OTHER:
            raise httpx.ConnectError("no route")
        return httpx.Response(200, content=b"x")

    net = Net(answer)
    net.addresses = [PUBLIC, OTHER]
    assert await net.client.fetch(link()) == b"x"
    net.addresses = [PUBLIC, "23.227.38.34", "23.227.38.35", OTHER]
    assert await net.refused() == "ConnectError for now"


@pytest.mark.fault(177)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("to", ["http://127.0.0.1/", f"https://{HOST}/b.jpg", "file:///etc/passwd", "/b.jpg"])
async def test_a_redirect_leads_nowhere(status: int, to: str) -> None:
    net = Net(lambda _: httpx.Response(status, headers={"Location": to}, content=b"a picture"))
    assert await net.refused() == "redirect"
    assert len(net.asked) == 1


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (204, "status=204 status for now"),
        (206, "status=206 status for now"),
        (403, "status=403 status"),
        (404, "status=404 status"),
        (429, "status=429 status for now"),
        (500, "status=500 status for now"),
    ],
)
async def test_only_a_whole_answer_is_a_picture(status: int, why: str) -> None:
    assert await Net(lambda _: httpx.Response(status, content=b"a picture")).refused() == why


class Endless(httpx.AsyncByteStream):
    """A body that does not end, in pieces; counts them."""

    def __init__(self, *, waits: bool = False) -> None:
        self.sent = 0
        self._waits = waits

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            self.sent += 65_536
            yield b"\xff" * 65_536
            if self._waits:
                await asyncio.Event().wait()


@pytest.mark.fault(179)
async def test_an_endless_answer_is_left_at_five_megabytes() -> None:
    body = Endless()
    assert await Net(lambda _: httpx.Response(200, stream=body)).refused() == "too_large"
    assert body.sent <= MOST_BYTES + 2 * 65_536


@pytest.mark.fault(179)
async def test_what_says_that_it_is_too_large_is_not_read() -> None:
    body = Endless()
    headers = {"Content-Length": str(MOST_BYTES + 1)}
    assert await Net(lambda _: httpx.Response(200, stream=body, headers=headers)).refused() == "too_large"
    assert body.sent == 0


async def test_a_picture_of_exactly_the_limit_comes() -> None:
    content = b"\xff" * MOST_BYTES
    assert await Net(lambda _: httpx.Response(200, content=content)).client.fetch(link()) == content


@pytest.mark.fault(179)
async def test_a_packed_bomb_is_left_at_five_megabytes() -> None:
    packed = gzip.compress(bytes(10 * MOST_BYTES), 9)

    class Packed(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield packed

    net = Net(lambda _: httpx.Response(200, stream=Packed(), headers={"Content-Encoding": "gzip"}))
    assert await net.refused() == "too_large"


async def test_a_server_that_drips_has_its_time() -> None:
    assert await Net(lambda _: httpx.Response(200, stream=Endless(waits=True))).refused() == "timeout for now"


@pytest.mark.parametrize("failure", [OSError("no such name"), TimeoutError()])
async def test_a_name_that_nobody_knows_is_tried_again_later(failure: Exception) -> None:
    async def resolve(_host: str) -> Sequence[tuple[str, int]]:
        raise failure

    with pytest.raises(PictureRefused) as refusal:
        await PictureClient(resolve).fetch(link())
    assert not refusal.value.is_final


async def test_a_name_without_any_address_is_tried_again_later() -> None:
    net = Net()
    net.addresses = []
    assert await net.refused() == "no_address for now"


async def test_a_proxy_is_given_the_name_and_looks_it_up_itself() -> None:
    net = Net()
    net.proxy = "http://proxy.example:3128"
    assert await net.client.fetch(link()) == b"a picture"
    ((request, proxy),) = net.asked
    assert (request.url.host, proxy) == (HOST, net.proxy)
    assert net.looked_up == []
