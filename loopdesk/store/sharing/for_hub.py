"""What a store keeps for a hub alone. A bench without one loads nothing of it."""

from __future__ import annotations

from dataclasses import dataclass

from loopdesk.store.audit_upload import AuditUploads
from loopdesk.store.database import Database
from loopdesk.store.people import People
from loopdesk.store.returns.told import ToldReturns
from loopdesk.store.sharing.drafts import KeptSharedDrafts
from loopdesk.store.sharing.mysteries import KeptSiteMysteries
from loopdesk.store.sharing.presence import KeptPresence
from loopdesk.store.sharing.published import KeptGiven
from loopdesk.store.sharing.shares import KeptShares


@dataclass(frozen=True, slots=True)
class ForHub:
    """What the hub told, and how far it was told of what is here."""

    told: ToldReturns
    audit_uploads: AuditUploads
    people: People
    mysteries: KeptSiteMysteries
    given: KeptGiven
    shares: KeptShares
    drafts: KeptSharedDrafts
    presence: KeptPresence


def for_hub(database: Database) -> ForHub:
    """Return it of an open database."""
    return ForHub(
        told=ToldReturns(database),
        audit_uploads=AuditUploads(database),
        people=People(database),
        mysteries=KeptSiteMysteries(database),
        given=KeptGiven(database),
        shares=KeptShares(database),
        drafts=KeptSharedDrafts(database),
        presence=KeptPresence(database),
    )
