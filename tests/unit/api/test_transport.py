"""The transport never leaks the key, talks to one host only, asks the budget, and reports every exchange."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from loopdesk.api.calls import Call, Nature
from loopdesk.api.connections import ClientPair, SendTrace, quiet_libraries
from loopdesk.api.transport import KEY_HEADER, ApiKey, KeyAuth, Transport, failure_of
from loopdesk.api.versions import VERSIONS, address, version_named
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    KeyRefused,
    Refused,
    RuleBroken,
    SettingsWrong,
    Throttled,
    Unreachable,
)
from loopdesk.services.ports.loop import TURN_SECONDS
from tests.unit.api.bench import (
    KEY,
    Bench,
    OpenBudget,
    TickingClock,
    a_bench,
    answer,
    stored_answers,
    text_answer,
)

RETURN = "91000123"

TOO_MANY = '{"message":"Too Many Attempts."}'


def never(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"asked {request.url}")


def a_wire(*, keep_alive: bool, proxy: str, certificate: bytes = b"") -> httpx.AsyncBaseTransport:
    return httpx.MockTransport(never)


# The key


def test_a_key_shows_itself_in_no_form() -> None:
    key = ApiKey(f"  {KEY}\r\n")
    assert key.reveal() == KEY
    for shown in (
        repr(key),
        str(key),
        f"{key}",
        f"{key:>40}",
        f"{key!r}",
        repr(KeyAuth(key)),
        repr([key]),
    ):
        assert KEY not in shown
        assert "<key>" in shown
    assert not hasattr(key, "__dict__")
    for leave in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(key)


@pytest.mark.fault(109)
@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "a\nb",
        "a\r\nX-Evil: 1",
        "a b",
        "a\tb",
        "a\x00b",
        "schlüssel",
        "a\x7f",
        "\u202ekey",
        "x" * 513,
        "\ud800",
    ],
)
def test_a_key_that_cannot_stand_in_a_header_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        ApiKey(text)
    if text.strip() and len(text) > 2:
        assert text not in f"{wrong.value} {wrong.value!r}"
    transport = a_bench(answer(True)).transport
    before = transport.key_fingerprint()
    if text.strip():
        with pytest.raises(SettingsWrong):
            transport.set_key(text)
        assert transport.key_fingerprint() == before


def test_a_fingerprint_names_a_key_without_giving_it_away() -> None:
    transport = a_bench(answer(True)).transport
    first = transport.key_fingerprint()
    assert len(first) == 16
    assert int(first, 16) >= 0
    transport.set_key(f" {KEY} ")
    assert transport.key_fingerprint() == first
    transport.set_key(KEY + "x")
    assert transport.key_fingerprint() != first
    transport.set_key(None)
    assert transport.key_fingerprint() == ""


async def test_without_a_key_nothing_leaves() -> None:
    bench = a_bench(answer(True))
    bench.transport.set_key("")
    with pytest.raises(KeyRefused, match="no_key"):
        await bench.client.process(RETURN)
    assert (bench.seen, bench.budget.taken) == ([], [])
    assert [type(one) for one in bench.told] == [KeyRefused]


@pytest.mark.parametrize(
    ("then", "wanted"), [("key", None), ("none", KeyRefused), ("end", Unreachable), ("other address", None)]
)
async def test_a_request_waits_until_it_is_known_which_key_there_is(
    then: str, wanted: type[ApiError] | None
) -> None:
    bench = a_bench(answer(True))
    bench.transport.await_key()
    asked = asyncio.create_task(bench.client.process(RETURN))
    await settled()
    assert (bench.seen, bench.told, asked.done()) == ([], [], False)
    match then:
        case "key":
            bench.transport.set_key(KEY)
        case "none":
            bench.transport.set_key(None)
        case "end":
            await bench.transport.aclose()
        case "other address":
            await bench.transport.set_base("https://other-shop.example/api")
            await settled()
            assert not asked.done()
            bench.transport.set_key(KEY)
    if wanted is None:
        await asked
        assert len(bench.seen) == 1
        return
    with pytest.raises(wanted):
        await asked
    assert bench.seen == []


async def settled() -> None:
    """Run everything that is ready."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.fault(117, 165)
