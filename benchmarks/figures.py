"""Shared by all benchmarks: measures figure and floor alternately, and prints them."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True)
class Series:
    """Measurements of one thing, in the order they were taken."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median: what is quoted."""
        return median(self.values)

    @property
    def least(self) -> float:
        """The smallest one: what the machine does without other load."""
        return min(self.values)


@dataclass(frozen=True, slots=True)
class Result:
    """A figure with the floor that was measured in the same run.

    Attributes:
        name: What is measured.
        floor_name: What it is measured against.
        unit: What is printed after the numbers: ``ms``, ``MB``.
        goal: The ratio of the medians that is wanted at most.
    """

    name: str
    floor_name: str
    unit: str
    figure: Series
    floor: Series
    goal: float

    @property
    def ratio(self) -> float:
        """The figure's median over the floor's."""
        return self.figure.median / self.floor.median

    @property
    def least_ratio(self) -> float:
        """The figure's minimum over the floor's: steadier on a shared machine."""
        return self.figure.least / self.floor.least

    @property
    def spread(self) -> tuple[float, float]:
        """Between which ratios the middle half of the pairs lies, each measured one right after the other."""
        ratios = [one / other for one, other in zip(self.figure.values, self.floor.values, strict=True)]
        quarter, _half, three_quarters = quantiles(ratios, n=4)
        return quarter, three_quarters


def take_in_turn(
    figure: Callable[[], float], floor: Callable[[], float], times: int
) -> tuple[Series, Series]:
    """Measure figure and floor alternately, so that other load affects both alike."""
    pairs = [(figure(), floor()) for _ in range(times)]
    return _series(pairs)


async def await_in_turn(
    figure: Callable[[], Awaitable[float]], floor: Callable[[], Awaitable[float]], times: int
) -> tuple[Series, Series]:
    """Like ``take_in_turn``, inside a running loop."""
    pairs = [(await figure(), await floor()) for _ in range(times)]
    return _series(pairs)


def _series(pairs: Sequence[tuple[float, float]]) -> tuple[Series, Series]:
    return Series(tuple(x for x, _ in pairs)), Series(tuple(x for _, x in pairs))


def show(result: Result) -> None:
    """Print a result: figure, floor, ratio, goal."""
    verdict = "met" if result.ratio <= result.goal else "not met"
    say(result.name)
    say(f"  figure  {_line(result.figure, result.unit)}")
    say(f"  floor   {_line(result.floor, result.unit)}   {result.floor_name}")
    low, high = result.spread
    say(
        f"  ratio   {result.ratio:.2f} of the medians, {result.least_ratio:.2f} of the least,"
        f" half of the pairs {low:.2f} to {high:.2f}; goal at most {result.goal:.1f}: {verdict}"
    )


def show_same(name: str, one: Series, other: Series, unit: str, share: float) -> None:
    """Print two series that should be the same within a share of the first."""
    change = other.median / one.median - 1
    verdict = "met" if abs(change) <= share else "not met"
    say(name)
    say(f"  first   {_line(one, unit)}")
    say(f"  second  {_line(other, unit)}")
    say(f"  change  {change:+.0%} of the medians; goal within {share:.0%}: {verdict}")


def _line(series: Series, unit: str) -> str:
    ordered = sorted(series.values)
    return (
        f"{series.median:8.1f} {unit}  (least {ordered[0]:.1f}, most {ordered[-1]:.1f}, {len(ordered)} times)"
    )


class CannotRun(Exception):
    """Something is missing on this machine; the text says what to install."""


def say(text: str) -> None:
    """Print a line without buffering."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
