"""After a lost answer the hub is asked first: what it did with the request stands in its ledger.

Only when the hub itself does not know is Loop read back. Until then nothing that Loop shows counts for such
an entry: another bench may have done what is seen there. If that can still be so once Loop shows the effect,
the hub is asked again, now whether another bench has the return: whoever did it had claimed it by then.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    HubBusy,
    ReturnClaimed,
    RuleBroken,
)
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.hub_word import failure_cause, is_unasked, to_ask, told
from loopdesk.domain.outbox.reconcile import Done, Evidence, Superseded, Verdict, Wait, evidence_of
from loopdesk.domain.outbox.stages import NO_CAUSE, Cause, Entry
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

    Attributes:
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
        self.payment = payment
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

    async def owned(self, entry: Entry, judged: Verdict) -> Verdict:
        """Let the hub say whether an effect that Loop shows may be called an entry's own.

        Returns:
            The same; or that another bench has the return; or to wait, since the hub could not be asked.
        """
        if not isinstance(judged, Done) or not self._hub.is_hub or not entry.kind.spec.is_final:
            return judged
        key = _about(HubKey(entry.entry_id, 1, ""), entry)  # of no generation: asking so gives nothing up
        try:
            if await self._may_be_anothers(entry):
                await self._hub.ask_hub(key, entry.kind, ())
        except ReturnClaimed as claim:
            log.info("not_ours entry=%s return=%s", entry.entry_id, entry.return_id)
            return Superseded(failure_cause(claim), belief=judged.belief)
        except AnswerLost as failure:
            return Wait() if is_unasked(failure) else judged
        except ApiError:
            return Wait()
        return judged

    async def ended_by(self, gate: Entry) -> Cause:
        """Say which bench ended a return that Loop shows as wished before anything of this entry was sent.

        Returns:
            What the hub told; nothing where there is none, or where it does not know.

        Raises:
            ApiError: The hub could not be asked.
        """
        if not self._hub.is_hub or not gate.kind.spec.is_final:
            return NO_CAUSE
        try:
            await self._hub.ask_hub(_about(HubKey(gate.entry_id, 1, ""), gate), gate.kind, ())
        except ReturnClaimed as claim:
            return failure_cause(claim)
        except AnswerLost as failure:
            if is_unasked(failure):
                raise
        return NO_CAUSE

    async def _may_be_anothers(self, entry: Entry) -> bool:
        """Whether the hub may have let another bench finish the return, having lost sight of this one's."""
        if entry.unresolved:
            return True
        attempts = await self._outbox.attempts(entry.entry_id)
        asked_as = attempts[-1].asked_as if attempts else ""
        return bool(asked_as) and HubKey.of(asked_as).generation != await self._hub.hub_generation()

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
            key = _about(HubKey.of(asked_as), first)
            sent = await self._hub.ask_hub(key, first.kind, [x.target for x in batch])
        except ApiError as error:
            failure = error
        self._keys.must_fit(*batch)
        if failure is not None and (isinstance(failure, HubBusy) or is_unasked(failure)):
            log.info("hub_not_yet entry=%s code=%s", first.entry_id, failure.code)
            return False
        evidence = evidence_of(batch, failure, sent.echoed if sent else ())
        log.info("hub_said entry=%s return=%s evidence=%s", first.entry_id, first.return_id, evidence.value)
        seen = await self._seen_after(evidence, batch)
        tells = await self.payment.learn(seen)
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


def _about(key: HubKey, entry: Entry) -> HubKey:
    """Name the return of a finalizer, so that the hub can tell who else finishes it."""
    return replace(key, return_id=entry.return_id) if entry.kind.spec.is_final else key