@pytest.mark.parametrize("what", ["key", "address"])
async def test_a_request_that_waited_while_another_key_or_address_was_set_does_not_leave(what: str) -> None:
    """Who asked for it looked at whose it is before; the next look may find it to be another shop's."""
    bench = a_bench(answer(True))
    waits = bench.budget.take

    async def take(priority: int) -> None:
        bench.budget.take = waits  # type: ignore[method-assign]
        if what == "key":
            bench.transport.set_key("the-new-key")
        else:
            await bench.transport.set_base("https://other-shop.example/api")

    bench.budget.take = take  # type: ignore[method-assign]
    with pytest.raises(Unreachable, match="replaced"):
        await bench.client.process(RETURN)
    assert (bench.seen, bench.told) == ([], [])
    await bench.client.process(RETURN)
    assert len(bench.seen) == 1


@pytest.mark.fault(165)
async def test_what_was_read_where_no_longer_anybody_is_asked_is_no_answer() -> None:
    async def move(_: httpx.Request) -> httpx.Response:
        await bench.transport.set_base("https://other-shop.example/api")
        return answer({"returns": []})

    bench = a_bench(move, answer({"returns": []}))
    with pytest.raises(Unreachable, match="replaced"):
        await bench.client.probe()
    await bench.client.probe()


async def test_the_answer_to_an_action_counts_wherever_the_next_one_goes() -> None:
    async def move(_: httpx.Request) -> httpx.Response:
        await bench.transport.set_base("https://other-shop.example/api")
        return answer(True)

    bench = a_bench(move)
    await bench.client.process(RETURN)
    assert len(bench.seen) == 1


async def test_that_an_old_key_is_refused_says_nothing_about_the_new_one() -> None:
    def rotate(request: httpx.Request) -> httpx.Response:
        bench.transport.set_key("the-new-key")
        return answer({"errors": "Unauthorized."}, 401)

    bench = a_bench(rotate, answer({"returns": []}))
    with pytest.raises(KeyRefused):
        await bench.client.process(RETURN)
    assert bench.told == []
    await bench.client.probe()
    assert bench.told == [None]


def everything_of(failure: BaseException) -> str:
    """Write down an exception with its chain, its frames' locals and its attributes."""
    texts: list[str] = []
    waiting: list[BaseException] = [failure]
    while waiting:
        one = waiting.pop()
        texts += [repr(one), str(one), repr(one.args), repr(getattr(one, "__dict__", {}))]
        for frame, _line in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:  # the tests' own frames know the key
                texts.append(f"frame {frame.f_code.co_name} {frame.f_locals!r}")
        waiting += [linked for linked in (one.__cause__, one.__context__) if linked is not None]
        for attribute in ("request", "_request", "response"):
            held = getattr(one, attribute, None)
            texts += [
                repr(held),
                repr(getattr(held, "headers", {})),
                repr(dict(getattr(held, "headers", {}))),
            ]
    return "\n".join(texts)


BREAKS: list[Any] = [
    httpx.ConnectError(f"all attempts failed for {KEY}"),
    httpx.ConnectTimeout(""),
    httpx.ReadError(f"reset {KEY}"),
    httpx.WriteError(KEY),
    httpx.RemoteProtocolError(f"illegal {KEY}"),
    httpx.LocalProtocolError(f"Illegal header value b'{KEY}'"),
    httpx.PoolTimeout(KEY),
    httpx.ProxyError(f"407 {KEY}"),
    httpx.DecodingError(KEY),
    RuntimeError(KEY),
    OSError(KEY),
    TimeoutError(KEY),
    answer({"errors": f"Unauthorized key {KEY}."}, 401),
    answer({"errors": {"message": f"no {KEY}", "code": KEY}}, 200),
    answer({"message": f"not {KEY}", "errors": {KEY: [f"bad {KEY}"]}}, 422),
    answer({"message": KEY}, 404),
    answer({"message": KEY}, 500),
    text_answer(KEY),
    text_answer(f"<html>{KEY}</html>"),
    answer({}, 302, location=f"https://elsewhere.example.test/{KEY}"),
]


