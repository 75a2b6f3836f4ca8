"""Nothing that a hub writes holds anybody's data or a secret, whatever is asked and whatever goes wrong."""

from __future__ import annotations

import ast
import asyncio
import base64
import hashlib
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import psycopg
import pytest

from loopdesk.domain.operators import Role
from loopdesk.hub.commands.working import working
from loopdesk.hub.logs import JsonLines, failure_told
from loopdesk.hub.settings import HubSettings
from loopdesk.hub.sharing.people import HubPeople
from loopdesk.hub.shops.sealing import new_key_text
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.secret_book import keep_secret
from tests.hub.ledger_rig import rows_of
from tests.hub.planted import (
    BADGE,
    GIVEN,
    IT_TOKEN,
    LOOP_KEY,
    PASSWORD,
    PERSONAL,
    WEBHOOK_SECRET,
    found_in,
    without,
)
from tests.hub.planted_traffic import SHOP, Traffic, break_database, planted_loop
from tests.hub.test_commands import It
from tests.rooms import HOUSE
from tests.simulator_thread import SimulatorThread

SECONDS: Final = 60
EVENTS: Final = {
    "audit_refused",
    "audit_run",
    "fault",
    "foreign",
    "read",
    "request",
    "rows_unreadable",
    "seen_unread",
    "started",
    "stopped",
    "sync_failed",
    "throttled",
    "unwritten",
    "unwritten_line",
    "webhook_put_off",
}
"""What stands in the log of the whole traffic: what went wrong went wrong."""


@dataclass(slots=True)
class Planted:
    """A hub with planted words, before Loop.

    Attributes:
        settings: Its settings file.
        secrets: All that opens something, by what it is.
        tokens: Of a bench, and of one that was revoked.
        join_secret: Of a code that nobody has used.
        people: Every planted word of a person, and what tells a badge.
    """

    settings: Path
    url: str
    loop: SimulatorThread
    secrets: dict[str, str]
    tokens: tuple[str, str]
    join_secret: str
    people: dict[str, str] = field(default_factory=lambda: dict(PERSONAL))

    @property
    def words(self) -> dict[str, str]:
        """All of them."""
        return {**self.people, **self.secrets}


@pytest.fixture
def planted(hub_url: str, tmp_path: Path) -> Iterator[Planted]:
    with planted_loop() as loop:
        yield asyncio.run(_plant(hub_url, tmp_path, loop))


