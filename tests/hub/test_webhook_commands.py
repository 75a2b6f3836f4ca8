"""``loopdesk hub webhooks``, as IT types it, against the simulated Loop."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.registering import DOCK_TOPICS
from loopdesk.simulator.truth import ShopKey
from tests.hub.test_commands import It
from tests.simulator_thread import SimulatorThread

URL = "https://hub.example.com"
EVENTS = [trigger for topic in DOCK_TOPICS for trigger in TRIGGERS[topic]]


@pytest.fixture
def loop() -> Iterator[SimulatorThread]:
    """Loop."""
    with SimulatorThread() as simulator:
        yield simulator


@pytest.fixture
def it(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    empty_hub_url: str,
    loop: SimulatorThread,
    monkeypatch: pytest.MonkeyPatch,
) -> It:
    """IT of a hub with one shop, which has its key."""
    file = tmp_path / "etc" / "hub.toml"
    made = It(file, capsys)
    assert made.types("init", "--database", empty_hub_url, "--site", "North", "--address", URL) == 0, (
        made.said
    )
    file.write_text(f'{file.read_text("utf-8")}\n[loop]\nurl = "{loop.url}"\n', "utf-8")
    assert made.types("shop", "add", "north", "North") == 0, made.said
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{loop.key}\n"))
    assert made.types("shop", "key", "north") == 0, made.said
    return made


def give(it: It, monkeypatch: pytest.MonkeyPatch, secret: str, *more: str) -> int:
    """Give a secret by standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    return it.types("webhooks", "secret", "--shop", "north", *more)


def test_install_sets_up_one_for_each_event_and_asks_for_the_secrets(it: It, loop: SimulatorThread) -> None:
    assert it.types("webhooks", "install", "--shop", "north", "--url", URL) == 1, "the secrets are not known"
    made = {(each.topic, each.trigger, each.url, each.status) for each in loop.loop.subscriptions}
    assert made == {
        (topic, trigger, f"{URL}/webhooks/loop/north/{topic}", "active")
        for topic in DOCK_TOPICS
        for trigger in TRIGGERS[topic]
    }
    assert "loopdesk hub webhooks secret --shop north --topic return.processing" in it.said
    it.types("webhooks", "install", "--shop", "north", "--url", f"{URL}/")
    assert len(loop.loop.subscriptions) == len(EVENTS), "a second time makes none twice"
    assert it.types("webhooks", "list", "--shop", "north") == 0
    assert all(trigger in it.said for trigger in EVENTS)


def test_what_somebody_switched_off_is_switched_on_again(it: It, loop: SimulatorThread) -> None:
    loop.loop.settings.change(webhook_tells_secret=True)
    assert it.types("webhooks", "install", "--shop", "north") == 0, it.said
    loop.loop.subscriptions[0].status = "inactive"
    assert it.types("webhooks", "check", "--shop", "north") == 1
    assert "INACTIVE at Loop" in it.said
    assert it.types("webhooks", "install", "--shop", "north") == 0, it.said
    assert loop.loop.subscriptions[0].status == "active"
    assert it.types("webhooks", "check", "--shop", "north") == 0, it.said
    assert "No webhook has arrived" in it.said
    assert not any(each.secret in it.said for each in loop.loop.subscriptions)


def test_one_event_that_loop_refuses_does_not_keep_the_others_away(it: It, loop: SimulatorThread) -> None:
    loop.loop.settings.change(webhook_knows_processing=False)
    assert it.types("webhooks", "install", "--shop", "north") == 1
    assert len(loop.loop.subscriptions) == len(EVENTS) - 1
    assert "Loop refuses this webhook:" in it.said
    assert "Must be one of the following values:return," in it.said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hub.example.com", "https"),
        ("hub.example.com", "not how Loop can reach"),
        ("ftp://hub.example.com", "not how Loop can reach"),
    ],
)
def test_an_address_that_loop_cannot_or_shall_not_use_is_refused(
    it: It, loop: SimulatorThread, url: str, said: str
) -> None:
    assert it.types("webhooks", "install", "--shop", "north", "--url", url) == 1
    assert said in it.said
    assert loop.loop.subscriptions == []


def test_a_key_without_the_scope_is_told_with_the_scope(it: It, loop: SimulatorThread) -> None:
    loop.loop.keys[:] = [ShopKey("dock", loop.key, frozenset({"returns"}))]
    assert it.types("webhooks", "install", "--shop", "north") == 1
    assert "Developer Tools" in it.said
    assert loop.key not in it.said


def test_secrets_are_given_by_standard_input_and_never_shown(
    it: It, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert give(it, monkeypatch, "whsec-canary", "--topic", "return") == 0, it.said
    assert "whsec-canary" not in it.said
    assert give(it, monkeypatch, "two words", "--topic", "return") == 1
    assert give(it, monkeypatch, "", "--topic", "return") == 1
    assert give(it, monkeypatch, "x", "--topic", "return", "--trigger", "label.created") == 1
    assert "no such trigger" in it.said
    monkeypatch.setattr("sys.stdin", io.StringIO("x\n"))
    assert it.types("webhooks", "secret", "--shop", "south", "--topic", "return") == 1
    assert "no shop south" in it.said


def test_without_the_encryption_key_no_secret_is_kept(
    it: It, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "etc" / "hub.key").unlink()
    assert give(it, monkeypatch, "whsec-canary", "--topic", "return") == 1
    assert "encryption key" in it.said
