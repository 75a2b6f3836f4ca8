"""Versions, and what has to happen when another one is wanted."""

from __future__ import annotations

import pytest

from loopdesk.domain.release import UpdateStep, Version, Wanted, step_to


@pytest.mark.parametrize(
    "text", ["", "1", "1.2", "1.2.3.4", "v1.2.3", "1.2.x", "01.2.3", "1.2.-3", "1.2.3\n", "१.2.3"]
)
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must_be_version"):
        Version.of(text)


def test_versions_are_compared_as_numbers() -> None:
    assert Version.of("1.10.0") > Version.of("1.9.12")
    assert str(Version.of("1.10.0")) == "1.10.0"


@pytest.mark.parametrize(
    ("wanted", "step"),
    [("1.2.3", UpdateStep.NONE), ("1.2.4", UpdateStep.FORWARD), ("1.1.9", UpdateStep.BACK)],
)
def test_a_machine_goes_forward_or_back(wanted: str, step: UpdateStep) -> None:
    assert step_to(Wanted(Version.of(wanted)), Version.of("1.2.3")) is step
