"""Sends webhooks over HTTP while the simulator runs."""

from __future__ import annotations

import asyncio
import http.client
import ssl
from urllib.parse import urlsplit

from loopdesk.simulator.loop import Loop
from loopdesk.simulator.webhooks.deliveries import Deliveries, Delivery

_LOOK_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0
_AT_ONCE = 4


class WebhookSender:
    """Sends what is due, several at once, in threads of the running loop.

    Attributes:
        deliveries: What is waiting, and what became of the rest.
    """

    def __init__(self, loop: Loop) -> None:
        self.deliveries = Deliveries(loop)
        self._task: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_AT_ONCE)

    def begin(self) -> None:
        """Start sending, if it did not start already."""
        if self._task is None:
            self._task = asyncio.create_task(self._send_forever(), name="webhooks")

    async def stop(self) -> None:
        """Stop sending; nobody waits for the answers that are still due."""
        tasks = [*self._under_way, *([] if self._task is None else [self._task])]
        self._task = None
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _send_forever(self) -> None:
        while True:
            self.deliveries.collect()
            for delivery in self.deliveries.due():
                task = asyncio.create_task(self._send(delivery))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _send(self, delivery: Delivery) -> None:
        async with self._free:
            status, retry_after = await asyncio.to_thread(post, delivery)
            self.deliveries.answered(delivery, status, retry_after)


def post(delivery: Delivery) -> tuple[int | None, str | None]:
    """Send one webhook and wait for the answer.

    Returns:
        The status, None without an answer, and what ``Retry-After`` says.
    """
    url = urlsplit(delivery.url)
    headers = {"Content-Type": "application/json", "X-Loop-Signature": delivery.signature}
    connection = _connection(url.scheme, url.hostname or "", url.port)
    try:
        connection.request("POST", url.path or "/", delivery.raw, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("Retry-After")
    except (OSError, http.client.HTTPException):
        return None, None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme != "https":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE_SECONDS)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # a hub on this machine has a certificate of its own
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE_SECONDS, context=trusting)