async def _plant(url: str, folder: Path, loop: SimulatorThread) -> Planted:
    key, file = new_key_text(), folder / "hub.key"
    file.touch(mode=0o600)
    file.write_text(key, "ascii")
    settings = HubSettings.model_validate(
        {
            "database": {"url": url.replace("postgres@", f"postgres:{PASSWORD}@")},
            "http": {"port": 0, "it_token_sha256": _sha(IT_TOKEN), "address": "http://127.0.0.1:1"},
            "keys": {"file": file},
            "loop": {"url": loop.url},
            "index": {"seconds": 0.2},
        }
    )
    toml = folder / "hub.toml"
    tables = json.loads(settings.model_dump_json(exclude_none=True, exclude_defaults=True))
    lines = [f"[{name}]\n" + "".join(_lines(table)) for name, table in tables.items()]
    toml.write_text("".join(lines), "utf-8")
    async with working(settings) as works:
        await works.shops.add(SHOP, "Acme", "#336699")
        await works.shops.give_key(SHOP, LOOP_KEY)
        for topic in TRIGGERS:
            await keep_secret(works.database, works.sealing, SHOP, topic, "", WEBHOOK_SECRET)
        people = HubPeople(works.database, works.sealing, ring=lambda: None)
        await people.add(PERSONAL["person"], Role.LEAD, PERSONAL["person's e-mail"])
        await people.give_badge(PERSONAL["person"], BADGE)
        [badge] = [person.badge for person, _at in await people.all()]
        tokens = []
        for name in (PERSONAL["bench's name"], f"{PERSONAL['person']}'s old one"):
            joined = await works.benches.join(await works.benches.add(name))
            assert not isinstance(joined, str)
            tokens.append(joined.token)
        await works.benches.revoke(f"{PERSONAL['person']}'s old one")
        secret = (await works.benches.add("Dock 2")).hex()
    drawn = {"encryption key": key, "token": tokens[0], "revoked token": tokens[1], "join code": secret}
    found = Planted(toml, url, loop, {**GIVEN, **drawn}, (tokens[0], tokens[1]), secret)
    found.people["hash of a badge"] = badge.hex()
    with psycopg.connect(url, autocommit=True) as connection:  # so that nobody waits for a turn at Loop
        connection.execute(
            "INSERT INTO budget_bucket (shop_id, tokens, counted_at, per_second, burst, slow_seconds)"
            " VALUES (%s, 1e6, clock_timestamp(), 1e6, 1e6, 0.1)",
            (SHOP,),
        )
    return found


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(table: Mapping[str, object]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{name} = {json.dumps(value)}\n"


@dataclass
class Loud:
    """A hub's process, and what it wrote.

    Attributes:
        told, said: Standard error and output.
        raw: What it would have logged by a plain formatter.
    """

    url: str
    folder: Path

    @property
    def told(self) -> bytes:
        """Standard error."""
        return (self.folder / "stderr").read_bytes()

    @property
    def said(self) -> bytes:
        """Standard output."""
        return (self.folder / "stdout").read_bytes()

    @property
    def raw(self) -> bytes:
        """The plain log."""
        return (self.folder / "raw").read_bytes()

    def events(self) -> set[str]:
        """Return which events were logged; every whole line is one."""
        whole = self.told.rpartition(b"\n")[0]
        return {json.loads(line)["event"] for line in whole.decode().splitlines()}

    def until(self, events: set[str]) -> None:
        """Wait until all of these were logged."""
        ends = time.monotonic() + SECONDS
        while not events <= self.events():
            assert time.monotonic() < ends, f"not logged: {sorted(events - self.events())}"
            time.sleep(0.05)


@contextmanager
def _loud(planted: Planted, folder: Path, *, leaks: bool = False) -> Iterator[Loud]:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.hub.loud_process", str(folder / "raw"), PERSONAL["library"]]
    command += [str(int(leaks)), str(planted.settings)]
    environment = os.environ | {"PYTHONASYNCIODEBUG": "1", "PYTHONWARNINGS": "default"}
    with (
        (folder / "stdout").open("wb") as said,
        (folder / "stderr").open("wb") as told,
        subprocess.Popen(command, cwd=HOUSE.parent, env=environment, stdout=said, stderr=told) as process,
    ):
        loud = Loud("", folder)
        try:
            while not loud.said.endswith(b"\n"):
                assert process.poll() is None, loud.told.decode()
                time.sleep(0.02)
            loud.url = loud.said.decode().strip()
            yield loud
        finally:
            process.terminate()
            process.wait(SECONDS)


def _own_refusals(answers: list[httpx.Response]) -> list[httpx.Response]:
    """Return the answers in which the hub says itself what is wrong, and no more than that: a bench whose
    draft is not kept is told, besides, what the hub has instead.
    """
    told = [each for each in answers if each.status_code >= 400 and each.content.startswith(b'{"error":')]
    return [each for each in told if set(each.json()) == {"error"}]


def _whole(answer: httpx.Response) -> bytes:
    return repr(answer.headers.raw).encode() + answer.content


def test_nothing_planted_stands_in_what_a_hub_writes(
    planted: Planted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    break_database(planted.url)
    with _loud(planted, tmp_path / "loud") as hub:
        traffic = Traffic(hub.url, planted.loop, *planted.tokens, planted.join_secret)
        asyncio.run(traffic.run())
        hub.until(EVENTS - {"stopped"})
        measures = asyncio.run(traffic.measures())
    assert hub.events() >= EVENTS
    assert found_in(hub.told + hub.said, planted.words) == []
    assert found_in(_whole(measures), planted.words) == []
    refusals = _own_refusals(traffic.answers)
    assert {each.status_code for each in refusals} >= {400, 401, 403, 404, 410, 413, 422, 500, 503}
    assert found_in(b"".join(map(_whole, refusals)), planted.words) == []
    everything = b"".join(map(_whole, traffic.answers))
    assert found_in(everything, planted.secrets) == []
    assert found_in(_dump(planted.url), planted.secrets) == []

    _type_commands(planted, It(planted.settings, capsys))

    # The same words were there to be told: libraries and exceptions say nearly all of them.
    said_by_others = found_in(hub.raw, planted.people)
    assert len(said_by_others) > len(planted.people) / 2, said_by_others
    assert set(found_in(everything + _dump(planted.url), planted.people)) >= planted.people.keys() - {
        "library",
        "webhook",
    }


def _type_commands(planted: Planted, it: It) -> None:
    """See that commands name nobody, but for those that were asked who there is."""
    names = ["bench's name", "person"]  # a bench is called after somebody
    for typed in (
        "check",
        "doctor",
        "shop list",
        f"webhooks check --shop {SHOP}",
        "audit list",
        "bench list",
    ):
        it.types(*typed.split())
        named = without(planted.words, names) if typed in ("audit list", "bench list") else planted.words
        assert found_in(it.said.encode(), named) == [], typed
    assert it.types("people", "list") == 0
    assert found_in(it.said.encode(), planted.words) == ["person", "person's e-mail"]


def test_one_careless_line_is_found(planted: Planted, tmp_path: Path) -> None:
    with _loud(planted, tmp_path / "loud", leaks=True) as hub:
        query = {"q": PERSONAL["first name"]}
        httpx.get(f"{hub.url}/hub/v1/shops", params=query, trust_env=False)
        hub.until({"asked"})
    assert found_in(hub.told, planted.words) == ["first name"]


def test_a_command_that_fails_does_not_quote_the_row(
    planted: Planted, capsys: pytest.CaptureFixture[str]
) -> None:
    break_database(planted.url)
    it = It(planted.settings, capsys)
    assert it.types("people", "add", f"{PERSONAL['first name']}!", "--email", PERSONAL["e-mail"]) == 1
    assert "CheckViolation 23514" in it.said
    assert "people.py:" in it.said
    assert found_in(it.said.encode(), planted.words) == []


@pytest.mark.parametrize(
    "form",
    [str.encode, lambda word: word.upper().encode(), lambda word: word.encode().hex().encode()]
    + [lambda word, n=n: base64.b64encode(b"x" * n + word.encode() + b"yyyy") for n in range(3)],
)
def test_words_are_found_in_other_forms(form: Callable[[str], bytes]) -> None:
    for name, word in {**PERSONAL, **GIVEN}.items():
        assert found_in(b"\n" + form(word), {name: word}) == [name]


def _failed() -> ValueError:
    """Return an exception that PostgreSQL led to, as it is when it is caught."""
    try:
        try:
            raise psycopg.errors.UniqueViolation("Key (name)=(Ann) already exists")
        except psycopg.Error:
            raise ValueError("Ann again")  # noqa: B904 - as a bug does it
    except ValueError as failure:
        return failure


def test_of_an_exception_only_what_it_is_and_where_is_told() -> None:
    told = failure_told(_failed())
    assert told.pop("places")[0].startswith("test_logs.py:")
    assert told == {"kind": "ValueError", "sqlstate": "23505", "causes": ["UniqueViolation"]}
    odd = ValueError("x")
    odd.sqlstate = "Ann Smith"  # type: ignore[attr-defined]
    odd.__cause__ = odd
    assert failure_told(odd) == {"kind": "ValueError", "causes": ["ValueError"] * 5, "places": []}


def test_of_a_library_only_where_it_spoke_is_told() -> None:
    record = logging.LogRecord("psycopg", logging.WARNING, "/x/pool.py", 7, "Ann %d", ("x",), None)
    line = json.loads(JsonLines().format(record))
    line.pop("at")
    assert line == {"level": "warning", "from": "psycopg", "event": "foreign", "place": "pool.py:7"}
    # A name that only begins like the program's is a library's too
    assert "foreign" in JsonLines().format(logging.LogRecord("loopdesking", 30, "y", 1, "Ann", (), None))


_SAYS: Final = frozenset({"str", "repr", "reason", "format"})
_SAID: Final = frozenset({"detail", "args", "diag"})


def _quoting(source: str) -> tuple[int, list[int]]:
    """Return how many lines of a log there are, and those that may hold what an exception says: it is
    written out, or made into a text.
    """
    tree = ast.parse(source)
    caught = {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler)}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _is_line(node)]
    return len(calls), [call.lineno for call in calls if any(_quotes(arg, caught) for arg in call.args)]


