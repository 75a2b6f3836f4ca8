"""What ``/metrics`` shows of the ledger."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from loopdesk.hub.ledger.stages import HubOutcome


class LedgerMeasures:
    """What benches were told of their actions, by this process, and the claims of the whole hub."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._told = Counter(
            "loopdesk_hub_actions",
            "Actions of benches, by what they were told.",
            ("shop", "outcome"),
            registry=registry,
        )
        self._claims = Gauge(
            "loopdesk_hub_claims",
            "Returns that somebody finishes; stale ones wait for a person.",
            ("state",),
            registry=registry,
        )
        self._unwritten = Counter(
            "loopdesk_hub_unwritten", "Failures to write what became of an action.", registry=registry
        )

    def told(self, shop_id: str, outcome: HubOutcome) -> None:
        """Count what a bench was told."""
        self._told.labels(shop_id, outcome.value).inc()

    def unwritten(self) -> None:
        """Count a failure to write what became of an action; it is tried again."""
        self._unwritten.inc()

    def claims(self, live: int, stale: int) -> None:
        """Set how many claims are open: those that may still end by themselves, and those that are stale."""
        self._claims.labels("open").set(live)
        self._claims.labels("stale").set(stale)
