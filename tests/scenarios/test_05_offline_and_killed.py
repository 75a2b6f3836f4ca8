"""Ten parcels settled offline, the program killed, the network back: each effect once, as it was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loopdesk.simulator.barcodes import ups
from tests.network import ThreadedProxy
from tests.scenarios import traffic
from tests.scenarios.child import ChildDesk
from tests.simulator_thread import SimulatorThread

FIRST_OPERATOR, SECOND_OPERATOR = "Ada", "Ben"


@dataclass(frozen=True)
class Parcel:
    """A parcel of the test, what the operator presses for it, and what must come of it at Loop."""

    return_id: str
    order_name: str
    tracking_number: str
    line_item_ids: tuple[str, ...]
    keys: tuple[str, ...]
    acts: tuple[str, ...]
    effects: tuple[str, ...]


PROCESS = (("1",), ("grade", "assess", "process"), ("processed",))
TWO_LINES = (("2", "1"), ("grade", "assess", "process"), ("processed",))
REMOVE = (("1", "6"), ("grade", "assess", "note", "remove"), ("removed", "processed"))
DAMAGED = (("4",), ("grade", "assess", "note", "flag"), ("flagged",))
SHIFT = (PROCESS, REMOVE, PROCESS, DAMAGED, TWO_LINES, PROCESS, REMOVE, PROCESS, DAMAGED, PROCESS)


def _parcels(shop: SimulatorThread) -> list[Parcel]:
    """Bring the ten parcels into the shop."""
    out = []
    for number, (keys, acts, effects) in enumerate(SHIFT):
        lines = [{"line_item_id": str(97_000_000 + 10 * number + place)} for place in range(len(keys))]
        label = ups(4_400_000 + number)
        name = f"#7{number:04}"
        spec = {"order_name": name, "tracking_number": label, "carrier": "UPS", "lines": lines}
        return_id = shop.act("add_return", spec=spec)
        ids = tuple(line["line_item_id"] for line in lines)
        out.append(Parcel(return_id, name, label, ids, (*keys, "F12"), acts, effects))
    return out


@pytest.fixture
def network(shop: SimulatorThread) -> Iterator[ThreadedProxy]:
    """Put a proxy between the desk and the shop, so that the connection can be cut."""
    with ThreadedProxy("127.0.0.1", shop.port) as proxy:
        yield proxy


@pytest.fixture
def child(tmp_path: Path, network: ThreadedProxy, shop: SimulatorThread) -> Iterator[ChildDesk]:
    """Return a desk in a process of its own; started by the test."""
    desk = ChildDesk(tmp_path / "profile", f"{network.url}/api", shop.key)
    with desk:
        yield desk


def _settle_offline(child: ChildDesk, parcels: list[Parcel]) -> None:
    for parcel in parcels:
        child.open(parcel)
        child.press(*parcel.keys)
        assert child.do("band")["signal"] == "kept"


def _payloads(lane: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {entry["target"]: entry["payload"] for entry in lane if entry["kind"] == kind}


@pytest.mark.fault(1, 50)
def test_ten_offline_settlements_survive_a_kill_and_happen_once_each(
    child: ChildDesk, network: ThreadedProxy, shop: SimulatorThread
) -> None:
    parcels = _parcels(shop)
    child.start()
    child.do("synced")
    network.refuse()
    _settle_offline(child, parcels[:1])
    cut_at = traffic.last_number(shop)  # requests in flight when the connection was cut have arrived by now
    assert list(traffic.posts(shop, parcels[0])) == []
    _settle_offline(child, parcels[1:])
    assert "network is back" in child.do("band")["sentence"]
    kept = {parcel.return_id: child.lane(parcel.return_id) for parcel in parcels}
    child.kill()
    killed_at = datetime.now(UTC)
    assert traffic.last_number(shop) == cut_at

    child.environ["LOOPDESK_OPERATOR"] = SECOND_OPERATOR
    network.accept()
    child.start()
    for parcel in parcels:
        child.do("until_lane", return_id=parcel.return_id, stages=["done"])
    for parcel in parcels:
        after = child.lane(parcel.return_id)
        assert [entry["entry_id"] for entry in after] == [
            entry["entry_id"] for entry in kept[parcel.return_id]
        ]
    child.end()

    for parcel in parcels:
        _check(shop, parcel, kept[parcel.return_id], killed_at)


def _check(shop: SimulatorThread, parcel: Parcel, kept: list[dict[str, Any]], killed_at: datetime) -> None:
    """Compare what is true at Loop about one parcel with what was kept before the kill."""
    truth = shop.truth(parcel.return_id)
    assert [effect["kind"] for effect in truth["effects"]] == list(parcel.effects), parcel
    asked = traffic.posts(shop, parcel)
    assert traffic.acts(asked) == list(parcel.acts), parcel
    graded = {x["line_item_id"]: x for x in traffic.items(asked[0])}
    decided = _payloads(kept, "grade")
    assert set(graded) == set(decided) == set(parcel.line_item_ids)
    for line_id, payload in decided.items():
        assert graded[line_id]["condition_category"] == payload["condition_category"]
        assert graded[line_id]["inspected_at"] == payload["inspected_at"]
        assert graded[line_id]["return_processor"] == FIRST_OPERATOR
        at = datetime.strptime(payload["inspected_at"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
        assert at <= killed_at < asked[0].at
    for line in truth["lines"]:
        assert line["condition"]["inspected_at"] == decided[line["line_item_id"]]["inspected_at"]
        assert line["condition"]["return_processor"] == FIRST_OPERATOR
        assert line["disposition"]["return_processor"] == FIRST_OPERATOR
    assert len(truth["notes"]) == parcel.acts.count("note")


@pytest.mark.fault(53, 54)
def test_a_kill_between_accepted_and_read_back_makes_nobody_pay_twice(
    child: ChildDesk, shop: SimulatorThread
) -> None:
    parcels = [parcel for parcel in _parcels(shop) if parcel.acts[-1] == "process"][:3]
    shop.fault("hang", method="POST", path=r"/process$")
    child.start()
    child.do("synced")
    for parcel in parcels:
        child.open(parcel)
        child.press(*parcel.keys)
    traffic.await_requests(shop, "/process", len(parcels))
    for parcel in parcels:
        assert child.lane(parcel.return_id)[-1]["stage"] == "sending"
    child.kill()
    shop.loop.faults.clear()

    child.start()
    for parcel in parcels:
        child.do("until_lane", return_id=parcel.return_id, stages=["done"])
    child.end()

    for parcel in parcels:
        truth = shop.truth(parcel.return_id)
        assert (truth["state"], truth["processings"]) == ("closed", 1)
        assert traffic.acts(traffic.posts(shop, parcel)) == ["grade", "assess", "process"]


@pytest.mark.fault(49)
def test_what_was_entered_and_not_settled_is_there_after_a_kill(
    child: ChildDesk, shop: SimulatorThread
) -> None:
    parcel = next(parcel for parcel in _parcels(shop) if len(parcel.line_item_ids) == 2)
    child.start()
    child.do("synced")
    child.open(parcel)
    child.press("3")
    child.kill()

    child.start()
    child.open(parcel)
    assert child.do("decided") == ["C", ""]
    child.press("1", "F12")
    child.do("until_lane", return_id=parcel.return_id, stages=["done"])
    child.end()

    assert traffic.grades(shop, parcel) == ["grade_c", "grade_a"]
    assert shop.truth(parcel.return_id)["processings"] == 1
