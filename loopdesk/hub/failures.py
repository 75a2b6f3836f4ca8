"""What a hub expects to go wrong, as codes; ``hub.commands.words`` has the sentences."""

from __future__ import annotations

from loopdesk.domain.errors import LoopdeskError


class HubFailure(LoopdeskError):
    """The hub, or a command of it, cannot go on; ``why`` says what is the matter."""

    code = "hub"


class DatabaseUnusable(HubFailure):
    """PostgreSQL cannot be reached, or its database is none that this hub may use.

    ``why`` is ``address`` (what is to be reached cannot be read), ``unreachable``, ``pooled`` (something like
    PgBouncer is in between), ``too_old`` (a server before version 15), ``empty`` (never migrated), ``behind``
    (migrations are missing), ``too_new`` (a newer hub migrated it), or ``changed`` (a migration is another
    than was run).
    """

    code = "hub_database"


class NoTurn(HubFailure):
    """A request to Loop had no turn in the shop's budget for as long as it may wait; nothing was sent."""

    code = "hub_no_turn"


class LoopAway(HubFailure):
    """Loop did not answer a read: ``why`` is ``unreachable``, ``no_answer`` (a server's error, a page of
    somebody in between) or ``ended`` (this process ends).

    Attributes:
        status: Of what came instead of an answer; 0 for nothing.
        retry_after_seconds: How long it asked to wait; 0 if it did not say.
    """

    code = "hub_loop_away"

    def __init__(self, *, why: str, status: int = 0, retry_after_seconds: float = 0.0) -> None:
        super().__init__(why=why, status=status)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class ShopUnnamed(HubFailure):
    """It can be read of one shop only, the bench has several, and named none."""

    code = "hub_shop_unnamed"


class InTwoShops(HubFailure):
    """Several shops have a return with this id, and nobody has said which one is meant."""

    code = "hub_in_two_shops"