@pytest.mark.fault(109, 114)
@pytest.mark.parametrize("broken", BREAKS, ids=lambda one: type(one).__name__)
async def test_the_key_is_in_no_exception_repr_or_log(broken: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench = a_bench(broken)
    for call in (bench.client.process(RETURN), bench.client.details(RETURN)):
        with pytest.raises(ApiError) as raised:
            await call
        written = everything_of(raised.value)
        assert "frame request" in written
        assert KEY not in written
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
    assert bench.seen[0].headers[KEY_HEADER.lower()] == KEY
    assert KEY not in caplog.text
    assert KEY not in repr(vars(bench.transport))
    assert KEY not in repr(getattr(bench.transport._connection, "__dict__", {}))


async def test_a_canceled_request_takes_the_key_off_again() -> None:
    held: list[httpx.Request] = []

    async def hang(request: httpx.Request) -> httpx.Response:
        held.append(request)
        await asyncio.Event().wait()
        raise AssertionError

    bench = a_bench(hang)
    running = asyncio.ensure_future(bench.client.details(RETURN))
    async with asyncio.timeout(5):
        for _ in range(100):
            await asyncio.sleep(0)
    assert held[0].headers[KEY_HEADER] == KEY
    running.cancel()
    with pytest.raises(asyncio.CancelledError) as canceled:
        await running
    assert KEY not in everything_of(canceled.value)
    assert KEY_HEADER not in held[0].headers


# Where requests go


@pytest.mark.parametrize(
    ("url", "root", "version"),
    [
        ("https://api.loopreturns.com", "https://api.loopreturns.com/api", "v1"),
        ("https://api.loopreturns.com/", "https://api.loopreturns.com/api", "v1"),
        ("https://api.loopreturns.com/api/", "https://api.loopreturns.com/api", "v1"),
        ("https://API.loopreturns.com:443/api/v1", "https://api.loopreturns.com/api", "v1"),
        ("https://api.loopreturns.com/api/2026-10/", "https://api.loopreturns.com/api", "2026-10"),
        ("https://gate.example.test:8443/loop/api", "https://gate.example.test:8443/loop/api", "v1"),
        (" http://127.0.0.1:8080 ", "http://127.0.0.1:8080/api", "v1"),
        ("http://[::1]:8080/api/2026-07", "http://[::1]:8080/api", "2026-07"),
        ("http://localhost", "http://localhost/api", "v1"),
    ],
)
def test_an_address_is_taken_with_and_without_its_end(url: str, root: str, version: str) -> None:
    found = address(url)
    assert (found.root, found.version.segment) == (root, version)
    assert found.covers(httpx.URL(found.url("/warehouse/return/list?x=1")))


@pytest.mark.fault(119)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.loopreturns.com",
        "http://api.loopreturns.com",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
        "http://localhost.evil.example",
        "ftp://127.0.0.1",
        "https://",
        "https://user:pw@api.loopreturns.com",
        "https://api.loopreturns.com/?x=1",
        "https://api.loopreturns.com/#x",
        "https://api.loopreturns.com/api/latest",
        "https://api.loopreturns.com/api/unstable",
        "https://api.loopreturns.com:99999",
        "https://[::1",
        "file:///etc/passwd",
        "https://api.loopreturns.com\nevil",
        "http://0.0.0.0",
    ],
)
def test_an_address_that_could_leak_the_key_is_refused(url: str) -> None:
    with pytest.raises(SettingsWrong):
        address(url)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense", "file:///x"])
def test_a_proxy_of_another_kind_is_refused(proxy: str) -> None:
    with pytest.raises(SettingsWrong):
        address("https://api.loopreturns.com", proxy=proxy)


def test_a_proxys_password_is_not_shown() -> None:
    found = address(proxy="http://user:proxy-secret@proxy.example.test:3128")
    assert "proxy-secret" in found.proxy
    assert "proxy-secret" not in f"{found!r} {found}"


