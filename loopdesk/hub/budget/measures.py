"""What ``/metrics`` shows of the budget."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from loopdesk.hub.budget.dealing import Klass

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)


@dataclass(frozen=True, slots=True)
class ShopBudget:
    """What is left of a shop's budget.

    Attributes:
        tokens: How many requests could leave right now; below zero after a throttle that said how long.
        waiting: How many wait, in all processes.
        is_slow: Loop answered 429 a moment ago: the rate is halved.
    """

    shop_id: str
    per_minute: float
    tokens: float
    waiting: int
    is_slow: bool


class BudgetMeasures:
    """How many requests were let go, for what, and how long they waited, of this process; and what is left
    of each shop's bucket, of the whole hub.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("shop", "priority")
        self._waited = Histogram(
            "loopdesk_hub_budget_wait_seconds",
            "How long requests to Loop waited for their turn.",
            labels,
            buckets=_SECONDS,
            registry=registry,
        )
        self._in_vain = Counter(
            "loopdesk_hub_budget_in_vain", "Requests that had no turn in time.", labels, registry=registry
        )
        self._throttled = Counter(
            "loopdesk_hub_throttled", "Answers of Loop with 429.", ("shop",), registry=registry
        )
        self._tokens = Gauge(
            "loopdesk_hub_budget_tokens",
            "Requests to Loop that could leave right now, below zero while Loop asks for a pause.",
            ("shop",),
            registry=registry,
        )
        self._waiting = Gauge(
            "loopdesk_hub_budget_waiting",
            "Requests to Loop that wait for their turn, in all processes.",
            ("shop",),
            registry=registry,
        )
        self._slow = Gauge(
            "loopdesk_hub_budget_slow", "1 while a 429 of Loop halves the rate.", ("shop",), registry=registry
        )

    def granted(self, shop_id: str, klass: Klass, seconds: float) -> None:
        """Count a request that may leave, after so many seconds."""
        self._waited.labels(shop_id, klass.name.lower()).observe(seconds)

    def in_vain(self, shop_id: str, klass: Klass) -> None:
        """Count a request that waited in vain."""
        self._in_vain.labels(shop_id, klass.name.lower()).inc()

    def throttled(self, shop_id: str) -> None:
        """Count a 429."""
        self._throttled.labels(shop_id).inc()

    def left(self, budgets: Iterable[ShopBudget]) -> None:
        """Show what is left of each shop's bucket. A shop that is not among them is shown no more."""
        for gauge in (self._tokens, self._waiting, self._slow):
            gauge.clear()
        for one in budgets:
            self._tokens.labels(one.shop_id).set(one.tokens)
            self._waiting.labels(one.shop_id).set(one.waiting)
            self._slow.labels(one.shop_id).set(one.is_slow)
