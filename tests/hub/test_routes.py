"""Every route of the hub, asked by everyone who might: nobody gets what is not theirs.

The routes are those that the hub itself has; one that is not in the table here ends red.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import httpx

from loopdesk.hub.compose import Hub
from loopdesk.hub.http.callers import Anyone, Bench, GuardedRoute, ItStaff
from tests.hub.running import IT, asked, joined, settings_for

WHO: Final = {
    "/healthz": Anyone,
    "/readyz": Anyone,
    "/metrics": ItStaff,
    "/hub/v1/join": Anyone,
    "/webhooks/loop/{shop}/{topic}": Anyone,
    "/hub/v1/certificates": Bench,
    "/hub/v1/failures": Bench,
    "/api/{version}/{path:path}": Bench,
    "/hub/v1/actions/{key}": Bench,
    "/hub/v1/changes": Bench,
    "/hub/v1/fill": Bench,
    "/hub/v1/shops": Bench,
    "/hub/v1/audit": Bench,
    "/hub/v1/drafts/{return_id}": Bench,
    "/hub/v1/presence": Bench,
    "/hub/v1/mysteries": Bench,
    "/hub/v1/mysteries/{uid}": Bench,
    "/hub/v1/uses": Bench,
}
"""Who may use a route. ``Anyone`` where nothing is told, or where the request authenticates itself."""

OPEN: Final = frozenset({"/healthz", "/readyz", "/hub/v1/join", "/webhooks/loop/{shop}/{topic}"})
"""The routes that answer without looking who asks; each is tried by tests of its own."""


async def _headers(hub: Hub) -> dict[str, dict[str, str]]:
    """Return what each caller shows."""
    revoked = await joined(hub, "Dock 9")
    await hub.benches.revoke("Dock 9")
    return {
        "nobody": {},
        "a bench of another site": {"X-Authorization": "a-token-that-another-hub-gave"},
        "Loop's key": {"X-Authorization": "loop_key_of_a_shop"},
        "a revoked bench": {"X-Authorization": revoked},
        "a bench": {"X-Authorization": await joined(hub, "Dock 1")},
        "IT": {"Authorization": f"Bearer {IT}"},
        "IT's token as a bench's": {"X-Authorization": IT},
        "a webhook's sender": {"X-Loop-Signature": "c2lnbmF0dXJl"},
    }


def _may(who: str, route: GuardedRoute) -> bool:
    return {"a bench": route.who is Bench, "IT": route.who is ItStaff}.get(who, False)


def _path(route: GuardedRoute) -> str:
    return re.sub(r"\{\w+(?::\w+)?\}", "1", route.path)


async def test_every_route_has_its_caller(hub_url: str, tmp_path: Path) -> None:
    hub = Hub(settings_for(hub_url, tmp_path))
    assert {(route.path, route.who) for route in hub.faces()} == set(WHO.items())
    assert {path for path, who in WHO.items() if who is Anyone} == OPEN


async def test_nobody_gets_what_is_not_theirs(hub_url: str, tmp_path: Path) -> None:
    tried: list[str] = []
    async with asked(settings_for(hub_url, tmp_path)) as (hub, client):
        callers = await _headers(hub)
        for route in hub.faces():
            if route.who is Anyone:
                continue
            for method in sorted(route.methods or ()):
                for who, headers in callers.items():
                    answer = await client.request(method, _path(route), headers=headers)
                    tried.append(_wrong(route, method, who, answer))
    assert len(tried) >= len(callers)
    assert [each for each in tried if each] == []


def _wrong(route: GuardedRoute, method: str, who: str, answer: httpx.Response) -> str:
    """Return what is wrong with an answer, "" if nothing is."""
    if _may(who, route):
        return "" if answer.status_code not in (401, 403) else f"{who} is kept from {method} {route.path}"
    wanted = 403 if who in ("a revoked bench", "a bench", "IT") else 401
    is_bare = method == "HEAD" or set(answer.json()) == {"error"}
    return (
        ""
        if answer.status_code == wanted and is_bare
        else f"{who} got {method} {route.path}: {answer.status_code}"
    )
