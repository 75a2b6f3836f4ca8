"""Which webhooks a shop must have at Loop, and what is missing: pure, over what Loop's list says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from loopdesk.hub.webhooks.meaning import TRIGGERS

PATH: Final = "/webhooks/loop"
ACTIVE: Final = "active"

DOCK_TOPICS: Final = ("return", "return.processing", "label", "restock", "giftcard", "happy.returns.shipment")
"""Topics that a dock's hub asks for; *label.request* is for makers of labels."""


@dataclass(frozen=True, slots=True)
class WantedHook:
    """One webhook that is to be there."""

    topic: str
    trigger: str
    url: str


@dataclass(frozen=True, slots=True)
class RegisteredHook:
    """One webhook as Loop lists it.

    Attributes:
        id: Loop's, as text.
        status: ``active``, ``inactive`` or "" if Loop does not say.
        secret: Only if Loop tells it; no document says that it does.
    """

    id: str
    topic: str
    trigger: str
    url: str
    status: str
    secret: str = field(default="", repr=False)


class HookStanding(StrEnum):
    """How a wanted webhook stands at Loop."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class ComparedHook:
    """A wanted webhook, and the one at Loop that is it."""

    wanted: WantedHook
    at_loop: RegisteredHook | None

    @property
    def standing(self) -> HookStanding:
        """How it stands. A status that Loop does not tell is none that sends."""
        if self.at_loop is None:
            return HookStanding.MISSING
        return HookStanding.ACTIVE if self.at_loop.status == ACTIVE else HookStanding.INACTIVE


def wanted_hooks(base: str, shop_id: str, topics: Iterable[str] = DOCK_TOPICS) -> tuple[WantedHook, ...]:
    """Return the webhooks of a shop: one for each trigger, each topic with an address of its own.

    No header names topic or trigger, and the body of a pair that does not fit is empty; the address says
    which it was.

    Args:
        base: How Loop reaches the hub: ``https://hub.example.com``.
    """
    start = base.rstrip("/")
    return tuple(
        WantedHook(topic, trigger, f"{start}{PATH}/{shop_id}/{topic}")
        for topic in topics
        for trigger in TRIGGERS[topic]
    )


def compared(wanted: Iterable[WantedHook], listed: Iterable[RegisteredHook]) -> tuple[ComparedHook, ...]:
    """Find each wanted webhook among those that Loop lists; an active one goes before an inactive one."""
    known: dict[tuple[str, str, str], RegisteredHook] = {}
    for each in sorted(listed, key=lambda hook: hook.status == ACTIVE):
        known[each.topic, each.trigger, _same(each.url)] = each
    return tuple(
        ComparedHook(each, known.get((each.topic, each.trigger, _same(each.url)))) for each in wanted
    )


def _same(url: str) -> str:
    """Return an address in the form by which two are the same. A slash at its end makes another one."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    host = parts.netloc.lower().removesuffix(":443" if parts.scheme.lower() == "https" else ":80")
    return urlunsplit((parts.scheme.lower(), host, parts.path, parts.query, ""))
