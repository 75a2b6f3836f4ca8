"""The warehouses Loop knows, to warn when a parcel was sent to another dock. An optional permission."""

from __future__ import annotations

import logging

from loopdesk.domain.errors import ApiError, ScopeMissing
from loopdesk.services.ports.loop import ReturnsGateway

log = logging.getLogger("loopdesk.lookup")


class Destinations:
    """Names of warehouses by id, read once a run.

    Attributes:
        state: In words, whether the feature works with this key.
        is_on: Whether it does.
    """

    def __init__(self, gateway: ReturnsGateway) -> None:
        self._gateway = gateway
        self._names: dict[str, str] = {}
        self.state = "Not asked yet."
        self.is_on = False

    async def load(self) -> None:
        """Read the warehouses; without the permission the feature stays off and says so."""
        try:
            found = await self._gateway.destinations()
        except ScopeMissing:
            self.state = "Off: the API key has no permission to read destinations."
        except ApiError as failure:
            self.state = f"Not known yet: {failure.title}"
        else:
            self.is_on = True
            self._names = {place.destination_id: place.name for place in found}
            self.state = f"On: {len(found)} known."
        log.info("destinations known=%s", len(self._names))

    def name(self, destination_id: str) -> str:
        """Return a warehouse's name, its id when the name is not known."""
        return self._names.get(destination_id, destination_id)
