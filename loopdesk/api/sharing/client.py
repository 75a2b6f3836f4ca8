"""A hub, asked for what its benches share. One request each, over the bench's line to it; never tried again.

The hub's own words come with its generation in the header. What comes without was said by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from loopdesk.api.calls import Call, Nature, json_body
from loopdesk.domain.errors import RuleBroken
from loopdesk.services.ports.loop import Priority
from loopdesk.services.ports.sharing import HubSaid

if TYPE_CHECKING:
    from loopdesk.api.transport import Transport

_PREFIX: Final = "/hub/v1/"


@dataclass(frozen=True, slots=True)
class HubSharedClient:
    """Implements ``services.ports.sharing.HubShared``.

    Args:
        transport: Returns the line in use.
    """

    transport: Callable[[], Transport]

    @property
    def is_hub(self) -> bool:
        """Whether there is one."""
        return self.transport().is_hub

    @property
    def generation(self) -> str:
        """The hub's generation as last told; "" if it has not said."""
        return self.transport().hub_generation

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> HubSaid:
        """Ask for something. See the port.

        Raises:
            RuleBroken: ``bad_id``; the path is none of the hub's own.
        """
        if not path.startswith(_PREFIX) or ".." in path or any(sign in path for sign in "?#% "):
            raise RuleBroken("bad_id")
        sent = json_body(body) if body is not None else None
        call = Call("shared", method, path, Nature.SHARED, Priority.BACKGROUND, body=sent, is_at_hub=True)
        answer = await self.transport().request(call)
        return HubSaid(answer.status, answer.value)
