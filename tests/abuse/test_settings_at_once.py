"""Settings that another value of takes effect at once: the vocabulary of a running station."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loopdesk.app.program import Program
from loopdesk.domain.errors import SettingsWrong
from loopdesk.domain.returns.grading import Grade
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.settings.desk import SettingsDesk
from loopdesk.system.settings.file import Loaded
from tests.abuse.answerer import Answerer
from tests.abuse.rows import RawShop
from tests.abuse.station import a_program

OURS = "our-words.toml"


def write_vocabulary(folder: Path, label: str) -> None:
    """Write the shipped vocabulary with another label of the first grade."""
    shipped = (resources_dir() / "vocab" / "default.toml").read_text(encoding="utf-8")
    (folder / OURS).write_text(shipped.replace('label = "A"', f'label = "{label}"', 1), encoding="utf-8")


def labels(program: Program) -> tuple[str, str]:
    """The first grade's label at the bench, and on what is printed."""
    bench, printed = program.parts.inspection.vocabulary, program.runtime.vocabulary
    return bench.rule(Grade.A).label, printed.rule(Grade.A).label


def desk_of(program: Program, saved: list[Loaded]) -> SettingsDesk:
    runtime = program.runtime
    return SettingsDesk(runtime.settings_file, lambda: runtime.loaded, saved.append, runtime.read_vocabulary)


async def test_another_vocabulary_is_used_as_soon_as_it_is_saved(tmp_path: Path) -> None:
    with Answerer(RawShop().answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            write_vocabulary(program.runtime.profile.folder, "Mint")
            saved = list[Loaded]()
            await desk_of(program, saved).save({"vocabulary": OURS})
            assert labels(program) == ("A", "A")
            await program.take_settings(saved[0])
            assert labels(program) == ("Mint", "Mint")


async def test_a_wrong_vocabulary_is_refused_with_its_place_and_nothing_is_saved(tmp_path: Path) -> None:
    with Answerer(RawShop().answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            write_vocabulary(program.runtime.profile.folder, "far too long for any button of a bench")
            saved = list[Loaded]()
            desk = desk_of(program, saved)
            for named in (OURS, "not-there.toml"):
                with pytest.raises(SettingsWrong) as wrong:
                    await desk.save({"vocabulary": named, "hold_seconds": "9"})
                assert named in wrong.value.place
            assert saved == []
            assert program.runtime.settings_file.load().settings.hold_seconds == 0.5
            assert program.runtime.settings_file.load().settings.vocabulary == ""


async def test_a_vocabulary_that_broke_since_it_was_saved_leaves_the_one_in_use(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Answerer(RawShop().answer) as loop:
        async with a_program(tmp_path, loop.url) as program:
            loaded = program.runtime.loaded
            named = replace(loaded, settings=replace(loaded.settings, vocabulary="gone.toml"))
            await program.take_settings(named)
            assert labels(program) == ("A", "A")
            assert any(x.getMessage().startswith("vocabulary_wrong") for x in caplog.records)
