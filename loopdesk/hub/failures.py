"""What a hub expects to go wrong, as codes; ``hub.commands.words`` has the sentences."""

from __future__ import annotations

from loopdesk.domain.errors import LoopdeskError


class HubFailure(LoopdeskError):
    """The hub, or a command of it, cannot go on; ``why`` says what is the matter."""

    code = "hub"


class DatabaseUnusable(HubFailure):
    """PostgreSQL cannot be reached, or its database is none that this hub may use.

    ``why`` is one of ``unreachable``, ``too_new`` (a newer hub migrated it), ``changed`` (a migration differs
    from the one that was run), ``empty`` (never migrated), ``too_old`` (a server before version 15).
    """

    code = "hub_database"


class NoTurn(HubFailure):
    """A request to Loop had no turn in the shop's budget for as long as it may wait; nothing was sent."""

    code = "hub_no_turn"
