"""The index of the shop's returns: by id, order, line or time, without making lazy ones needlessly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from loopdesk.simulator.shop.crowd import ManyReturns
from loopdesk.simulator.shop.truth import Return

Stamp = tuple[datetime, str]
"""A time (from one of the two columns) and a return id."""


class ReturnIndex:
    """All returns of the shop. Lazy ones are made for each read and kept only once they change."""

    def __init__(self) -> None:
        self._kept: dict[str, Return] = {}
        self._crowds: list[ManyReturns] = []
        self._by_order_name: dict[str, list[str]] = {}
        self._by_provider_order: dict[str, list[str]] = {}
        self._by_line: dict[str, str] = {}
        self._crowd_stamps: dict[tuple[str, frozenset[str]], list[Stamp]] = {}

    def __len__(self) -> int:
        hidden = sum(1 for each in self._kept if self._in_crowd(each))
        return len(self._kept) - hidden + sum(map(len, self._crowds))

    def add(self, ret: Return) -> None:
        """Add and index a return."""
        self._kept[ret.return_id] = ret
        _append(self._by_order_name, bare(ret.order_name), ret.return_id)
        _append(self._by_provider_order, ret.provider_order_id, ret.return_id)
        for line in ret.lines:
            self._by_line[line.line_item_id] = ret.return_id

    def stock(self, crowd: ManyReturns) -> None:
        """Add a large number of lazy returns."""
        self._crowds.append(crowd)
        self._crowd_stamps.clear()

    def kept(self) -> list[Return]:
        """The returns held in memory, in order of insertion."""
        return list(self._kept.values())

    def peek(self, return_id: str) -> Return | None:
        """Return a return for reading only."""
        kept = self._kept.get(return_id)
        if kept is not None:
            return kept
        return self._first(crowd.by_id(return_id) for crowd in self._crowds)

    def get(self, return_id: str) -> Return | None:
        """Return a return that may be changed."""
        found = self.peek(return_id)
        if found is not None and return_id not in self._kept:
            self.add(found)
        return found

    def by_order_name(self, name: str) -> list[Return]:
        """The returns of an order by its name, with or without `#`, newest first."""
        ids = self._by_order_name.get(bare(name), [])
        found = self._first(crowd.by_order_name(bare(name)) for crowd in self._crowds)
        return self._newest_first(ids, found)

    def by_provider_order(self, order_id: str) -> list[Return]:
        """The returns of an order by the platform's id, newest first."""
        ids = self._by_provider_order.get(order_id, [])
        found = self._first(crowd.by_provider_order(order_id) for crowd in self._crowds)
        return self._newest_first(ids, found)

    def by_line(self, line_item_id: str) -> Return | None:
        """The return that holds a line, ready to be changed."""
        owner = self._by_line.get(line_item_id)
        if owner is None:
            found = self._first(crowd.by_line(line_item_id) for crowd in self._crowds)
            owner = None if found is None else found.return_id
        return None if owner is None else self.get(owner)

    def crowd_stamps(
        self, column: str, states: frozenset[str], start: datetime | None, end: datetime
    ) -> list[Stamp]:
        """Stamps of the untouched lazy returns in a window, to the second, newest first.

        Args:
            column: `created_at` or `updated_at`.
            states: The states to include.
            start: The window's start, None for none.
            end: Its end, inclusive.
        """
        if (column, states) not in self._crowd_stamps:
            stamps = [
                (created if column == "created_at" else updated, return_id)
                for crowd in self._crowds
                for return_id, created, updated, state in crowd.stamps()
                if state in states
            ]
            self._crowd_stamps[column, states] = sorted(stamps, reverse=True)
        floor = start if start is not None else end - timedelta(days=36_500)
        kept = self._kept
        return [s for s in self._crowd_stamps[column, states] if floor <= s[0] <= end and s[1] not in kept]

    def _in_crowd(self, return_id: str) -> bool:
        return any(crowd.by_id(return_id) is not None for crowd in self._crowds)

    def _newest_first(self, ids: list[str], found: Return | None) -> list[Return]:
        rets = [self._kept[each] for each in ids]
        if found is not None and found.return_id not in self._kept:
            rets.append(found)
        return sorted(rets, key=lambda ret: (ret.created_at, ret.return_id), reverse=True)

    @staticmethod
    def _first(found: Iterable[Return | None]) -> Return | None:
        return next((each for each in found if each is not None), None)


def bare(order_name: str) -> str:
    """An order name without its `#`, in upper case."""
    return order_name.strip().removeprefix("#").upper()


def _append(index: dict[str, list[str]], key: str, return_id: str) -> None:
    if return_id not in index.setdefault(key, []):
        index[key].append(return_id)
