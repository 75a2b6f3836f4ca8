"""Which vocabulary a return is inspected by, where there are several. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loopdesk.domain.publishing import SITE
from loopdesk.domain.returns.grading import Vocabulary


@dataclass(frozen=True, slots=True)
class Vocabularies:
    """All vocabularies of a bench.

    Attributes:
        station: The file of this bench, or the one that ships with the program.
        is_own: IT or a lead has given this bench a file of its own: it goes before what the hub gives.
        given: What the hub gave, by the id of the shop, and by ``SITE`` for every other.
    """

    station: Vocabulary
    is_own: bool = False
    given: Mapping[str, Vocabulary] = field(default_factory=dict)

    def of(self, shop: str) -> Vocabulary:
        """Return the one for a shop's returns; "" stands for a shop that is not known."""
        if self.is_own:
            return self.station
        return self.given.get(shop) or self.given.get(SITE) or self.station
