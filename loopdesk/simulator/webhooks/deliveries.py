"""Which webhooks are sent when: every change becomes signed bodies, with the troubles of the settings.

Repeats follow the most generous of Loop's documents: six attempts with growing waits and jitter, a
``Retry-After`` of up to half an hour is honored, a longer one ends it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from loopdesk.simulator.loop import Loop
from loopdesk.simulator.truth import Return, Subscription
from loopdesk.simulator.webhooks.bodies import FORMS, body_of, php_json, signature
from loopdesk.simulator.webhooks.events import Event, events_between

MOST_ATTEMPTS = 6
LONGEST_RETRY_AFTER = 1800


@dataclass(slots=True)
class Delivery:
    """One webhook on its way.

    Attributes:
        url: Where it goes.
        raw: The bytes of its body, which are those that were signed.
        signature: What ``X-Loop-Signature`` says.
        due: When it is sent next, by the simulator's clock.
        is_signed_right: Whether the signature is by the subscription's own secret.
        attempts: How often it was sent.
    """

    url: str
    raw: bytes
    signature: str
    due: datetime
    is_signed_right: bool = True
    attempts: int = 0


class Deliveries:
    """The webhooks that are waiting to be sent.

    Attributes:
        counts: What became of attempts: the status as text, ``unreachable``, ``given_up``, ``lost``.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._waiting: list[Delivery] = []
        self.counts: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._waiting)

    def collect(self) -> None:
        """Turn what changed since the last call into deliveries."""
        loop = self._loop
        with loop.lock:
            loop.catch_up()
            found = _events_of(list(loop.changes), loop)
            found += [Event("shipment.processed", shipment=each) for each in loop.processed_shipments]
            loop.changes.clear()
            loop.processed_shipments.clear()
            self._waiting.extend(self.made_of(found))

    def made_of(self, events: list[Event]) -> list[Delivery]:
        """Return the deliveries of events to the active subscriptions, with the troubles of the settings."""
        active = [each for each in self._loop.subscriptions if each.status == "active"]
        pairs = [(each, event) for event in events for each in active if each.trigger == event.trigger]
        return [made for subscription, event in pairs for made in self._made(subscription, event)]

    def due(self) -> list[Delivery]:
        """Take out what is to be sent now."""
        now = self._loop.now()
        found = [each for each in self._waiting if each.due <= now]
        self._waiting = [each for each in self._waiting if each.due > now]
        return found

    def answered(self, delivery: Delivery, status: int | None, retry_after: str | None = None) -> None:
        """Take note of an answer: anything but 2xx is repeated later.

        Args:
            status: None if there was no answer.
            retry_after: The header, if there was one.
        """
        self.counts["unreachable" if status is None else str(status)] += 1
        delivery.attempts += 1
        if status is not None and 200 <= status < 300:
            return
        asked = int(retry_after) if retry_after is not None and retry_after.isdecimal() else 0
        if delivery.attempts >= MOST_ATTEMPTS or asked > LONGEST_RETRY_AFTER:
            self.counts["given_up"] += 1
            return
        pause = self._loop.settings.webhook_retry_seconds * 2 ** (delivery.attempts - 1)
        wait = max(asked, pause * (0.5 + self._loop.chance.random() / 2))
        delivery.due = self._loop.now() + timedelta(seconds=wait)
        self._waiting.append(delivery)

    def _made(self, subscription: Subscription, event: Event) -> list[Delivery]:
        settings, chance = self._loop.settings, self._loop.chance
        if chance.random() < settings.webhook_lost:
            self.counts["lost"] += 1
            return []
        form = chance.choice(FORMS) if settings.webhook_form == "mixed" else settings.webhook_form
        is_empty = chance.random() < settings.webhook_empty
        raw = b"" if is_empty else php_json(body_of(subscription.topic, event, form))
        is_right = chance.random() >= settings.webhook_unsigned
        secret = subscription.secret if is_right else f"not {subscription.secret}"
        copies = 2 if chance.random() < settings.webhook_doubled else 1
        return [
            Delivery(
                subscription.url,
                raw,
                signature(secret, raw),
                self._loop.now() + timedelta(seconds=chance.random() * settings.webhook_late_seconds),
                is_right,
            )
            for _ in range(copies)
        ]


def _events_of(changes: list[tuple[str, Return | None]], loop: Loop) -> list[Event]:
    """Return what the changes make Loop tell, in order.

    What follows a change is what comes before the next one of the same return.
    """
    afterwards: dict[str, Return] = {}
    found: list[list[Event]] = []
    for return_id, before in reversed(changes):
        after = afterwards.get(return_id) or loop.get(return_id).copy()
        found.append(events_between(before, after))
        if before is not None:
            afterwards[return_id] = before
    return [event for events in reversed(found) for event in events]
