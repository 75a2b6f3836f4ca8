"""What the bench's screens are made with besides the return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from loopdesk.domain.operators import Operator
from loopdesk.domain.pictures import ProductPicture
from loopdesk.domain.returns.grading import Vocabulary


@dataclass(frozen=True, slots=True)
class ScreenContext:
    """What the bench's screens need besides the return.

    Attributes:
        zone: The station's time zone.
        place: Returns a warehouse's name by its id.
        picture: Says how a line stands with its picture, by the address in Loop's answer.
        destination_id: This dock's own warehouse, "" when it is not configured.
        is_offline: Loop does not answer.
        has_printer: A label printer is set.
        unsure: What the labels are for that may not have been printed.
    """

    vocabulary: Vocabulary
    zone: tzinfo
    now: datetime
    operator: Operator
    station: str
    destination_id: str
    place: Callable[[str], str]
    picture: Callable[[str], ProductPicture]
    is_offline: bool = False
    has_printer: bool = False
    unsure: frozenset[str] = frozenset()
