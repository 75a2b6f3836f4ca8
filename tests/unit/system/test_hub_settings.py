"""Settings that IT gives through the hub: which may be given, and what goes before them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import Profile
from loopdesk.system.settings.desk import SettingsDesk
from loopdesk.system.settings.file import Loaded, SettingsFile, Source
from loopdesk.system.settings.machine import POLICY_FOLDER
from loopdesk.system.settings.model import SETTINGS
from loopdesk.system.settings.pushed import PUSHABLE, checked_settings

NEVER = frozenset(
    {
        *("language", "scale", "practice", "vocabulary"),
        *("api.url", "api.version", "api.proxy"),
        *("hub.used", "hub.certificate", "hub.direct_benches"),
        *("station.name", "station.operator", "station.destination_id", "station.stations"),
        "budget.requests_per_minute",
        *("evidence.source", "evidence.camera", "evidence.camera_turned", "evidence.folder"),
        *("evidence.kind", "evidence.url", "evidence.public_url", "evidence.region"),
        *("updates.url", "updates.public_key"),
        "pictures.hosts",
        *("scanner.prefix", "scanner.suffix", "scanner.port", "scanner.baud", "scanner.site_secret"),
        *("printer.label", "printer.host", "printer.dpi"),
    }
)
"""What is decided at each computer: with whom it speaks, whom it trusts, who works there, its devices."""

FILE = Path("site.toml")


class Bench:
    """A profile that has joined a hub, and what stands in its files."""

    def __init__(self, folder: Path) -> None:
        self.profile = Profile(folder)
        self.policies: dict[str, str] = {}
        self.environ = {"LOOPDESK_MACHINE_SETTINGS": str(folder / "machine.toml")}
        self.own("")

    def own(self, text: str, *, joined: bool = True) -> None:
        hub = "[hub]\nused = true\n" if joined else ""
        self.profile.settings_file.write_text(f"{text}\n{hub}", "utf-8")

    def given(self, text: str) -> None:
        self.profile.hub_settings_file.write_text(text, "utf-8")

    def machine(self, text: str) -> None:
        (self.profile.folder / "machine.toml").write_text(text, "utf-8")

    def settings(self) -> SettingsFile:
        def registry(folder: str) -> dict[str, str]:
            return self.policies if folder == POLICY_FOLDER else {}

        return SettingsFile(self.profile, self.environ, registry=registry)

    def load(self) -> Loaded:
        return self.settings().load()

    def hold(self) -> tuple[float, Source]:
        loaded = self.load()
        return loaded.settings.hold_seconds, loaded.which_source("hold_seconds")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_of_every_setting_it_is_decided_whether_a_hub_may_give_it() -> None:
    every = {known.key for known in SETTINGS}
    assert every == PUSHABLE | NEVER
    assert not PUSHABLE & NEVER
    assert not {known.key for known in SETTINGS if known.secret} & PUSHABLE


@pytest.mark.parametrize(
    ("text", "line", "key", "why"),
    [
        ('\n[api]\nurl = "https://evil.example/api"\n', 3, "api.url", "not_for_a_hub"),
        ('locked = ["scanner"]\n', 1, "locked", "locks_what_is_not_for_a_hub"),
        ('locked = ["smell"]\n', 1, "locked", "names_no_setting"),
        ("locked = [[1]]\n", 1, "locked", "names_no_setting"),
        ("locked = 3\n", 1, "locked", "must_be_true_or_keys"),
        ("hold_seconds = -1\n", 1, "hold_seconds", "must_be_number"),
        ("holdseconds = 1\n", 1, "holdseconds", "unknown_setting"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(text: str, line: int, key: str, why: str) -> None:
    with pytest.raises(SettingsWrong) as wrong:
        checked_settings(text, FILE)
    assert (wrong.value.line, wrong.value.key, wrong.value.why) == (line, key, why)


def test_what_the_hub_gives_stands_between_the_computers_file_and_the_benchs_own(bench: Bench) -> None:
    bench.machine("hold_seconds = 5\n")
    assert bench.hold() == (5, Source.MACHINE)
    bench.given("hold_seconds = 10\n")
    assert bench.hold() == (10, Source.HUB)
    bench.own("hold_seconds = 15")
    assert bench.hold() == (15, Source.FILE)
    bench.environ["LOOPDESK_HOLD_SECONDS"] = "20"
    assert bench.hold() == (20, Source.ENVIRONMENT)


def test_what_it_locked_at_the_hub_goes_before_the_bench_and_what_it_locked_here_before_that(
    bench: Bench,
) -> None:
    bench.own("hold_seconds = 15")
    bench.environ["LOOPDESK_HOLD_SECONDS"] = "20"
    bench.given("locked = true\nhold_seconds = 25\n")
    assert bench.hold() == (25, Source.HUB_LOCK)
    assert bench.load().is_locked("hold_seconds")
    bench.policies["hold_seconds"] = "30"
    assert bench.hold() == (30, Source.POLICY)


async def test_the_settings_view_shows_what_is_in_force_by_now(bench: Bench) -> None:
    bench.own("hold_seconds = 15")
    loaded = bench.load()

    def changed(found: Loaded) -> None:
        nonlocal loaded
        loaded = found

    desk = SettingsDesk(bench.settings(), lambda: loaded, changed, str)

    def shown() -> tuple[str, str, bool]:
        fields = {x.key: x for _, section in desk.sections() for x in section}
        return fields["hold_seconds"].value, fields["hold_seconds"].source, fields["hold_seconds"].locked

    assert shown() == ("15", "file", False)
    bench.given('locked = ["hold_seconds"]\nhold_seconds = 25\n')
    loaded = bench.load()
    assert shown() == ("25", "hub lock", True)
    bench.given("hold_seconds = 25\n")
    await desk.save({"hold_seconds": "12"})
    assert shown() == ("12", "file", False)


def test_a_setting_that_is_locked_without_a_value_is_held_at_its_default(bench: Bench) -> None:
    bench.own("hold_seconds = 15")
    bench.given('locked = ["hold_seconds"]\n')
    assert bench.hold() == (8, Source.HUB_LOCK)


def test_a_bench_that_has_left_its_hub_uses_nothing_of_it(bench: Bench) -> None:
    bench.given("locked = true\nhold_seconds = 25\n")
    bench.own("", joined=False)
    assert bench.hold() == (8, Source.DEFAULT)


def test_what_this_version_cannot_read_is_left_out_and_said(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.given("hold_seconds = 10\nsmell = true\n")
    loaded = bench.load()
    assert loaded.settings.hold_seconds == 8
    assert "hub_settings_unusable line=2 key=smell" in caplog.text