@pytest.mark.fault(35)
@pytest.mark.parametrize("version", ["latest", "unstable", "v2", "", "2026-10/../v1"])
def test_a_version_that_drifts_or_is_unknown_is_refused(version: str) -> None:
    with pytest.raises(SettingsWrong):
        address(version=version)
    with pytest.raises(SettingsWrong):
        version_named(version)


def test_the_versions_differ_in_what_loop_documents_and_in_nothing_else() -> None:
    old, dated, new = VERSIONS["v1"], VERSIONS["2026-07"], VERSIONS["2026-10"]
    for name in (
        "category_is_object",
        "asn_refuses_long_windows",
        "order_needs_created_at",
        "drafts_always_hal",
    ):
        assert (getattr(old, name), getattr(dated, name), getattr(new, name)) == (False, False, True)
    assert set(VERSIONS) == {"v1", "2026-07", "2026-10"}
    assert new.built_in_category("grade_a") == ("Item condition grade", "Grade A")
    assert new.built_in_category("grade_b") is None


@pytest.mark.fault(115)
@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example.test/api/v1/x",
        "http://api.loopreturns.com/api/v1/x",
        "https://api.loopreturns.com:8443/api/v1/x",
        "https://api.loopreturns.com.evil.example/api/v1/x",
    ],
)
async def test_a_request_to_any_other_host_is_stopped_at_the_wire(url: str) -> None:
    connection = ClientPair(address(), a_wire)
    client = connection.client_for("GET")
    with pytest.raises(RuleBroken, match="foreign_host"):
        await client.send(client.build_request("GET", url))
    await connection.retire()


async def test_a_path_that_would_leave_the_host_is_stopped_and_told_as_a_broken_rule() -> None:
    bench = a_bench(answer(True))
    call = Call("x", "GET", "@elsewhere.example.test/x", Nature.READ, 0)
    bench.transport._address = address("https://api.loopreturns.com")
    object.__setattr__(bench.transport._address, "root", "https://api.loopreturns.com.evil.example/api")
    with pytest.raises(RuleBroken, match="foreign_host"):
        await bench.transport.request(call)
    assert bench.seen == []


async def test_cookies_of_a_login_page_are_not_kept() -> None:
    bench = a_bench(
        httpx.Response(200, content="<html>", headers={"set-cookie": "guest=1; Path=/"}), answer(True)
    )
    with pytest.raises(AnswerLost):
        await bench.client.process(RETURN)
    await bench.client.process(RETURN)
    assert "cookie" not in bench.seen[1].headers


# What is told


async def test_the_budget_is_asked_before_each_request_and_told_of_each_429() -> None:
    bench = a_bench(text_answer(TOO_MANY, 429, **{"retry-after": "9"}), answer(True))
    with pytest.raises(Throttled) as throttled:
        await bench.client.process(RETURN)
    assert throttled.value.retry_after_seconds == 9.0
    assert (bench.budget.throttles, len(bench.budget.taken)) == (1, 1)
    await bench.client.process(RETURN)
    assert (bench.budget.throttles, len(bench.budget.taken)) == (1, 2)


@pytest.mark.parametrize("act", ["flag", "process", "cancel", "close"])
async def test_what_follows_a_look_at_the_return_leaves_soon_or_not_at_all(act: str) -> None:
    bench = a_bench(answer(True))

    async def take(priority: int) -> None:
        bench.clock.ticks += int(4 * TURN_SECONDS)

    bench.budget.take = take  # type: ignore[method-assign]
    with pytest.raises(Unreachable):
        await getattr(bench.client, act)(RETURN)
    assert bench.seen == []
    assert bench.told == []
    await bench.client.create_note(RETURN, "late, and as good as before")
    assert len(bench.seen) == 1


async def test_every_exchange_is_told_with_its_failure_or_none() -> None:
    bench = a_bench(
        answer(True),
        httpx.ConnectError("x"),
        httpx.ReadError("x"),
        answer({"errors": "Unauthorized."}, 401),
        answer({"errors": {"message": "No."}}),
        text_answer(TOO_MANY, 429),
    )
    for wanted in (None, Unreachable, AnswerLost, KeyRefused, Refused, Throttled):
        if wanted is None:
            await bench.client.flag(RETURN)
        else:
            with pytest.raises(wanted):
                await bench.client.flag(RETURN)
    assert [type(one) for one in bench.told] == [
        type(None),
        Unreachable,
        AnswerLost,
        KeyRefused,
        Refused,
        Throttled,
    ]


