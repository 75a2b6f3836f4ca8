"""The faulty proxy: each mode as a client sees it, and what reaches the other side."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from loopdesk.simulator.http.server import wall_clock
from loopdesk.simulator.samples import SAMPLES, practice_loop
from tests.network import Rule, ThreadedProxy
from tests.simulator_thread import SimulatorThread

KEY = {"X-Authorization": "practice-key"}
RETURN_ID = SAMPLES["single"].return_id
NOTE = f"/api/v1/warehouse/return/{RETURN_ID}/note"
DETAILS = f"/api/v1/warehouse/return/details?return_id={RETURN_ID}"


class Bench:
    """A client that reaches the simulator through the proxy."""

    def __init__(self, simulator: SimulatorThread, proxy: ThreadedProxy, client: httpx.Client) -> None:
        self.simulator = simulator
        self.proxy = proxy
        self.client = client

    def note(self, timeout: float = 5.0) -> httpx.Response:
        return self.client.post(NOTE, json={"content": "x"}, timeout=timeout)

    @property
    def notes(self) -> int:
        return len(self.simulator.truth(RETURN_ID)["notes"])


@pytest.fixture
def bench() -> Iterator[Bench]:
    with (
        SimulatorThread(practice_loop(clock=wall_clock)) as simulator,
        ThreadedProxy("127.0.0.1", simulator.port) as proxy,
        httpx.Client(base_url=proxy.url, headers=KEY, trust_env=False) as client,
    ):
        yield Bench(simulator, proxy, client)


def test_it_passes_requests_and_reuses_the_connection(bench: Bench) -> None:
    assert bench.note().json() is True
    assert bench.client.get(DETAILS).json()["id"] == int(RETURN_ID)
    bench.proxy.use(Rule("reset", reused_only=True, count=1))
    with pytest.raises(httpx.ReadError):
        bench.note()
    assert bench.notes == 1
    assert bench.note().json() is True, "a fresh connection is the first of its own"
    assert [(each.mode, each.forwarded, each.answered) for each in bench.proxy.passages] == [
        ("pass", True, True),
        ("pass", True, True),
        ("reset", False, False),
        ("pass", True, True),
    ]


@pytest.mark.parametrize(
    ("mode", "error", "notes"),
    [
        ("drop_before", httpx.RemoteProtocolError, 0),
        ("drop_after", httpx.RemoteProtocolError, 1),
        ("reset", httpx.ReadError, 0),
        ("reset_after", httpx.ReadError, 1),
    ],
)
def test_a_broken_request_has_the_effect_that_was_said(
    bench: Bench, mode: str, error: type[Exception], notes: int
) -> None:
    bench.proxy.use(Rule(mode, match="^POST .*/note ", count=1))
    assert bench.client.get(DETAILS).status_code == 200, "what does not match passes"
    with pytest.raises(error):
        bench.note()
    assert bench.notes == notes
    assert bench.note().status_code == 200, "only the next one was meant"


def test_refusing_closes_the_port_until_it_accepts_again(bench: Bench) -> None:
    bench.note()
    port = bench.proxy.port
    bench.proxy.refuse()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}{DETAILS}", headers=KEY, trust_env=False)
    bench.proxy.accept()
    assert bench.proxy.port == port
    assert httpx.get(bench.proxy.url + DETAILS, headers=KEY, trust_env=False).status_code == 200
    assert bench.notes == 1


@pytest.mark.parametrize("at_byte", [0, 1, 12, 40, -1])
def test_an_answer_is_cut_at_any_byte(bench: Bench, at_byte: int) -> None:
    bench.proxy.use(Rule("cut", at_byte=at_byte))
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        bench.note()
    assert bench.notes == 1


@pytest.mark.parametrize(("forward", "notes"), [(True, 1), (False, 0)])
def test_a_stalled_answer_never_comes(bench: Bench, forward: bool, notes: int) -> None:
    bench.proxy.use(Rule("stall", forward=forward))
    with pytest.raises(httpx.ReadTimeout):
        bench.note(timeout=0.2)
    assert bench.notes == notes


def test_a_dripping_answer_comes_whole_and_late(bench: Bench) -> None:
    bench.proxy.use(Rule("drip", interval=0.0005))
    assert bench.note().json() is True
    assert bench.proxy.passages[-1].answered


def test_a_login_page_is_200_with_html_and_nothing_gets_through(bench: Bench) -> None:
    bench.proxy.use(Rule("login_page"))
    answer = bench.note()
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert bench.notes == 0


def test_rules_are_tried_in_order_and_may_be_functions(bench: Bench) -> None:
    bench.proxy.use(Rule("login_page", match=lambda line: "/details" in line, skip=1), Rule("pass"))
    kinds = [bench.client.get(DETAILS).headers["content-type"] for _ in range(3)]
    assert kinds == ["application/json", "text/html", "text/html"]


def test_an_old_request_can_come_a_second_time(bench: Bench) -> None:
    bench.note()
    bench.proxy.replay(0)
    assert bench.notes == 2


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="no mode"):
        Rule("explode")


def test_a_side_that_is_not_there_is_seen_as_a_broken_connection() -> None:
    with ThreadedProxy("127.0.0.1", 1) as proxy, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(proxy.url, trust_env=False)
