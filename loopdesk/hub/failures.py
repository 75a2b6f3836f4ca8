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
