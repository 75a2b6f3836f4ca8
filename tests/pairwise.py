"""A small choice of cases in which every two values of any two factors meet, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

Case = dict[str, object]
Pair = frozenset[tuple[str, object]]


def pairwise(factors: Mapping[str, Sequence[object]]) -> list[Case]:
    """Return cases that cover every pair, greedily: each takes up as many pairs as it can that are left.

    Args:
        factors: The values of each factor; the ones with the most values come first for the fewest cases.
    """
    left = {
        frozenset({(one, a), (other, b)})
        for one, other in combinations(factors, 2)
        for a in factors[one]
        for b in factors[other]
    }
    cases, order = [], _order(factors)
    while left:
        first = min(left, key=order)
        case: Case = dict(first)
        for name in (each for each in factors if each not in case):
            case[name] = max(factors[name], key=lambda value, n=name: _gain(case, n, value, left))  # type: ignore[misc]
        left -= {frozenset(pair) for pair in combinations(case.items(), 2)}
        cases.append({name: case[name] for name in factors})
    return cases


def _gain(case: Case, name: str, value: object, left: set[Pair]) -> int:
    """Count the pairs that a value adds to a case."""
    return sum(frozenset({item, (name, value)}) in left for item in case.items())


def _order(factors: Mapping[str, Sequence[object]]) -> Callable[[Pair], list[tuple[int, int]]]:
    """Return a key that sorts pairs as the factors and their values come."""
    names = list(factors)
    places = {name: {value: place for place, value in enumerate(values)} for name, values in factors.items()}

    def key(pair: Pair) -> list[tuple[int, int]]:
        return sorted((names.index(name), places[name][value]) for name, value in pair)

    return key
