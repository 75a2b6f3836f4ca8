"""The routes of everything that benches share."""

from __future__ import annotations

from loopdesk.hub.http import drafts, mysteries, presence, uses
from loopdesk.hub.http.callers import GuardedRoute
from loopdesk.hub.http.drafts import ShopOf
from loopdesk.hub.sharing.shared import Shared


def routes(shared: Shared, shop_of: ShopOf) -> tuple[GuardedRoute, ...]:
    """Return the routes of each kind.

    Args:
        shop_of: Returns the shop of a return, among some.
    """
    return (
        *drafts.routes(shared.drafts, shop_of),
        *presence.routes(shared.presence, shop_of),
        *mysteries.routes(shared.mysteries),
        *uses.routes(shared.publications),
    )
