"""The API by which webhooks are set up, and how it refuses."""

from __future__ import annotations

from typing import Any

from loopdesk.simulator.answers import Reply, RoutedCall
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.truth import Subscription
from loopdesk.simulator.webhooks.events import TRIGGERS

_STATUSES = ("active", "inactive")


def subscriptions(loop: Loop, _call: RoutedCall) -> Reply:
    """All webhooks of the shop, those made by hand too."""
    return Reply(200, {"webhooks": [_shown(each) for each in loop.subscriptions]})


def subscribe(loop: Loop, call: RoutedCall) -> Reply:
    """Set up a webhook; any topic may go with any trigger, also one that does not fit."""
    given = call.body if isinstance(call.body, dict) else {}
    refused = _refusal(loop, given)
    if refused is not None:
        return refused
    status = given.get("status", loop.settings.webhook_default_status)
    made = loop.subscribe(given["topic"], given["trigger"], given["url"], status)
    told = {"secret": made.secret} if loop.settings.webhook_tells_secret else {}
    return Reply(201, {**_shown(made), **told}, effect=True)


def change(loop: Loop, call: RoutedCall) -> Reply:
    """Replace what a webhook is set up for."""
    found = _found(loop, call)
    if found is None:
        return _missing()
    given = call.body if isinstance(call.body, dict) else {}
    refused = _refusal(loop, given)
    if refused is not None:
        return refused
    found.topic, found.trigger, found.url = given["topic"], given["trigger"], given["url"]
    found.status = given.get("status", found.status)
    return Reply(204, None, effect=True)


def delete(loop: Loop, call: RoutedCall) -> Reply:
    """Take a webhook away."""
    found = _found(loop, call)
    if found is None:
        return _missing()
    loop.subscriptions.remove(found)
    return Reply(204, None, effect=True)


def _found(loop: Loop, call: RoutedCall) -> Subscription | None:
    wanted = call.params["id"]
    return next((each for each in loop.subscriptions if str(each.subscription_id) == wanted), None)


def _missing() -> Reply:
    return Reply(404, {"errors": {"code": "NOT_FOUND"}})


def _refusal(loop: Loop, given: dict[str, Any]) -> Reply | None:
    topics = [each for each in TRIGGERS if loop.settings.webhook_knows_processing or "processing" not in each]
    triggers = [trigger for topic in topics for trigger in TRIGGERS[topic]]
    for name, allowed in (("topic", topics), ("trigger", triggers)):
        if given.get(name) not in allowed:
            return _one_of(name, allowed)
    if given.get("status", "active") not in _STATUSES:
        return _one_of("status", list(_STATUSES))
    url = given.get("url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        return _unprocessable("url", "The url must be a valid URL.")
    return None


def _one_of(name: str, allowed: list[str]) -> Reply:
    return _unprocessable(name, f"Must be one of the following values:{','.join(allowed)}")


def _unprocessable(name: str, message: str) -> Reply:
    return Reply(422, {"message": message, "errors": {name: [message]}})


def _shown(each: Subscription) -> dict[str, Any]:
    return {
        "id": each.subscription_id,
        "shop_id": 12345,
        "topic": each.topic,
        "trigger": each.trigger,
        "url": each.url,
        "status": each.status,
    }
