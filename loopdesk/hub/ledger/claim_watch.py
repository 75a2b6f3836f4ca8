"""Ends claims by what the hub reads of Loop anyway, whoever it reads for: details, orders, lists."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg

from loopdesk.api.translate import state_named
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.failures import DatabaseUnusable
from loopdesk.hub.ledger.acts import Ledger
from loopdesk.hub.ledger.claims import OVER
from loopdesk.hub.ledger.sweep import Sweep
from loopdesk.hub.reads.readings import states_in

log = logging.getLogger("loopdesk.hub.ledger")


class ClaimWatch:
    """Tells the ledger of claimed returns that Loop shows ended.

    One that is shown open proves nothing: the answer may be older than the action.
    """

    def __init__(self, ledger: Ledger, sweep: Sweep) -> None:
        self._ledger = ledger
        self._sweep = sweep

    async def answered(self, shop_id: str, value: Any, _began: datetime, _is_details: bool) -> None:
        """Take in a decoded answer of Loop that names returns."""
        states = states_in(value)
        await self.shown(shop_id, {return_id: state_named(word) for return_id, word in states.items()})

    async def shown(self, shop_id: str, states: Mapping[str, ReturnState]) -> None:
        """Take in the states of returns, by id.

        What cannot be taken in is looked at again: the sweep reads every claimed return by itself.
        """
        over = {return_id: state for return_id, state in states.items() if state in OVER}
        try:
            for place in await self._ledger.open_claims(shop_id, sorted(over)) if over else ():
                await self._sweep.saw(place, over[place.return_id])
        except (DatabaseUnusable, psycopg.Error) as failure:
            log.info("claim_not_ended shop=%s kind=%s", shop_id, type(failure).__name__)
