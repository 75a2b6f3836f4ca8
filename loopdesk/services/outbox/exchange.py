"""One call to Loop for one claimed batch, and the recording of what it proves."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from loopdesk.domain.errors import ApiError, Refused, RuleBroken
from loopdesk.domain.outbox.actions import Carries
from loopdesk.domain.outbox.effects import marker_count
from loopdesk.domain.outbox.hub_key import HubKey
from loopdesk.domain.outbox.hub_word import failure_cause
from loopdesk.domain.outbox.reconcile import Evidence, after, evidence_of, unsendable
from loopdesk.domain.outbox.stages import Entry
from loopdesk.services.outbox.key_binding import KeyBinding
from loopdesk.services.outbox.readback import PaymentFields
from loopdesk.services.outbox.stage_writer import StageWriter
from loopdesk.services.ports.loop import Fetched, HubGateway, KeyedGateway, Priority, ReadingGateway, Sent
from loopdesk.services.ports.station import Clock
from loopdesk.services.ports.store import AuditLog

log = logging.getLogger("loopdesk.outbox")


class BatchCall:
    """Sends a batch that is already ``sending`` in the outbox."""

    def __init__(
        self,
        *,
        gateway: ReadingGateway,
        actions: KeyedGateway,
        hub: HubGateway,
        stage_writer: StageWriter,
        audit: AuditLog,
        clock: Clock,
        keys: KeyBinding,
        payment: PaymentFields,
    ) -> None:
        self._keys = keys
        self._payment = payment
        self._gateway = gateway
        self._actions = actions
        self._hub = hub
        self._stage_writer = stage_writer
        self._audit = audit
        self._clock = clock

    async def hub_generation(self) -> str | None:
        """Return the generation of the hub's ledger, which a call is claimed with; None without a hub.

        Raises:
            ApiError: The hub could not be asked.
        """
        return await self._hub.hub_generation() if self._hub.is_hub else None

    async def make(
        self, batch: tuple[Entry, ...], hub_key: HubKey | None = None
    ) -> tuple[Evidence, ApiError | None]:
        """Make the call and record what it proves. Whatever fails, something is written first.

        Args:
            hub_key: How a hub knows the call; None without a hub.

        Returns:
            The evidence, and the failure if it was not a yes.

        Raises:
            StageMoved: Somebody else moved the entries; nothing was written.
            StoreError: The outcome could not be written; the entries stay ``sending``.
            BaseException: Anything but an ``ApiError`` (a bug, a cancellation), after it was recorded that
                the request may have happened.
        """
        sent: Sent | None = None
        failure: BaseException | None = None
        try:
            sent = await self._call(batch, hub_key)
        except BaseException as broken:  # noqa: BLE001 - what is not proven unsent may have happened
            failure = broken
        evidence = evidence_of(batch, failure, sent.echoed if sent else ())
        if isinstance(failure, RuleBroken):  # rejected by our own client, before any byte
            moves = unsendable(batch, failure.detail)
            await self._stage_writer.write(
                batch[0], moves, evidence=Evidence.NOT_SENT, code=failure.code, event="parked"
            )
            return Evidence.REFUSED, None
        await self._write(batch, evidence, failure, sent)
        if failure is not None and not isinstance(failure, ApiError):
            raise failure
        if evidence is Evidence.ACCEPTED and batch[0].kind.spec.is_marked and batch[0].unresolved:
            await self._look_for_twin(batch[0])
        return evidence, failure

    async def _call(self, batch: tuple[Entry, ...], hub_key: HubKey | None) -> Sent:
        self._keys.must_fit(*batch)
        spec = batch[0].kind.spec
        actions = self._actions if hub_key is None else self._actions.under(hub_key)
        send: Callable[..., Awaitable[Sent]] = getattr(actions, spec.method)
        return await send(*_taken_along(spec.carries, batch))

    async def _write(
        self,
        batch: tuple[Entry, ...],
        evidence: Evidence,
        failure: BaseException | None,
        sent: Sent | None,
    ) -> None:
        seen: Fetched | None = None
        if evidence is Evidence.REFUSED and len(batch) == 1 and not batch[0].kind.spec.is_marked:
            seen = await self._look_after_refusal(batch[0])
        tells = await self._payment.learn(seen) if seen else True
        await self._stage_writer.write(
            batch[0],
            after(
                batch, evidence, cause=failure_cause(failure), seen=seen.ret if seen else None, tells=tells
            ),
            evidence=evidence.value,
            http_status=sent.http_status if sent else getattr(failure, "http_status", None),
            code=_code(failure),
            saw=seen,
            event="sent",
        )

    async def _look_after_refusal(self, entry: Entry) -> Fetched | None:
        """Read what Loop shows after it refused one entry; None if it cannot be read now."""
        try:
            seen = await self._gateway.details(entry.return_id, priority=Priority.READ_BACK)
            self._keys.must_fit(entry)
        except (ApiError, RuleBroken) as failure:
            log.info("refused_unread return=%s code=%s", entry.return_id, failure.code)
            return None
        return seen

    async def _look_for_twin(self, note: Entry) -> None:
        """After a note was resent: audit it if Loop has it twice."""
        try:
            notes = await self._gateway.notes(note.return_id, priority=Priority.READ_BACK)
        except ApiError:
            return
        if marker_count(note, notes) > 1:
            log.warning("twice entry=%s return=%s", note.entry_id, note.return_id)
            at = self._clock.now()
            await self._audit.write("twice", at, return_id=note.return_id, entry_id=note.entry_id)


def _taken_along(what: Carries, batch: Sequence[Entry]) -> tuple[Any, ...]:
    """Return what a method of the gateway is called with."""
    first = batch[0]
    match what:
        case Carries.ITEMS:
            return ([entry.payload for entry in batch],)
        case Carries.CONTENT:
            return first.return_id, str(first.payload["content"])
        case Carries.LINE_IDS:
            return first.return_id, [str(x) for x in first.payload["line_item_ids"]]
        case Carries.BODY:
            return first.return_id, first.payload.get("body")
        case Carries.NOTHING:
            return (first.return_id,)


def _code(failure: BaseException | None) -> str:
    """The code for the attempt row: Loop's, else ours, else the type of the bug."""
    if failure is None:
        return ""
    if isinstance(failure, Refused) and failure.refusal_code:
        return failure.refusal_code
    return failure.code if isinstance(failure, ApiError) else type(failure).__name__
