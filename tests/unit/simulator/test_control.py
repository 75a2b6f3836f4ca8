"""The control surface, as a test in another process uses it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from loopdesk.simulator.samples import SAMPLES, practice_loop
from loopdesk.simulator.settings import Settings
from tests.simulator_thread import SimulatorThread
from tests.unit.simulator.shop import HandClock

KEY = {"X-Authorization": "practice-key"}
SINGLE = SAMPLES["single"].return_id
NOTE = f"/api/v1/warehouse/return/{SINGLE}/note"


@pytest.fixture(scope="module")
def client() -> Any:
    with (
        SimulatorThread(practice_loop(clock=HandClock())) as simulator,
        httpx.Client(base_url=simulator.url, trust_env=False) as made,
    ):
        yield made


@pytest.fixture(autouse=True)
def _calm(client: httpx.Client) -> None:
    client.delete("/_control/faults")
    client.delete("/_control/requests")
    client.post("/_control/settings", json=Settings().as_dict())


def test_faults_are_set_and_cleared(client: httpx.Client) -> None:
    first = client.post("/_control/faults", json={"kind": "error_before", "path": "/note$", "count": 5})
    assert first.status_code == 201
    assert client.post(NOTE, json={"content": "x"}, headers=KEY).status_code == 500
    (fault,) = client.get("/_control/faults").json()
    assert (fault["kind"], fault["count"], fault["struck"], fault["fault_id"]) == (
        "error_before",
        4,
        1,
        first.json()["id"],
    )
    assert client.delete(f"/_control/faults/{first.json()['id']}").status_code == 204
    assert client.post(NOTE, json={"content": "x"}, headers=KEY).status_code == 200


def test_settings_are_read_and_changed(client: httpx.Client) -> None:
    answer = client.post("/_control/settings", json={"string_true": True, "processing_seconds": 9})
    assert (answer.json()["string_true"], answer.json()["processing_seconds"]) == (True, 9)
    assert client.get("/_control/settings").json() == answer.json()
    assert client.post(NOTE, json={"content": "x"}, headers=KEY).text == '"true"'


def test_the_truth_is_told(client: httpx.Client) -> None:
    known = client.get(f"/_control/truth/{SINGLE}").json()
    assert (known["state"], known["processings"], len(known["lines"])) == ("open", 0, 1)
    rows = client.get("/_control/truth").json()
    assert SINGLE in {row["return_id"] for row in rows}
    assert client.get("/_control/truth/5").status_code == 404


def test_requests_are_told_and_the_control_is_not_among_them(client: httpx.Client) -> None:
    client.post(NOTE, json={"content": "one"}, headers=KEY)
    client.get("/api/v1/destinations", headers=KEY)
    rows = client.get("/_control/requests").json()
    assert [(row["method"], row["key"], row["effect"]) for row in rows] == [
        ("POST", "practice", True),
        ("GET", "practice", False),
    ]
    later = client.get("/_control/requests", params={"since": rows[0]["n"], "method": "GET"}).json()
    assert [row["path"] for row in later] == ["/api/v1/destinations"]
    assert "practice-key" not in client.get("/_control/requests").text
    assert client.get("/_control/requests", params={"since": "x"}).status_code == 400


def test_others_act_and_time_passes(client: httpx.Client) -> None:
    made = client.post(
        "/_control/act",
        json={"act": "add_return", "spec": {"lines": [{"title": "Mug"}], "tracking_number": "X1"}},
    ).json()
    return_id = made["return_id"]
    client.post(f"/api/v1/warehouse/return/{return_id}/process", headers=KEY)
    assert client.get(f"/_control/truth/{return_id}").json()["queued"][0]["kind"] == "process"
    before = client.get("/_control/clock").json()["now"]
    assert client.post("/_control/clock", json={"advance_seconds": 60}).json()["now"] > before
    assert client.get(f"/_control/truth/{return_id}").json()["state"] == "closed"
    after = client.post("/_control/act", json={"act": "set_state", "return_id": return_id, "state": "open"})
    assert after.json()["state"] == "open"


def test_what_is_queued_can_be_hurried(client: httpx.Client) -> None:
    return_id = client.post("/_control/act", json={"act": "add_return"}).json()["return_id"]
    client.post(f"/api/v1/warehouse/return/{return_id}/process", headers=KEY)
    hurried = client.post("/_control/act", json={"act": "hurry", "return_id": return_id}).json()
    assert (hurried["state"], hurried["processings"]) == ("closed", 1)


def test_samples_are_named(client: httpx.Client) -> None:
    named = client.get("/_control/samples").json()
    assert named["single"]["return_id"] == SINGLE
    assert named["several_parcels"]["tracking_numbers"] == list(SAMPLES["several_parcels"].tracking_numbers)


def test_the_welcome_says_what_it_is(client: httpx.Client) -> None:
    assert client.get("/_control").json()["keys"] == ["practice"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_control/faults", {"kind": "fire"}, 400),
        ("POST", "/_control/settings", {"nothing": 1}, 400),
        ("POST", "/_control/act", {"act": "bless", "return_id": SINGLE}, 400),
        ("POST", "/_control/act", {"act": "process", "return_id": "5"}, 404),
        ("POST", "/_control/act", {"act": "process"}, 404),
        ("POST", "/_control/clock", {"advance_seconds": -1}, 400),
        ("POST", "/_control/clock", ["x"], 400),
        ("GET", "/_control/nothing", None, 404),
    ],
)
def test_nonsense_is_refused_in_words(
    client: httpx.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert "problem" in answer.json()


def test_a_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    assert client.post("/_control/act", content=b"{").status_code == 400


@pytest.mark.fault(170)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost@evil.example"},
    ],
)
def test_a_web_page_can_neither_play_loop_nor_read_it(client: httpx.Client, headers: dict[str, str]) -> None:
    before = client.get("/_control/faults").json()
    told = client.post("/_control/faults", json={"kind": "offline"}, headers=headers)
    assert told.status_code == 403
    assert client.post(NOTE, json={"content": "x"}, headers=KEY | headers).status_code == 403
    assert client.get("/_control/faults").json() == before
    assert client.get("/_control/requests", params={"method": "POST"}).json() == []


def test_this_machine_asks_the_simulator_by_any_of_its_names(client: httpx.Client) -> None:
    for host in ("127.0.0.1", "localhost:80", "LOCALHOST", "[::1]:8080"):
        assert client.get("/_control", headers={"Host": host}).status_code == 200
