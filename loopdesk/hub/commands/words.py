"""What IT reads of a hub's failures."""

from __future__ import annotations

from loopdesk.hub.failures import HubFailure
from loopdesk.i18n.catalogue import N_, _

_WHY = {
    "address": N_("The database's address is neither a URL nor libpq's key=value form."),
    "unreachable": N_("PostgreSQL cannot be reached."),
    "too_old": N_("PostgreSQL {version} is too old: the hub needs 15 or newer."),
    "empty": N_("This database is no hub's yet. Run: loopdesk hub init"),
    "behind": N_("This database is of an older hub. Run: loopdesk hub init"),
    "too_new": N_("A newer hub migrated this database. Install that version again."),
    "changed": N_("The migration {name} differs from the one that was run. Install the released version."),
}


def told(failure: HubFailure) -> tuple[str, ...]:
    """Return the lines that say what is wrong, and what PostgreSQL said."""
    lines = [_(_WHY[failure.why], **failure.values)]
    return (*lines, f"  {failure.detail}") if failure.detail else tuple(lines)
