"""Which webhooks a shop must have at Loop, and how they stand there."""

from __future__ import annotations

import pytest

from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.registering import (
    DOCK_TOPICS,
    HookStanding,
    RegisteredHook,
    WantedHook,
    compared,
    wanted_hooks,
)

BASE = "https://hub.example.com"
CLOSED = WantedHook("return", "return.closed", f"{BASE}/webhooks/loop/north/return")


def at_loop(wanted: WantedHook, status: str = "active", url: str = "", number: str = "7") -> RegisteredHook:
    """Return a webhook as Loop lists it."""
    return RegisteredHook(number, wanted.topic, wanted.trigger, url or wanted.url, status)


def test_every_trigger_of_a_docks_topics_has_one_and_each_topic_its_own_address() -> None:
    wanted = wanted_hooks(f"{BASE}/", "north")
    assert {(each.topic, each.trigger) for each in wanted} == {
        (topic, trigger) for topic in DOCK_TOPICS for trigger in TRIGGERS[topic]
    }
    assert len({each.url for each in wanted}) == len(DOCK_TOPICS)
    assert CLOSED in wanted


@pytest.mark.parametrize(
    ("listed", "standing"),
    [
        ((), HookStanding.MISSING),
        ((at_loop(CLOSED),), HookStanding.ACTIVE),
        ((at_loop(CLOSED, "inactive"),), HookStanding.INACTIVE),
        ((at_loop(CLOSED, ""),), HookStanding.INACTIVE),
        ((at_loop(CLOSED, "deactivated"),), HookStanding.INACTIVE),
        ((at_loop(CLOSED), at_loop(CLOSED, "inactive")), HookStanding.ACTIVE),
        ((at_loop(CLOSED, "inactive"), at_loop(CLOSED)), HookStanding.ACTIVE),
        (
            (at_loop(CLOSED, url="https://elsewhere.example/webhooks/loop/north/return"),),
            HookStanding.MISSING,
        ),
        ((at_loop(WantedHook("label", "return.closed", CLOSED.url)),), HookStanding.MISSING),
        (
            (at_loop(CLOSED, url="HTTPS://HUB.example.com:443/webhooks/loop/north/return"),),
            HookStanding.ACTIVE,
        ),
        ((at_loop(CLOSED, url=f"{CLOSED.url}/"),), HookStanding.MISSING),
        ((at_loop(CLOSED, url="https://[broken"),), HookStanding.MISSING),
    ],
)
def test_a_webhook_stands_as_loop_lists_it(
    listed: tuple[RegisteredHook, ...], standing: HookStanding
) -> None:
    (found,) = compared([CLOSED], listed)
    assert found.standing is standing
