"""What ``/metrics`` shows of the budget."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from loopdesk.hub.budget.dealing import Klass

_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 12.0)


class BudgetMeasures:
    """How many requests were let go, for what, and how long they waited; of this process."""

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

    def granted(self, shop_id: str, klass: Klass, seconds: float) -> None:
        """Count a request that may leave, after so many seconds."""
        self._waited.labels(shop_id, klass.name.lower()).observe(seconds)

    def in_vain(self, shop_id: str, klass: Klass) -> None:
        """Count a request that waited in vain."""
        self._in_vain.labels(shop_id, klass.name.lower()).inc()

    def throttled(self, shop_id: str) -> None:
        """Count a 429."""
        self._throttled.labels(shop_id).inc()