async def test_a_listener_with_a_fault_does_not_change_what_became_of_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    bench = a_bench(answer(True))

    def stumble(_failure: ApiError | None) -> None:
        raise ZeroDivisionError

    bench.transport.on_exchange(stumble)
    assert (await bench.client.process(RETURN)).http_status == 200
    assert "listener_failed" in caplog.text


@pytest.mark.fault(88)
async def test_the_servers_time_is_told_from_loops_own_answers_alone() -> None:
    told: list[datetime] = []
    date = "Fri, 20 Nov 2026 12:00:42 GMT"
    bench = a_bench(
        answer(True, date=date),
        text_answer("<html>", date=date),
        answer({}, 502, date=date),
        answer(True, date="nonsense"),
        answer({"errors": {"message": "No."}}, date=date),
    )
    bench.transport.on_server_date(told.append)
    for _ in range(5):
        try:
            await bench.client.process(RETURN)
        except ApiError:
            continue
    assert told == [datetime(2026, 11, 20, 12, 0, 42, tzinfo=UTC)] * 2


async def test_how_long_the_last_answer_took_is_known() -> None:
    bench = a_bench(answer(True))
    assert bench.transport.last_seconds == 0.0
    sent = await bench.client.process(RETURN)
    assert sent.seconds == bench.transport.last_seconds == 0.5


@pytest.mark.fault(120)
async def test_one_line_a_request_holds_no_person_and_no_body(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="loopdesk.api")
    body = stored_answers("details_return")[0]
    bench = a_bench(body, answer(True), httpx.ConnectError("x"), answer({"errors": {"message": "No pat@x."}}))
    await bench.client.details_by_order_name("PAT-DOE-20417")
    await bench.client.create_note(RETURN, "secret words")
    with pytest.raises(Unreachable):
        await bench.client.process(RETURN)
    with pytest.raises(Refused):
        await bench.client.process(RETURN)
    where = f"/v1/warehouse/return/{RETURN}"
    assert [record.getMessage() for record in caplog.records] == [
        "request method=GET path=/v1/warehouse/return/details status=200 seconds=0.500 class=ok",
        f"request method=POST path={where}/note status=200 seconds=0.500 class=ok",
        f"request method=POST path={where}/process status=- seconds=0.250 class=unreachable",
        f"request method=POST path={where}/process status=200 seconds=0.500 class=refused",
    ]


@pytest.mark.fault(125)
async def test_the_libraries_below_stay_quiet_whatever_level_was_set(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "httpcore.proxy")
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger("httpcore.http11").setLevel(logging.ERROR)
    bench = a_bench(answer(True))
    await bench.client.process(RETURN)
    assert all(logging.getLogger(name).level >= logging.WARNING for name in names)
    assert logging.getLogger("httpcore.http11").level == logging.ERROR
    assert not [record for record in caplog.records if record.name.startswith("http")]
    quiet_libraries()


# What is proven


async def tracing(*events: tuple[str, bytes]) -> SendTrace:
    """Make a trace that saw these events."""
    trace = SendTrace()
    for event, method in events:
        await trace(
            event,
            {"request": httpx.Request(method.decode(), "http://x/")}
            if not method
            else {"request": _Request(method)},
        )
    return trace


class _Request:
    def __init__(self, method: bytes) -> None:
        self.method = method


CONNECTING = ("connection.connect_tcp.started", b"POST")
TUNNEL = ("http11.send_request_headers.started", b"CONNECT")
SENDING = ("http11.send_request_headers.started", b"POST")
SENDING_2 = ("http2.send_request_headers.started", b"POST")


