"""Taking webhooks in: nothing without a good signature, everything with one, once."""

from __future__ import annotations

import asyncio

import pytest

from loopdesk.hub.database.pool import Database
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.shops.sealing import SealingKey
from loopdesk.hub.webhooks.ending import Ending
from tests.hub.webhook_rig import SECRET, SHOP, Receiver, label, run, told

CLOSED = told("return", "77", "return.closed", state="closed")


@pytest.fixture
async def receiver(hub_database: Database) -> Receiver:
    """A shop with a secret."""
    made = Receiver(hub_database)
    await made.open_shop()
    return made


async def test_a_signed_webhook_is_stored_and_wakes_the_drain(receiver: Receiver) -> None:
    assert await receiver.take("return", CLOSED) is Ending.TAKEN
    (row,) = await receiver.stored()
    assert (row["topic"], row["trigger"], row["subject"], row["return_id"]) == (
        "return",
        "return.closed",
        "77",
        "77",
    )
    assert row["applied_at"] is None
    assert receiver.woken == 1


async def test_the_body_does_not_stand_in_the_database_as_it_came(receiver: Receiver) -> None:
    await receiver.take("giftcard", told("giftcard", "77", email="pat@example.test"))
    (row,) = await receiver.stored()
    assert b"pat@example.test" not in b"".join(bytes(x) for x in row.values() if isinstance(x, bytes))


@pytest.mark.fault(193)
@pytest.mark.parametrize("header", ["", "x", "a" * 10_000, "=", "é"])
async def test_without_a_good_signature_nothing_is_stored(receiver: Receiver, header: str) -> None:
    assert await receiver.inbox.take(SHOP, "return", b'{"id":1}', header) is Ending.UNSIGNED
    assert await receiver.take("return", CLOSED, "another secret") is Ending.UNSIGNED
    assert (await receiver.stored(), receiver.woken) == ([], 0)


@pytest.mark.fault(193)
async def test_the_secret_of_another_topic_or_shop_proves_nothing(receiver: Receiver) -> None:
    await receiver.open_shop("south", "secret-of-south")
    assert await receiver.take("return", CLOSED, "secret-of-south") is Ending.UNSIGNED
    assert await receiver.take("return", CLOSED, SECRET, "south") is Ending.UNSIGNED
    await receiver.add_secret("label", "labels-own")
    assert await receiver.take("return", CLOSED, "labels-own") is Ending.UNSIGNED
    assert await receiver.stored() == []


async def test_what_is_not_there_is_said_to_be_not_there(receiver: Receiver) -> None:
    assert await receiver.take("return", CLOSED, SECRET, "nowhere") is Ending.NO_SHOP
    assert await receiver.take("orders", CLOSED) is Ending.NO_TOPIC
    await run(receiver.database, "DELETE FROM webhook_secret WHERE topic = 'restock'")
    assert await receiver.take("restock", told("restock", "1")) is Ending.NO_SECRET


async def test_two_secrets_count_while_one_is_changed_for_the_other(receiver: Receiver) -> None:
    assert await receiver.take("return", CLOSED) is Ending.TAKEN
    assert await receiver.take("return", told("return", "78"), "the-next-one") is Ending.UNSIGNED
    await receiver.add_secret("return", "the-next-one")
    another = Receiver(receiver.database)  # a process that remembers nothing yet
    assert await another.take("return", told("return", "78"), "the-next-one") is Ending.TAKEN
    assert await another.take("return", told("return", "79"), SECRET) is Ending.TAKEN


@pytest.mark.fault(195)
async def test_an_empty_body_is_taken_calmly_and_changes_nothing(receiver: Receiver) -> None:
    for body in (b"", b"[]", b"{}"):
        assert await receiver.take("label", body) is Ending.EMPTY
    assert (await receiver.stored(), receiver.woken) == ([], 0)
    assert await receiver.take("label", b"", shop_id="ann") is Ending.NO_SHOP


async def test_a_shop_that_somebody_makes_up_is_counted_without_its_name(receiver: Receiver) -> None:
    for ending in (Ending.TOO_LARGE, Ending.BROKEN_OFF, Ending.NO_SHOP):
        receiver.tally.count("ann", "ann@example.com", ending, 0.1)
    await receiver.tally.write()
    counted = await run(receiver.database, "SELECT DISTINCT shop_id, topic FROM webhook_tally")
    assert counted == [{"shop_id": "", "topic": ""}]


@pytest.mark.fault(195)
async def test_a_partial_body_is_stored_and_means_what_it_can(receiver: Receiver) -> None:
    assert await receiver.take("return", b'{"trigger":"return.created"}') is Ending.TAKEN
    assert await receiver.take("return", b'{"torn":') is Ending.TAKEN
    assert [row["return_id"] for row in await receiver.stored()] == ["", ""]


async def test_the_same_webhook_again_is_the_same_row(receiver: Receiver) -> None:
    assert await receiver.take("return", CLOSED) is Ending.TAKEN
    assert await receiver.take("return", CLOSED) is Ending.REPEATED
    assert await receiver.take("return", {**CLOSED, "state": "open"}) is Ending.TAKEN
    assert await receiver.take("return", {**CLOSED, "trigger": "return.updated"}) is Ending.TAKEN
    assert len(await receiver.stored()) == 3


@pytest.mark.fault(194)
async def test_ten_copies_at_once_are_one_row(receiver: Receiver) -> None:
    endings = await asyncio.gather(*(receiver.take("return", CLOSED) for _ in range(10)))
    assert sorted(endings) == [Ending.REPEATED] * 9 + [Ending.TAKEN]
    assert len(await receiver.stored()) == 1


async def test_a_repeat_does_not_wait_for_the_one_who_applies_the_first(receiver: Receiver) -> None:
    await receiver.take("return", CLOSED)
    async with receiver.database.transaction() as connection:
        await connection.execute("SELECT FROM webhook FOR UPDATE")
        async with asyncio.timeout(3):
            assert await receiver.take("return", CLOSED) is Ending.REPEATED


@pytest.mark.fault(200)
async def test_a_lost_key_takes_nothing_in_and_says_so(receiver: Receiver) -> None:
    for key, why in ((SealingKey(b"1" * 32), "webhook_sealed"), (None, "no_sealing_key")):
        with pytest.raises(HubFailure) as failed:
            await Receiver(receiver.database, key).take("return", CLOSED)
        assert failed.value.why == why
    assert await receiver.stored() == []


async def test_a_label_of_hostile_text_is_stored(receiver: Receiver) -> None:
    body = label("1", "\0 in_transit \ud83d", "soon", number="'; DROP TABLE webhook; --")
    assert await receiver.take("label", body) is Ending.TAKEN
    assert await receiver.drain.turn() == 1
    (row,) = await run(receiver.database, "SELECT * FROM webhook_label")
    assert row["tracking_number"] == "'; DROP TABLE webhook; --"
