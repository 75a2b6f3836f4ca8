"""Fetches product pictures, with nothing that belongs to Loop: no key, no header, no cookie, no connection.

What stands in an answer may have been written by anybody. So the name is resolved here, an address that is
not public is refused, and the connection goes to the very address that was checked: a second look-up by the
HTTP library could be answered with another one. The certificate is still that of the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import httpx

from loopdesk.api.connections import WireFactory, quiet_libraries, read_body, real_wire
from loopdesk.domain.errors import AnswerLost, PictureRefused
from loopdesk.domain.pictures import MOST_BYTES, NoPicture, PictureLink, is_public

DEADLINE_SECONDS: Final = 20.0
TIMEOUTS: Final = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}
_ADDRESSES_MOST: Final = 3
"""Most addresses of one name that are tried."""

_HTTPS: Final = 443
_GONE: Final = range(400, 500)
_ASK_LATER: Final = frozenset({408, 425, 429})

Resolve = Callable[[str], Awaitable[Sequence[tuple[str, int]]]]
"""Looks a host's name up: its addresses and the port, in the order in which they are to be tried.

Raises ``OSError`` or ``TimeoutError``."""


class PictureClient:
    """Fetches one picture at a time and call; implements ``PictureSource``.

    A proxy is given the name, not an address: a company that has one lets no machine look up names of the
    Internet, and the proxy decides where it connects to. The certificate is checked all the same.

    Args:
        resolve: Looks names up.
        proxy: Returns the proxy's URL, or "", now.
        is_allowed: Whether an address may be connected to.
    """

    def __init__(
        self,
        resolve: Resolve,
        *,
        proxy: Callable[[], str] = str,
        make_wire: WireFactory = real_wire,
        is_allowed: Callable[[str], bool] = is_public,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        quiet_libraries()
        self._resolve = resolve
        self._proxy = proxy
        self._make_wire = make_wire
        self._is_allowed = is_allowed
        self._deadline_seconds = deadline_seconds

    async def fetch(self, link: PictureLink) -> bytes:
        """Fetch a picture. Raises ``PictureRefused``."""
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._fetch(link)
        except (TimeoutError, httpx.TimeoutException):
            raise PictureRefused(NoPicture.TIMEOUT, is_final=False) from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
            raise PictureRefused(type(failure).__name__, is_final=False) from None

    async def _fetch(self, link: PictureLink) -> bytes:
        proxy = self._proxy()
        if proxy:
            return await self._get(link, link.host, _HTTPS, proxy)
        failure: Exception = PictureRefused(NoPicture.NO_ADDRESS, is_final=False)
        for address, port in await self._addresses(link.host):
            try:
                return await self._get(link, address, port, "")
            except (httpx.ConnectError, httpx.ConnectTimeout) as refused:
                failure = refused
        raise failure

    async def _addresses(self, host: str) -> Sequence[tuple[str, int]]:
        """Look the name up. One address of the dock's own network among the others spoils them all."""
        found = list(dict.fromkeys(await self._resolve(host)))
        if not all(self._is_allowed(address) for address, _ in found):
            raise PictureRefused(NoPicture.PRIVATE_ADDRESS)
        return found[:_ADDRESSES_MOST]

    async def _get(self, link: PictureLink, address: str, port: int, proxy: str) -> bytes:
        """Ask one address for the picture, under the name of its host.

        Each request has a connection and a pool of its own: two names may lead to one address, and each must
        prove itself; and a request that ran out of time leaves nothing behind.
        """
        url = httpx.URL(scheme="https", host=address, port=port, raw_path=link.target.encode("ascii"))
        request = httpx.Request(
            "GET",
            url,
            headers={
                "Host": link.host,
                "Accept": "image/jpeg, image/png, image/webp",
                "Accept-Encoding": "identity",
                "User-Agent": "loopdesk",
                "Connection": "close",
            },
            extensions={"sni_hostname": link.host, "timeout": TIMEOUTS},
        )
        async with self._make_wire(keep_alive=False, proxy=proxy) as wire:
            response = await wire.handle_async_request(request)
            try:
                _check(response)
                return await read_body(response, MOST_BYTES)
            except AnswerLost as lost:
                raise PictureRefused(lost.why, is_final=lost.why != "cut_off") from None
            finally:
                await response.aclose()


def _check(response: httpx.Response) -> None:
    """Refuse what is not a picture's beginning. Raises ``PictureRefused``."""
    status = response.status_code
    if status != httpx.codes.OK:
        is_final = status in _GONE and status not in _ASK_LATER
        if 300 <= status < 400:
            raise PictureRefused(NoPicture.REDIRECT)
        raise PictureRefused(NoPicture.STATUS, is_final=is_final, status=status)
    announced = response.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:19]) > MOST_BYTES:
        raise PictureRefused(NoPicture.TOO_LARGE)
