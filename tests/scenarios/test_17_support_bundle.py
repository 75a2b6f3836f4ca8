"""Scenario 17: what a station sends to support says how it is, without a key, a password or a shopper."""

from __future__ import annotations

import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.domain.labels.command_codes import letters
from loopdesk.domain.outbox.stages import Stage
from loopdesk.simulator.loop import Loop
from loopdesk.simulator.samples import SAMPLES, practice_loop
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import ShopKey
from loopdesk.system.host.clock import SystemClock
from tests.scenarios.command import Commands
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

KEY = "canary-key-77c1e0b24d"
PASSWORD = "canary-proxy-password"
SITE = "canary-site-secret-4711"
OPERATOR = "Canary Operator"
SHOPPER = ("canary.shopper@mail.example.test", "Canaryfirst", "Canarylast")
DONE, KEPT = SAMPLES["single"], SAMPLES["store_credit"]


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve a shop whose key and whose shoppers are easy to find again."""
    made: Loop = practice_loop(clock=SystemClock().now, settings=Settings(processing_seconds=0.3))
    made.keys = [ShopKey("canary", KEY)]
    for sample in (DONE, KEPT):
        ret = made.get(sample.return_id)
        ret.customer_email, ret.customer_first_name, ret.customer_last_name = SHOPPER
    with SimulatorThread(made) as shop:
        shop.key = KEY
        yield shop


def _work(desk: Desk, shop: SimulatorThread) -> None:
    """Settle one return, keep another without Loop, and leave what an older version might have logged."""

    async def body() -> None:
        await desk.synced()
        await desk.open(DONE)
        await desk.press("1", "F12")
        await desk.until_lane(DONE.return_id, Stage.DONE)
        await desk.open(KEPT)
        shop.fault("offline")
        await desk.scan("LDCMDALL", "LDCMDGRADEA", "LDCMDCONFIRM")
        await desk.until_lane(KEPT.return_id, Stage.READY)

    desk.play(body, LOOPDESK_LOG_LEVEL="debug", LOOPDESK_SCANNER_SITE_SECRET=SITE)
    shop.loop.faults.clear()
    old = f"X-Authorization: {KEY} for {SHOPPER[0]} by http://user:{PASSWORD}@proxy.example:3128 {KEY}\n"
    (desk.folder / "logs" / "loopdesk.log.1").write_text(old, encoding="utf-8")


def _contents(bundle: Path) -> dict[str, str]:
    with zipfile.ZipFile(bundle) as opened:
        return {name: opened.read(name).decode("utf-8") for name in opened.namelist()}


@pytest.mark.fault(114)
def test_the_bundle_says_how_the_station_is_and_tells_no_secret(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    _work(desk, shop)
    commands = Commands(desk.folder, f"{shop.url}/api", KEY)
    bundle = tmp_path / "bundle.zip"
    ran = commands.run(
        "doctor", "--bundle", str(bundle), LOOPDESK_OPERATOR=OPERATOR, LOOPDESK_SCANNER_SITE_SECRET=SITE
    )
    assert ran.code in (0, 1), ran.err
    assert stat.S_IMODE(bundle.stat().st_mode) & 0o077 == 0

    found = _contents(bundle)
    versions, queue = json.loads(found["versions.json"]), json.loads(found["queue.json"])
    assert {"loopdesk", "python", "sqlite", "openssl", "system"} <= versions.keys()
    assert {"reachability", "store integrity"} <= {x["name"] for x in json.loads(found["doctor.json"])}
    assert queue["entries"] == sum(row["number"] for row in queue["counts"]) > 2
    assert {row["stage"] for row in queue["counts"]} >= {"done", "ready"}
    settings = json.loads(found["settings.json"])["values"]
    assert settings["station"]["name"] == "dock 1"
    assert settings["station"]["operator"] == "<name>"
    assert "scan seq=" in found["logs/loopdesk.log"]
    assert (
        found["logs/loopdesk.log.1"]
        == "X-Authorization: <key> for <email> by http://<credentials>@proxy.example:3128 <key>\n"
    )
    assert settings["scanner"]["site_secret"] == "•••••"
    secret = (desk.folder / "station-secret").read_text().strip()
    codes = [letters(word, by) for word in ("LDCMDCONFIRM", "LDCMDGRADEA") for by in (secret, SITE)]
    _tells_nothing(found, KEY, PASSWORD, OPERATOR, SITE, secret, *codes, *SHOPPER)


def test_a_password_in_the_proxys_address_stays_at_the_station(
    desk: Desk, shop: SimulatorThread, tmp_path: Path
) -> None:
    commands = Commands(desk.folder, f"{shop.url}/api", KEY)
    bundle = tmp_path / "bundle.zip"
    commands.run("doctor", "--bundle", str(bundle), LOOPDESK_API_PROXY=f"http://user:{PASSWORD}@127.0.0.1:9")
    found = _contents(bundle)
    assert json.loads(found["settings.json"])["values"]["api"]["proxy"] == "http://<credentials>@127.0.0.1:9"
    _tells_nothing(found, KEY, PASSWORD)


def test_a_bundle_that_cannot_be_written_is_said(desk: Desk, shop: SimulatorThread, tmp_path: Path) -> None:
    ran = Commands(desk.folder, f"{shop.url}/api", KEY).run(
        "doctor", "--bundle", str(tmp_path / "no" / "where.zip")
    )
    assert ran.code == 2
    assert "cannot be written" in ran.err


def _tells_nothing(found: dict[str, str], *canaries: str) -> None:
    told = [
        (name, canary)
        for name, text in found.items()
        for canary in canaries
        if canary.casefold() in text.casefold()
    ]
    assert told == []
