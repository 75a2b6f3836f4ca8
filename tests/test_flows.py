"""The flows of the architecture page name what exists, and a watch sees each way in which a run can differ.

That the program runs as they are drawn is ``tests/scenarios/test_23_flows.py``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.outbox.stages import LEGAL_MOVES
from tests.flows import FLOWS, Profiler, Step, callers, drawn_flow, drawn_stages

CLASSIFY = Step(0, "domain/labels/classify", "classify", "")
NUMBER = Step(1, "domain/labels/classify", "_number", "")
CANDIDATES = Step(1, "domain/labels/classify", "_candidates", "")
MATCHES = Step(2, "domain/labels/rules", "matches", "")
RUNS = (CLASSIFY, NUMBER, CANDIDATES, MATCHES)
"""A flow that ``classify`` runs."""


def _watched(flow: Sequence[Step]) -> list[int]:
    profiler = Profiler()
    with profiler.running():
        watch = profiler.watch(flow)
        classify("9400111899223100001010")
        profiler.watch(())
    return watch.called


@pytest.mark.parametrize("name", FLOWS)
def test_every_step_of_a_flow_is_a_function_of_the_program(name: str) -> None:
    for step in FLOWS[name]:
        assert step.code.co_name == step.name.rpartition(".")[2]


def test_a_step_that_is_gone_is_noticed() -> None:
    with pytest.raises(AttributeError):
        _ = Step(0, "services/bench/intake", "Intake.swallow", "").code
    with pytest.raises(ImportError):
        _ = Step(0, "services/bench/inbox", "Intake.receive", "").code


def test_the_steps_of_a_run_are_seen_in_their_order() -> None:
    assert _watched(RUNS) == [0, 1, 2, 3]


def test_a_step_that_comes_earlier_than_drawn_is_noticed() -> None:
    assert _watched((CLASSIFY, CANDIDATES, MATCHES, NUMBER)) == [0, 3, 1, 2]


def test_a_step_that_is_not_called_is_noticed() -> None:
    hint = Step(1, "domain/labels/command_codes", "recognize", "")
    assert _watched((*RUNS, hint)) == [0, 1, 2, 3]


def test_a_step_that_is_called_from_elsewhere_is_noticed() -> None:
    leaf = Step(1, "domain/labels/check_digits", "has_mod10_31", "")
    assert _watched((CLASSIFY, leaf, MATCHES)) == [0, 1]


def test_a_step_is_called_from_the_nearest_one_above_that_is_indented_less() -> None:
    assert callers(RUNS, 3) == [CANDIDATES, CLASSIFY]
    handed = Step(1, "domain/labels/rules", "likely", "", via="a queue")
    assert callers((*RUNS, handed), 4) == []


def test_a_drawing_indents_a_call_and_names_what_hands_over() -> None:
    flow = (
        Step(0, "a", "f", "first"),
        Step(1, "a/b", "C.g", "then"),
        Step(0, "d", "h", "last", via="a queue"),
    )
    assert drawn_flow(flow).splitlines() == [
        "```",
        "a      f    first",
        "  a/b  C.g  then",
        "▼ a queue",
        "d      h    last",
        "```",
    ]


def test_every_legal_move_is_drawn() -> None:
    drawn = [line.partition(" ─▶ ") for line in drawn_stages().splitlines() if "─▶" in line]
    moves = {(source.strip(), target) for source, _, targets in drawn for target in targets.split(", ")}
    assert moves == {(source.value, target.value) for source, target in LEGAL_MOVES}
