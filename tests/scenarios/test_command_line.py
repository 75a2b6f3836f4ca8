"""The commands without a window: their output and exit codes."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import sys
import time
import urllib.request
from datetime import datetime
from pathlib import Path

import apsw
import pytest

from loopdesk.domain.outbox.stages import Stage
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.host.paths import Profile
from loopdesk.system.host.single import ProfileLock
from tests.scenarios.command import Commands
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
OTHER = SAMPLES["warranty"]
SHARED = SAMPLES["shared_first"]
UNKNOWN = ups(9_999_991)
ENTRY_KEYS = [
    "entry_id",
    "return_id",
    "kind",
    "stage",
    "attempts",
    "decided_at",
    "due_at",
    "last_error",
    "last_error_value",
]


@pytest.fixture
def commands(desk: Desk, shop: SimulatorThread) -> Commands:
    """Return the command line of the same desk."""
    return Commands(desk.folder, f"{shop.url}/api", shop.key)


def _keep_offline(desk: Desk, shop: SimulatorThread) -> None:
    """Settle a parcel while Loop cannot be reached, and leave."""

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        shop.fault("offline")
        await desk.press("1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.READY)

    desk.play(body)
    shop.loop.faults.clear()


# --- lookup -----------------------------------------------------------------------------------------


def test_lookup_asks_loop_and_says_what_a_code_is(commands: Commands, shop: SimulatorThread) -> None:
    ran = commands.run("lookup", PARCEL.return_id, "--json")
    assert ran.code == 0, ran.err
    (record,) = ran.json
    assert list(record) == ["code", "rule", "hint", "candidates"]
    assert record["code"] == PARCEL.return_id
    assert record["rule"]
    assert record["hint"] is None
    expected = {"return_id": PARCEL.return_id, "order_name": PARCEL.order_name, "state": "open"}
    assert record["candidates"] == [expected]
    assert list(record["candidates"][0]) == ["return_id", "order_name", "state"]
    assert len(shop.requests("POST")) == 0


def test_lookup_takes_several_codes_and_answers_in_their_order(commands: Commands) -> None:
    codes = [f"42090210{PARCEL.tracking_number}", SHARED.tracking_number or "", "42090210", "LDCMDGRADEA"]
    ran = commands.run("lookup", "--json", *codes)
    assert ran.code == 1, "the last two stand for no return"
    found = ran.json
    assert [record["code"] for record in found] == codes
    assert [x["return_id"] for x in found[0]["candidates"]] == [PARCEL.return_id]
    together = {SHARED.return_id, SAMPLES["shared_second"].return_id}
    assert {x["return_id"] for x in found[1]["candidates"]} == together
    assert found[2]["candidates"] == []
    assert "postcode" in found[2]["hint"]
    assert (found[3]["rule"], found[3]["candidates"]) == ("command code", [])


def test_lookup_of_what_nobody_knows_needs_attention(commands: Commands) -> None:
    ran = commands.run("lookup", UNKNOWN)
    assert ran.code == 1
    assert UNKNOWN in ran.out
    assert "no return found" in ran.out


def test_lookup_offline_looks_into_the_store_only(commands: Commands, shop: SimulatorThread) -> None:
    assert commands.run("lookup", "--offline", PARCEL.return_id).code == 1
    assert shop.requests() == []
    assert commands.run("sync", "--once").code == 0
    asked = len(shop.requests())
    ran = commands.run("lookup", "--offline", PARCEL.tracking_number or "")
    assert ran.code == 0
    assert PARCEL.order_name in ran.out
    assert PARCEL.return_id in ran.out
    assert len(shop.requests()) == asked


def test_lookup_says_in_words_that_loop_cannot_be_reached(commands: Commands, shop: SimulatorThread) -> None:
    shop.fault("offline")
    ran = commands.run("lookup", PARCEL.return_id, "--json")
    assert ran.code == 1
    assert ran.json[0]["candidates"] == []
    assert "Loop" in ran.err
    assert "Traceback" not in ran.err


# --- queue ------------------------------------------------------------------------------------------


def test_an_empty_queue_is_an_empty_list(commands: Commands) -> None:
    ran = commands.run("queue", "--json")
    assert (ran.code, ran.json, ran.err) == (0, [], "")
    assert commands.run("queue").out.strip() == "The queue is empty."


def test_queue_lists_what_is_kept_with_fixed_keys(
    commands: Commands, desk: Desk, shop: SimulatorThread
) -> None:
    _keep_offline(desk, shop)
    ran = commands.run("queue", "--json")
    assert ran.code == 0, ran.err
    entries = ran.json
    assert [list(entry) for entry in entries] == [ENTRY_KEYS] * 3
    assert [entry["kind"] for entry in entries] == ["grade", "assess", "process"]
    assert {(entry["return_id"], entry["stage"]) for entry in entries} == {(PARCEL.return_id, "ready")}
    assert len({entry["entry_id"] for entry in entries}) == 3
    for entry in entries:
        assert isinstance(entry["attempts"], int)
        assert datetime.fromisoformat(entry["decided_at"]).tzinfo is not None
        assert entry["due_at"] is None or datetime.fromisoformat(entry["due_at"]).tzinfo is not None
        assert entry["last_error"] is None or isinstance(entry["last_error"], str)
    assert len(commands.run("queue", "--json", "--stage", "ready").json) == 3
    assert commands.run("queue", "--json", "--stage", "held").json == []
    assert commands.run("queue").out.count(PARCEL.return_id) == 3


def test_a_parked_entry_makes_the_queue_need_attention(
    commands: Commands, desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        shop.fault("answer", method="POST", path="/process$", status=422, executed=False)
        await desk.press("1", "F12")
        await desk.until_lane(PARCEL.return_id, Stage.DONE, Stage.PARKED)

    desk.play(body)
    ran = commands.run("queue", "--json")
    assert ran.code == 1
    (parked,) = [entry for entry in ran.json if entry["stage"] == "parked"]
    assert parked["kind"] == "process"
    assert parked["last_error"]
    assert commands.run("queue", "--json", "--stage", "done").code == 0


def test_the_queue_is_read_while_the_window_works(
    commands: Commands, desk: Desk, shop: SimulatorThread
) -> None:
    seen: list[list[str]] = []

    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("1", "F12")
        ran = await asyncio.to_thread(commands.run, "queue", "--json")
        seen.append([entry["stage"] for entry in ran.json])
        await desk.press("F10")
        await desk.until_lane(PARCEL.return_id, Stage.WITHDRAWN)
        await desk.press("F12")

    desk.play(body, LOOPDESK_HOLD_SECONDS="60")
    assert seen == [["held", "held", "held"]]


def test_queue_needs_neither_qt_nor_http(commands: Commands) -> None:
    ran = commands.run_python(
        "import sys\n"
        "from loopdesk.cli import main\n"
        "code = main(['queue', '--json'])\n"
        "heavy = ('PySide6', 'shiboken6', 'qasync', 'httpx', 'starlette', 'keyring')\n"
        "sys.stderr.write(','.join(sorted({m.split('.')[0] for m in sys.modules} & set(heavy))))\n"
        "sys.exit(code)"
    )
    assert (ran.code, ran.json, ran.err) == (0, [], "")


# --- sync -------------------------------------------------------------------------------------------


def test_sync_once_drains_the_queue_and_reads_it_back(
    commands: Commands, desk: Desk, shop: SimulatorThread
) -> None:
    _keep_offline(desk, shop)
    assert shop.truth(PARCEL.return_id)["processings"] == 0
    ran = commands.run(
        "sync", "--once", LOOPDESK_STATIONS="40"
    )  # a fortieth of the budget would take minutes
    assert ran.code == 0, ran.err
    truth = shop.truth(PARCEL.return_id)
    assert (truth["state"], truth["processings"]) == ("closed", 1)
    assert {entry["stage"] for entry in commands.run("queue", "--json").json} == {"done"}
    assert commands.run("sync", "--once").code == 0
    assert shop.truth(PARCEL.return_id)["processings"] == 1


def test_sync_once_without_a_network_needs_attention_and_keeps_everything(
    commands: Commands, desk: Desk, shop: SimulatorThread
) -> None:
    _keep_offline(desk, shop)
    shop.fault("offline")
    ran = commands.run("sync", "--once")
    assert ran.code == 1
    assert ran.out == ""
    assert ran.err.startswith("loopdesk: Loop's answer did not arrive.")
    assert "left in the queue: " in ran.err
    assert {entry["stage"] for entry in commands.run("queue", "--json").json} == {"ready"}


def test_sync_once_says_that_the_key_is_refused(commands: Commands, shop: SimulatorThread) -> None:
    shop.fault("refuse_key")
    ran = commands.run("sync", "--once")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("loopdesk: Loop does not accept the API key.")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can take")
def test_sync_runs_until_it_is_told_to_end(commands: Commands, shop: SimulatorThread) -> None:
    running = commands.start("sync")
    with running:
        try:
            _wait_for_request(shop, "/return/list")
            running.send_signal(signal.SIGTERM)
            out, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert (running.returncode, out) == (0, ""), err


def _wait_for_request(shop: SimulatorThread, path: str) -> None:
    end = time.monotonic() + 60
    while not shop.requests("GET", path):
        assert time.monotonic() < end, f"no request for {path}"
        time.sleep(0.02)


# --- doctor -----------------------------------------------------------------------------------------


def test_doctor_says_what_was_found_and_what_to_do(commands: Commands) -> None:
    ran = commands.run("doctor", "--json")
    checks = ran.json
    assert all(list(check) == ["name", "status", "found", "advice"] for check in checks)
    assert {check["status"] for check in checks} <= {"ok", "warning", "failed"}
    assert len({check["name"] for check in checks}) == len(checks) >= 8
    assert all(check["advice"] for check in checks if check["status"] != "ok")
    failed = [check["name"] for check in checks if check["status"] == "failed"]
    assert ran.code == (1 if failed else 0), failed
    text = commands.run("doctor").out.casefold()
    assert all(check["name"] in text for check in checks)


def test_doctor_speaks_the_language_that_is_set_and_to_machines_always_the_same(commands: Commands) -> None:
    plain, german = commands.run("doctor", "--json"), commands.run("doctor", "--json", LOOPDESK_LANGUAGE="de")
    named = [[(check["name"], check["status"]) for check in ran.json] for ran in (plain, german)]
    assert named[0] == named[1]
    assert {check["found"] for check in german.json} >= {"Loop answers and takes the key", "no device"}
    said = commands.run("doctor", LOOPDESK_LANGUAGE="de").out
    assert "Loop antwortet und nimmt den Schlüssel an" in said
    assert "Loop answers" not in said
    assert "Loop answers and takes the key" in commands.run("doctor").out


def test_doctor_finds_a_refused_key(commands: Commands) -> None:
    ran = commands.run("doctor", "--json", LOOPDESK_API_KEY="not-the-right-key")
    assert ran.code == 1
    failed = [check for check in ran.json if check["status"] == "failed"]
    assert any("key" in f"{check['name']} {check['found']}".casefold() for check in failed)
    assert "not-the-right-key" not in ran.out + ran.err


# --- simulate ---------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can take")
def test_simulate_serves_until_it_is_told_to_end(commands: Commands) -> None:
    running = commands.start("simulate", "--port", "0", "--seed", "3", "--returns", "5")
    with running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            found = re.match(r"(http://127\.0\.0\.1:\d+) X-Authorization: (\S+)$", line.strip())
            assert found is not None, line
            asked = urllib.request.Request(
                f"{found[1]}/api/v1/warehouse/return/details?return_id={PARCEL.return_id}",
                headers={"X-Authorization": found[2]},
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                assert answer.status == 200
                assert PARCEL.order_name.encode() in answer.read()
            running.send_signal(signal.SIGTERM)
            _, err = running.communicate(timeout=30)
        finally:
            running.kill()
    assert (running.returncode, err) == (0, "")


def test_simulate_says_in_words_that_its_port_is_taken(commands: Commands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = commands.run("simulate", "--port", str(taken.getsockname()[1]))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("loopdesk: The port cannot be used")


# --- exit codes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["lookup"],
        ["queue", "--stage", "nonsense"],
        ["--no-such"],
        ["nonsense"],
        ["simulate", "--port", "x"],
        ["simulate", "--port", "65536"],
        ["simulate", "--returns", "-4"],
    ],
)
def test_wrong_usage_ends_with_2(commands: Commands, arguments: list[str]) -> None:
    ran = commands.run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("usage: loopdesk")


@pytest.mark.fault(76)
def test_sync_beside_another_copy_ends_with_3(commands: Commands, desk: Desk) -> None:
    profile = Profile(desk.folder)
    profile.create()
    with ProfileLock(profile):
        ran = commands.run("sync", "--once")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("loopdesk: ")
    assert "Traceback" not in ran.err
    assert commands.run("sync", "--once").code == 0


@pytest.mark.fault(118)
@pytest.mark.parametrize(
    ("text", "line", "key"),
    [
        ("hold_seconds = 8\n\n[station]\nstations = 'many'\n", 4, "station.stations"),
        ("sync_seconds = 300\nhold_second = 9\n", 2, "hold_second"),
        ("[api]\nurl = 'http://loop.example.com'\n", 2, "api.url"),
        ("hold_seconds = \n", 1, ""),
    ],
)
def test_a_wrong_settings_file_ends_with_4_and_names_the_place(
    commands: Commands, desk: Desk, text: str, line: int, key: str
) -> None:
    desk.folder.mkdir()
    file = desk.folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    commands.environ.pop("LOOPDESK_API_URL")
    ran = commands.run("queue", "--json")
    assert (ran.code, ran.out) == (4, ""), ran.err
    assert f"{file}:{line}" in ran.err or (str(file) in ran.err and f"line {line}" in ran.err), ran.err
    assert key in ran.err
    assert "Traceback" not in ran.err


def test_a_wrong_environment_ends_with_4_and_names_the_variable(commands: Commands) -> None:
    ran = commands.run("queue", LOOPDESK_HOLD_SECONDS="soon")
    assert (ran.code, ran.out) == (4, "")
    assert "LOOPDESK_HOLD_SECONDS" in ran.err or "hold_seconds" in ran.err


@pytest.mark.fault(139)
def test_a_store_newer_than_the_program_ends_with_5(commands: Commands, desk: Desk) -> None:
    assert commands.run("queue").code == 0
    file = _store_file(desk.folder)
    connection = apsw.Connection(str(file))
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    before = file.read_bytes()
    for command in (["queue", "--json"], ["lookup", "--offline", "1"], ["sync", "--once"], ["doctor"]):
        ran = commands.run(*command)
        assert (ran.code, ran.out) == (5, ""), command
        assert "newer" in ran.err
        assert "Traceback" not in ran.err
    assert file.read_bytes() == before, "a newer file is left as it is"


def _store_file(folder: Path) -> Path:
    (file,) = [path for path in folder.rglob("*") if path.suffix in (".db", ".sqlite", ".sqlite3")]
    return file


# --- key --------------------------------------------------------------------------------------------


def test_key_set_without_a_usable_key_store_keeps_nothing_and_says_so(commands: Commands) -> None:
    ran = commands.run("key", "set")  # standard input is empty
    assert ran.code == 2
    assert "Nothing was kept." in ran.err
    ran = commands.run("key", "check")
    assert ran.code == 1
    assert "key store" in ran.err
    assert commands.run("key").code == 2


# --- restore ----------------------------------------------------------------------------------------


def test_restore_refuses_what_is_no_back_up_and_changes_nothing(commands: Commands, desk: Desk) -> None:
    assert commands.run("queue").code == 0  # makes the store
    store = _store_file(desk.folder)
    before = store.read_bytes()
    ran = commands.run("restore", str(desk.folder / "nowhere.db"))
    assert ran.code == 5
    assert "The back-up cannot be used." in ran.err
    assert store.read_bytes() == before


def test_restore_waits_until_the_program_is_closed(commands: Commands, desk: Desk) -> None:
    profile = Profile(desk.folder)
    profile.create()
    with ProfileLock(profile):
        assert commands.run("restore", "any.db").code == 3
