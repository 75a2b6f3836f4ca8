"""After a lost answer the hub is asked first: what it did with the request stands in its ledger.

Only when the hub itself does not know is Loop read back. Until then nothing that Loop shows counts for such
an entry: another bench may have done what is seen there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from loopdesk.domain.errors import ApiError, HubBusy, RuleBroken
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.hub_word import failure_cause, is_unasked, to_ask, told
from loopdesk.domain.outbox.reconcile import Evidence, evidence_of
from loopdesk.domain.outbox.stages import Entry
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.readback import PaymentFields
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import Fetched, HubGateway, Priority, ReadingGateway, Sent
from loopdesk.services.ports.store import Outbox

log = logging.getLogger("loopdesk.outbox")


class HubQuestions:
    """Asks the hub about the uncertain entries of a lane, once each, and writes what its word proves.

    Args:
        hub: The hub; without one nothing is asked and nothing waits.
        gateway: Reads a return after the hub said that Loop refused to act on it.
        payment: Whether the shop's answers contain payment fields.
    """

    def __init__(
        self,
        *,
        hub: HubGateway,
        gateway: ReadingGateway,
        outbox: Outbox,
        stage_writer: StageWriter,
        keys: KeyBinding,
        payment: PaymentFields,
    ) -> None:
        self._hub = hub
        self._gateway = gateway
        self._outbox = outbox
        self._stage_writer = stage_writer
        self._keys = keys
        self._payment = payment
        self._answered: set[str] = set()

    async def waits(self, entry: Entry) -> bool:
        """Whether the hub has to say first what became of an entry."""
        return bool(await self._question(entry))

    async def ask(self, return_id: str) -> bool:
        """Ask about everything of a return that waits for the hub's word.

        Returns:
            Whether Loop may be read back now. False where the hub is still at work, could not be asked, or
                said what became of an entry: then the lane is looked at again.

        Raises:
            StageMoved, StoreError: As ``StageWriter.write``.
        """
        if not self._hub.is_hub:
            return True
        calls: dict[str, list[Entry]] = {}
        for entry in await self._outbox.lane(return_id):
            if question := await self._question(entry):
                calls.setdefault(question, []).append(entry)
        may_read = True
        for asked_as, batch in calls.items():
            if self._keys.all_fit(batch):
                may_read = await self._ask(asked_as, batch) and may_read
        return may_read

    async def _question(self, entry: Entry) -> str:
        if not self._hub.is_hub:
            return ""
        asked_as = to_ask(entry, await self._outbox.attempts(entry.entry_id))
        return asked_as if asked_as not in self._answered else ""

    async def _ask(self, asked_as: str, batch: Sequence[Entry]) -> bool:
        first = batch[0]
        sent: Sent | None = None
        failure: ApiError | None = None
        try:
            sent = await self._hub.ask_hub(HubKey.of(asked_as), first.kind, [x.target for x in batch])
        except ApiError as error:
            failure = error
        self._keys.must_fit(*batch)
        if failure is not None and (isinstance(failure, HubBusy) or is_unasked(failure)):
            log.info("hub_not_yet entry=%s code=%s", first.entry_id, failure.code)
            return False
        evidence = evidence_of(batch, failure, sent.echoed if sent else ())
        log.info("hub_said entry=%s return=%s evidence=%s", first.entry_id, first.return_id, evidence.value)
        seen = await self._seen_after(evidence, batch)
        tells = await self._payment.learn(seen)
        moves = told(
            batch, evidence, cause=failure_cause(failure), seen=seen.ret if seen else None, tells=tells
        )
        if moves:
            await self._stage_writer.write(first, list(moves), saw=seen, event="hub_said")
        self._answered.add(asked_as)
        return not moves

    async def _seen_after(self, evidence: Evidence, batch: Sequence[Entry]) -> Fetched | None:
        """Read what Loop shows of a return of which it refused something; None if it cannot be read now."""
        if evidence is not Evidence.REFUSED or len(batch) > 1 or batch[0].kind.spec.is_marked:
            return None
        try:
            return await self._gateway.details(batch[0].return_id, priority=Priority.READ_BACK)
        except (ApiError, RuleBroken):
            return None
