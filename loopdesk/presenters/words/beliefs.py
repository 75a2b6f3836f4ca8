"""Why a closed return was believed to be processed, in words."""

from __future__ import annotations

from collections.abc import Mapping

from loopdesk.domain.outbox.effects import Belief
from loopdesk.i18n.catalogue import N_, _

_BELIEFS: Mapping[Belief, str] = {
    Belief.PROCESSED: N_("Loop says that it was processed"),
    Belief.REFUND: N_("Loop shows the refund"),
    Belief.STAMP: N_("Loop says when it was processed"),
    Belief.EXCHANGE: N_("Loop shows the order of the exchange"),
    Belief.GIFT_CARD: N_("Loop shows the gift card"),
    Belief.NOTHING_PROMISED: N_("closed, and there was nothing to pay or to ship"),
    Belief.UNTOLD: N_("closed; this shop’s answers never tell of payment"),
}


def belief(code: str) -> str:
    """Describe why a return was believed to be processed; "" for no code."""
    try:
        return _(_BELIEFS[Belief(code)])
    except ValueError:
        return ""
