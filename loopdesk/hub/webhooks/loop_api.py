"""The part of Loop's API by which webhooks are set up: list, create, change.

It needs a key with the scope *Developer Tools*. These few requests of a person at a terminal take nothing
from the benches' budget: together with its most in any minute they stay below Loop's limit.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Final

import httpx

from loopdesk import __version__
from loopdesk.api import lenient_json
from loopdesk.api.connections import TIMEOUTS, quiet_libraries, real_wire
from loopdesk.api.scalars import to_id, to_said
from loopdesk.api.strict_json import Unreadable
from loopdesk.api.transport import ApiKey, KeyAuth
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.webhooks.registering import ACTIVE, RegisteredHook, WantedHook

_PATH: Final = "/api/v1/webhooks"
_SECRETS: Final = ("secret", "signing_secret", "webhook_secret")
_LONGEST: Final = 300


class LoopRefused(HubFailure):
    """Loop did not do what it was asked to about webhooks.

    ``why`` is ``webhook_key`` (it does not accept the key, or the key lacks the scope), ``webhook_refused``
    (with Loop's words as the detail), ``webhook_throttled``, ``webhook_unreachable`` or ``webhook_unread``
    (an answer that is not Loop's).
    """

    code = "hub_webhook"


class LoopWebhooks:
    """Loop's webhooks of one shop.

    Args:
        url: Where Loop is: ``https://api.loopreturns.com``.
        key: The shop's.
        wire: The transport; that of this machine by default.
    """

    def __init__(self, url: str, key: ApiKey, wire: httpx.AsyncBaseTransport | None = None) -> None:
        quiet_libraries()
        self._client = httpx.AsyncClient(
            base_url=url,
            auth=KeyAuth(key),
            transport=wire or real_wire(keep_alive=True, proxy=""),
            timeout=TIMEOUTS,
            follow_redirects=False,  # httpx would forward X-Authorization to another host
            trust_env=False,
            headers={"User-Agent": f"loopdesk/{__version__}", "Accept": "application/json"},
        )

    async def __aenter__(self) -> LoopWebhooks:
        """Open."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        await self._client.aclose()

    async def listed(self) -> tuple[RegisteredHook, ...]:
        """Return all webhooks of the shop, those that were made by hand too.

        Raises:
            LoopRefused: There is no list.
        """
        answer = await self._ask("GET", _PATH)
        body = _json(answer)
        rows = lenient_json.elements(body.get("webhooks") if isinstance(body, dict) else body)
        if not isinstance(rows, list):
            raise LoopRefused(why="webhook_unread", status=answer.status_code)
        return tuple(_hook(row) for row in rows if isinstance(row, dict))

    async def create(self, wanted: WantedHook) -> RegisteredHook:
        """Set one up, active. Its id is "" if Loop's answer cannot be read; the list tells.

        Raises:
            LoopRefused: Loop did not.
        """
        body = _json(await self._ask("POST", _PATH, _body(wanted)))
        return _hook(body if isinstance(body, dict) else {})

    async def activate(self, found: RegisteredHook, wanted: WantedHook) -> None:
        """Switch on one that is there.

        Raises:
            LoopRefused: Loop did not.
        """
        await self._ask("PUT", f"{_PATH}/{found.id}", _body(wanted))

    async def _ask(self, method: str, path: str, body: dict[str, str] | None = None) -> httpx.Response:
        try:
            answer = await self._client.request(method, path, json=body)
        except httpx.HTTPError as failure:
            raise LoopRefused(type(failure).__name__, why="webhook_unreachable") from None
        status = answer.status_code
        if 200 <= status < 300:
            return answer
        if status in (401, 403):
            raise LoopRefused(_words(answer), why="webhook_key", status=status)
        if status == 429:
            raise LoopRefused(why="webhook_throttled", status=status)
        if status in (400, 404, 409, 422):
            raise LoopRefused(_words(answer), why="webhook_refused", status=status)
        raise LoopRefused(why="webhook_unread", status=status)


def _body(wanted: WantedHook) -> dict[str, str]:
    """The default of ``status`` is disputed among the documents: it is always sent."""
    return {"topic": wanted.topic, "trigger": wanted.trigger, "url": wanted.url, "status": ACTIVE}


def _hook(row: dict[str, Any]) -> RegisteredHook:
    secret = next((row[name] for name in _SECRETS if isinstance(row.get(name), str)), "")
    texts = (to_said(row.get(name)) for name in ("topic", "trigger", "url"))
    topic, trigger, url = texts
    return RegisteredHook(
        to_id(row.get("id")), topic, trigger, url, to_said(row.get("status")).lower(), secret
    )


def _json(answer: httpx.Response) -> Any:
    try:
        return lenient_json.loads(answer.content)
    except Unreadable:
        raise LoopRefused(why="webhook_unread", status=answer.status_code) from None


def _words(answer: httpx.Response) -> str:
    """Return what Loop says, in any of its shapes."""
    try:
        body = lenient_json.loads(answer.content)
    except Unreadable:
        return ""
    found = body if isinstance(body, dict) else {}
    for told in (found.get("message"), found.get("error"), found.get("errors")):
        inner = told.get("message", told.get("code")) if isinstance(told, dict) else told
        if isinstance(inner, str) and inner.strip():
            return " ".join(inner.split())[:_LONGEST]
    return ""
