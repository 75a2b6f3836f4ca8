"""Applying webhooks: each once, in any order, by any number of processes, whatever dies in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, Row
from loopdesk.hub.index.wishes import BOXES
from loopdesk.hub.webhooks.drain import WebhookDrain
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.meaning import HookMeaning, meaning_of
from tests.hub.webhook_rig import SHOP, Receiver, label, run, told

FAILED = told("return.processing", "77", return_state="open", message="No stock", source="api")


@pytest.fixture
async def receiver(hub_database: Database) -> Receiver:
    """A shop with a secret."""
    made = Receiver(hub_database)
    await made.open_shop()
    return made


async def statuses(database: Database) -> dict[str, str]:
    """Return the status of every label by its number."""
    found = await run(database, "SELECT tracking_number, status FROM webhook_label")
    return {row["tracking_number"]: row["status"] for row in found}


async def test_every_topic_that_names_a_return_hints_at_it_and_a_shipment_at_the_boxes(
    receiver: Receiver,
) -> None:
    for number, topic in enumerate(("return", "label", "restock", "giftcard", "label.request"), 1):
        await receiver.take(topic, told(topic, number))
    await receiver.take("happy.returns.shipment", {"loop_shipment_id": 9, "trigger": "shipment.processed"})
    assert await receiver.drain.turn() == 6
    assert receiver.hints == [(SHOP, BOXES), *((SHOP, str(number)) for number in range(1, 6))]
    assert all(row["applied_at"] for row in await receiver.stored())
    assert await receiver.drain.turn() == 0


async def test_many_webhooks_of_one_return_are_one_hint(receiver: Receiver) -> None:
    for number in range(20):
        await receiver.take("return", told("return", "5", edit=number))
    assert await receiver.drain.turn() == 20
    assert receiver.hints == [(SHOP, "5")]


@pytest.mark.fault(194)
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
@pytest.mark.parametrize("is_together", [True, False])
async def test_a_labels_newest_state_wins_in_whatever_order_it_is_told(
    receiver: Receiver, order: tuple[int, ...], is_together: bool
) -> None:
    steps = [
        label("5", "pre_transit", "2026-11-01T08:00:00+00:00"),
        label("5", "in_transit", "2026-11-02T08:00:00.000Z"),
        label("5", "delivered", "2026-11-03T08:00:00.000Z"),
    ]
    for each in order:
        await receiver.take("label", steps[each])
        if not is_together:
            await receiver.drain.turn()
    await receiver.drain.turn()
    assert await statuses(receiver.database) == {"1Z9": "delivered"}


async def test_a_label_without_a_time_never_replaces_one_with_a_time(receiver: Receiver) -> None:
    for status, at in (("delivered", "2026-11-03T08:00:00.000Z"), ("in_transit", "N/A")):
        await receiver.take("label", label("5", status, at))
        await receiver.drain.turn()
    assert await statuses(receiver.database) == {"1Z9": "delivered"}


async def test_a_return_tells_its_labels_flat_or_listed(receiver: Receiver) -> None:
    listed = [{"tracking_number": "1Z2", "carrier": "UPS", "status": "new", "line_items": [1]}]
    flat = {"tracking_number": "1Z3", "carrier": "UPS", "label_status": "in_transit"}
    await receiver.take("return", told("return", "2", labels=listed))
    await receiver.take("return", told("return", "3", **flat))
    await receiver.drain.turn()
    assert await statuses(receiver.database) == {"1Z2": "new", "1Z3": "in_transit"}


async def test_a_failed_processing_is_written_once(receiver: Receiver) -> None:
    assert await receiver.take("return.processing", FAILED) is Ending.TAKEN
    await receiver.drain.turn()
    assert await receiver.take("return.processing", FAILED) is Ending.REPEATED
    await receiver.drain.turn()
    (row,) = await run(receiver.database, "SELECT * FROM webhook_failure")
    assert (row["return_id"], row["state"], row["message"], row["source"]) == (
        "77",
        "open",
        "No stock",
        "api",
    )


@pytest.mark.fault(194)
async def test_a_repeat_hints_again_since_a_return_may_be_closed_twice(receiver: Receiver) -> None:
    closed = told("return", "5", "return.closed")
    await receiver.take("return", closed)
    await receiver.drain.turn()
    await receiver.take("return", closed)
    assert await receiver.drain.turn() == 1
    assert receiver.hints == [(SHOP, "5")] * 2
    assert await run(receiver.database, "SELECT FROM webhook_repeat") == []


async def test_two_processes_apply_each_webhook_once(receiver: Receiver) -> None:
    for number in range(120):
        await receiver.take("return", told("return", number))
    other = Receiver(receiver.database)
    while sum(await asyncio.gather(receiver.drain.turn(), other.drain.turn())):
        pass
    assert sorted(receiver.hints + other.hints) == sorted((SHOP, str(number)) for number in range(120))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.fault(198)
async def test_a_process_that_dies_in_the_middle_leaves_everything_to_the_next(receiver: Receiver) -> None:
    for number in range(10):
        await receiver.take("return.processing", told("return.processing", number))
    sound, receiver.drain._hint = receiver.drain._hint, None  # type: ignore[assignment]

    async def die_at_the_seventh(connection: Connection, shop_id: str, return_id: str) -> None:
        await sound(connection, shop_id, return_id)
        if len(receiver.hints) == 7:
            raise Killed

    receiver.drain._hint = die_at_the_seventh
    with pytest.raises(Killed):
        await receiver.drain.turn()
    assert await run(receiver.database, "SELECT FROM webhook_failure") == []
    other = Receiver(receiver.database)
    assert await other.drain.turn() == 10
    assert sorted(other.hints) == sorted((SHOP, str(number)) for number in range(10))
    assert len(await run(receiver.database, "SELECT FROM webhook_failure")) == 10


@pytest.mark.fault(200)
@pytest.mark.expects_log("webhook_unopened")
async def test_one_whose_body_cannot_be_opened_is_still_a_hint(receiver: Receiver) -> None:
    for number in range(3):
        await receiver.take("return.processing", told("return.processing", number))
    await run(receiver.database, "UPDATE webhook SET sealed = 'torn' WHERE return_id = '1'")
    assert await receiver.drain.turn() == 3
    assert receiver.hints == [(SHOP, str(number)) for number in range(3)]
    assert [row["trouble"] for row in await receiver.stored()] == [None, "unopened", None]
    assert len(await run(receiver.database, "SELECT FROM webhook_failure")) == 2


@pytest.mark.expects_log("batch_failed", "webhook_put_off")
@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("23514", "CheckViolation"),
        ("22P02", "InvalidTextRepresentation"),
        ("42501", "InsufficientPrivilege"),
        ("P0001", "RaiseException"),
    ],
)
async def test_one_that_cannot_be_applied_holds_up_no_other(
    receiver: Receiver, sqlstate: str, kind: str
) -> None:
    raising = f"RAISE EXCEPTION 'this one' USING ERRCODE = '{sqlstate}';"
    await run(
        receiver.database,
        f"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raising} END $$",
    )
    await run(
        receiver.database,
        "CREATE TRIGGER refused BEFORE INSERT ON webhook_failure"
        " FOR EACH ROW WHEN (NEW.return_id = '1') EXECUTE FUNCTION refuse()",
    )
    for number in range(3):
        await receiver.take("return.processing", told("return.processing", number))
    assert await receiver.drain.turn() == 3
    assert len(await run(receiver.database, "SELECT FROM webhook_failure")) == 2
    (stuck,) = await run(receiver.database, "SELECT * FROM webhook WHERE applied_at IS NULL")
    assert (stuck["return_id"], stuck["tries"], stuck["trouble"]) == ("1", 1, kind)
    assert stuck["next_try_at"] > datetime.now(UTC)
    assert await receiver.drain.turn() == 0


@pytest.mark.expects_log("batch_failed", "webhook_put_off")
async def test_a_bug_at_one_webhook_holds_up_no_other(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(drain: WebhookDrain, row: Row) -> HookMeaning | None:
        if row["return_id"] == "1":
            raise KeyError("nobody thought of it")
        return meaning_of(row["topic"], b"{}")

    monkeypatch.setattr(WebhookDrain, "_meaning", odd)
    for number in range(3):
        await receiver.take("return.processing", told("return.processing", number))
    assert await receiver.drain.turn() == 3
    (stuck,) = await run(receiver.database, "SELECT * FROM webhook WHERE applied_at IS NULL")
    assert (stuck["return_id"], stuck["trouble"]) == ("1", "KeyError")


async def test_what_is_two_weeks_old_is_deleted_with_its_body(receiver: Receiver) -> None:
    for number in range(2):
        await receiver.take("return", told("return", number))
    await receiver.drain.turn()
    await run(
        receiver.database, "UPDATE webhook SET arrived_at = now() - interval '15 days' WHERE return_id = '0'"
    )
    await receiver.drain._end_old()
    assert [row["return_id"] for row in await receiver.stored()] == ["1"]