@pytest.mark.parametrize(
    "error",
    [httpx.ConnectError("x"), httpx.ConnectTimeout("x"), httpx.PoolTimeout("x"), httpx.ProxyError("x")],
)
async def test_a_failure_of_connecting_is_unsent_unless_the_header_had_begun(error: Exception) -> None:
    key = ApiKey(KEY)
    for events in ((), (CONNECTING,), (CONNECTING, TUNNEL)):
        assert isinstance(failure_of(error, await tracing(*events), key), Unreachable)
    for sending in (SENDING, SENDING_2):
        assert isinstance(failure_of(error, await tracing(CONNECTING, sending), key), AnswerLost)


@pytest.mark.parametrize(
    "error",
    [
        httpx.ReadError("x"),
        httpx.ReadTimeout("x"),
        httpx.WriteError("x"),
        httpx.WriteTimeout("x"),
        httpx.CloseError("x"),
        httpx.RemoteProtocolError("x"),
        httpx.LocalProtocolError("x"),
        httpx.UnsupportedProtocol("x"),
        httpx.DecodingError("x"),
        httpx.TooManyRedirects("x"),
        httpx.InvalidURL("x"),
        OSError("x"),
        RuntimeError("x"),
        ValueError("x"),
        RecursionError("x"),
        MemoryError("x"),
    ],
)
async def test_any_other_failure_may_have_happened_even_if_nothing_was_seen_to_leave(
    error: Exception,
) -> None:
    for events in ((), (CONNECTING,), (SENDING,)):
        assert isinstance(failure_of(error, await tracing(*events), ApiKey(KEY)), AnswerLost)


async def test_a_deadline_is_unsent_only_where_the_wire_reports_what_it_does() -> None:
    key = ApiKey(KEY)
    assert isinstance(failure_of(TimeoutError(), await tracing(), key), AnswerLost)
    assert isinstance(failure_of(TimeoutError(), await tracing(CONNECTING, SENDING), key), AnswerLost)
    assert isinstance(failure_of(TimeoutError(), await tracing(CONNECTING), key), Unreachable)


async def test_a_deadline_replaces_the_clients() -> None:
    async def hang(request: httpx.Request) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError

    bench = a_bench(hang, answer(True), deadline_seconds=0.05)
    with pytest.raises(AnswerLost, match="deadline"):
        await bench.client.process(RETURN)
    assert bench.transport._connection is None
    assert (await bench.client.process(RETURN)).http_status == 200


async def test_a_full_pool_replaces_the_clients_and_other_failures_do_not() -> None:
    bench = a_bench(answer(True), httpx.ReadError("x"), httpx.PoolTimeout("x"))
    await bench.client.process(RETURN)
    first = bench.transport._connection
    with pytest.raises(AnswerLost):
        await bench.client.process(RETURN)
    assert bench.transport._connection is first
    with pytest.raises(Unreachable):
        await bench.client.process(RETURN)
    assert bench.transport._connection is None


async def test_nothing_is_ever_sent_twice() -> None:
    for broken in (httpx.ConnectError("x"), httpx.ReadError("x"), answer({}, 503), text_answer("", 429)):
        bench = a_bench(broken)
        for call in (bench.client.process(RETURN), bench.client.details(RETURN)):
            with pytest.raises(ApiError):
                await call
        assert len(bench.seen) == 2


def test_a_transport_is_not_set_up_with_a_wrong_address() -> None:
    with pytest.raises(SettingsWrong):
        Transport(clock=TickingClock(), budget=OpenBudget(), base_url="http://api.loopreturns.com")


async def test_a_wrong_address_leaves_the_old_one_in_use() -> None:
    bench: Bench = a_bench(answer(True))
    with pytest.raises(SettingsWrong):
        await bench.transport.set_base("http://api.loopreturns.com")
    await bench.client.process(RETURN)
    assert bench.seen[0].headers["host"] == "api.loopreturns.com"


async def test_a_length_that_does_not_fit_is_a_cut_answer() -> None:
    for length in ("99", "3"):
        bench = a_bench(
            lambda request, length=length: httpx.Response(
                200, stream=_Stream(), headers={"content-length": length}
            )
        )
        with pytest.raises(AnswerLost, match="cut_off"):
            await bench.client.process(RETURN)


class _Stream(httpx.AsyncByteStream):
    async def __aiter__(self) -> Any:
        yield b"true"
