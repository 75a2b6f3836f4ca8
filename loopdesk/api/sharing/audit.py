"""The rows of the audit log, as they go to a hub, and what it says to them."""

from __future__ import annotations

from typing import Any, Final

from loopdesk.domain.audit_chain import ChainFault, ChainLink
from loopdesk.domain.errors import AnswerLost
from loopdesk.services.ports.audit import Brought, UnsentRows
from loopdesk.services.ports.sharing import HubShared

AUDIT_PATH: Final = "/hub/v1/audit"


class HubAudit:
    """Implements ``services.ports.audit.AuditHub``."""

    def __init__(self, hub: HubShared) -> None:
        self._hub = hub

    @property
    def is_hub(self) -> bool:
        """Whether there is a hub."""
        return self._hub.is_hub

    async def bring(self, unsent: UnsentRows) -> Brought:
        """Bring rows. See the port."""
        said = await self._hub.ask("POST", AUDIT_PATH, audit_body(unsent))
        brought = brought_in(said.value)
        if brought is None:
            raise AnswerLost(why="hub_stranger", status=said.status, http_status=said.status)
        return brought


def audit_body(unsent: UnsentRows) -> dict[str, Any]:
    """Write rows as the hub reads them."""
    return {
        "store": unsent.store,
        "after": [unsent.place.seq, unsent.place.sha.hex()],
        "anew": unsent.anew,
        "rows": [[row.line, row.sha.hex()] for row in unsent.rows],
    }


def brought_in(value: Any) -> Brought | None:
    """Read what the hub said; None if it said nothing of the kind."""
    if not isinstance(value, dict) or not isinstance(value.get("ends"), list):
        return None
    try:
        at, refused = value["at"], value["refused"]
        return Brought(
            None if at is None else _link(at),
            tuple(_link(end) for end in value["ends"]),
            None if refused is None else (int(refused["seq"]), ChainFault(refused["why"])),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _link(given: Any) -> ChainLink:
    seq, sha = given
    return ChainLink(int(seq), bytes.fromhex(sha))