def _is_line(call: ast.Call) -> bool:
    of = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id in ("log", "_log")


def _quotes(arg: ast.expr, caught: set[str | None]) -> bool:
    return (isinstance(arg, ast.Name) and arg.id in caught) or any(
        isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Name) and node.id in _SAYS)
        or (isinstance(node, ast.Attribute) and node.attr in _SAID)
        for node in ast.walk(arg)
    )


def test_no_line_of_the_hubs_log_quotes_an_exception() -> None:
    found = {path: _quoting(path.read_text("utf-8")) for path in sorted((HOUSE / "hub").rglob("*.py"))}
    assert sum(lines for lines, _ in found.values()) > 40
    assert {path.name: quoting for path, (_, quoting) in found.items() if quoting} == {}


@pytest.mark.parametrize("said", ['"%s", e', 'f"x {y}"', '"%s", str(y)', '"%s", y.detail', '"%s", reason(e)'])
def test_a_line_that_quotes_one_is_found(said: str) -> None:
    source = "try:\n    f()\nexcept ValueError as e:\n    log.info({})"
    assert _quoting(source.format(said)) == (1, [4])
    assert _quoting(source.format('"%s", type(e).__name__')) == (1, [])


def _dump(url: str) -> bytes:
    """Return every row of the database, as a dump without the encryption key would have it."""
    tables = rows_of(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    rows = [each for (table,) in tables for each in rows_of(url, f'SELECT t::text FROM "{table}" AS t')]
    return "\n".join(text for (text,) in rows).encode()
