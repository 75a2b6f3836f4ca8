"""Silence: webhooks that should have come and did not, told from a quiet night."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from loopdesk.hub.webhooks.silence import PATIENCE, silent_since

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_quiet_night_is_no_silence() -> None:
    assert silent_since(NOON - 12 * HOUR, None, NOON) is None
    assert silent_since(None, None, NOON) is None


def test_a_change_that_no_webhook_followed_for_two_hours_is_silence() -> None:
    changed = NOON - PATIENCE
    assert silent_since(NOON - 5 * HOUR, changed, NOON) == changed
    assert silent_since(None, changed, NOON) == changed


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(minutes=119)])
def test_a_webhook_may_be_late(ago: timedelta) -> None:
    assert silent_since(NOON - 5 * HOUR, NOON - ago, NOON) is None


def test_a_webhook_after_the_change_ends_it() -> None:
    assert silent_since(NOON - HOUR, NOON - 3 * HOUR, NOON) is None
