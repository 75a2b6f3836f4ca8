"""A crowd of returns that costs little until one is accessed, and the index that finds any of the shop's."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import overload

from loopdesk.simulator.barcodes import fedex, upc, ups, usps
from loopdesk.simulator.truth import Effect, Label, LineItem, Return

# --- ordinary returns -------------------------------------------------------------------------------

_FIRST_RETURN = 200_000_000
_FIRST_LOOP_ORDER = 80_000_000
_FIRST_PROVIDER_ORDER = 6_000_000_000_000
_FIRST_ORDER_NAME = 300_000
_FIRST_LINE = 900_000_000
_LINES_PER_RETURN = 10
_FIRST_SERIAL = 100_000

_STATES = ("open",) * 11 + ("closed",) * 6 + ("review", "cancelled", "expired")
_TITLES = (
    "Canvas Tote",
    "Linen Shirt",
    "Merino Beanie",
    "Trail Socks",
    "Rain Shell",
    "Denim Jacket",
    "Wool Scarf",
    "Court Sneaker",
)
_SIZES = ("XS", "S", "M", "L", "XL", "One size")
_REASONS = ("Too small", "Too large", "Not as described", "Changed my mind", "Arrived damaged")
_CARRIERS = (("USPS", usps), ("UPS", ups), ("FedEx", fedex))


class ManyReturns(Sequence[Return]):
    """`n` returns spread evenly over the days before `now`, newest first; each is made on access.

    The same seed gives the same returns. Ids, order names and line ids derive from the position, so finding
    one needs no index; `first` shifts all of them, so that two crowds can share one shop.
    """

    def __init__(self, n: int, seed: int, now: datetime, spread_days: float = 100.0, first: int = 0) -> None:
        self._n = n
        self._first = first
        self._seed = seed
        self._now = now.replace(microsecond=0)
        self._gap_seconds = spread_days * 86_400 / max(n, 1)

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, place: int) -> Return: ...
    @overload
    def __getitem__(self, place: slice) -> list[Return]: ...
    def __getitem__(self, place: int | slice) -> Return | list[Return]:
        if isinstance(place, slice):
            return [self._make(each) for each in range(*place.indices(self._n))]
        if not -self._n <= place < self._n:
            raise IndexError(place)
        return self._make(place % self._n)

    def stamps(self) -> Iterator[tuple[str, datetime, datetime, str]]:
        """Id, created, updated and state of each, without making any."""
        for place in range(self._n):
            created = self._created(place)
            yield (
                str(_FIRST_RETURN + self._first + place),
                created,
                self._updated(place, created),
                self._state(place),
            )

    def by_id(self, return_id: str) -> Return | None:
        """The return with that id, if it is one of these."""
        return self._at(return_id, _FIRST_RETURN)

    def by_order_name(self, bare_name: str) -> Return | None:
        """The return of the order with that name, without `#`."""
        return self._at(bare_name, _FIRST_ORDER_NAME)

    def by_provider_order(self, order_id: str) -> Return | None:
        """The return of that order at the e-commerce platform."""
        return self._at(order_id, _FIRST_PROVIDER_ORDER)

    def by_line(self, line_item_id: str) -> Return | None:
        """The return that holds that line."""
        if not line_item_id.isdecimal():
            return None
        found = self._at(
            str(_FIRST_RETURN + (int(line_item_id) - _FIRST_LINE) // _LINES_PER_RETURN), _FIRST_RETURN
        )
        return found if found is not None and found.line(line_item_id) is not None else None

    def _at(self, number: str, first: int) -> Return | None:
        place = (
            int(number) - first - self._first
            if number.isascii() and number.isdecimal() and len(number) < 20
            else -1
        )
        return self._make(place) if 0 <= place < self._n else None

    def _roll(self, place: int) -> int:
        """A cheap pseudorandom number, the same for the same seed and position."""
        mixed = (place + 1) * 0x9E3779B97F4A7C15 + self._seed * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF
        return (mixed ^ mixed >> 29) * 0x94D049BB133111EB >> 17 & 0xFFFFFFFF

    def _created(self, place: int) -> datetime:
        return self._now - timedelta(seconds=int((place + 0.5) * self._gap_seconds))

    def _updated(self, place: int, created: datetime) -> datetime:
        return min(self._now, created + timedelta(seconds=self._roll(place) % 259_200))

    def _state(self, place: int) -> str:
        return _STATES[self._roll(place) % len(_STATES)]

    def _make(self, place: int) -> Return:
        serial = self._first + place
        chance = random.Random(self._roll(place))  # noqa: S311 - samples, not secrets
        created = self._created(place)
        updated = self._updated(place, created)
        state = self._state(place)
        lines = [self._line(chance, serial, each) for each in range(chance.choice((1, 1, 1, 2, 2, 3)))]
        ret = Return(
            return_id=str(_FIRST_RETURN + serial),
            order_id=str(_FIRST_LOOP_ORDER + serial),
            order_name=f"#{_FIRST_ORDER_NAME + serial}",
            provider_order_id=str(_FIRST_PROVIDER_ORDER + serial),
            created_at=created,
            updated_at=updated,
            lines=lines,
            state=state,
            customer_email=f"shopper{serial}@example.test",
        )
        carrier, number = chance.choice(_CARRIERS)
        delivered = state in ("open", "closed")
        ret.labels = [
            Label(
                tracking_number=number(_FIRST_SERIAL + serial),
                carrier=carrier,
                status="delivered" if delivered else "pre_transit",
                updated_at=updated,
                url=f"https://labels.example.test/{ret.return_id}.pdf",
                line_item_ids=[line.line_item_id for line in lines],
            )
        ]
        if state == "closed":
            ret.was_processed = True
            ret.closed_at = updated
            ret.effects.append(Effect("processed", updated, "carrier"))
        return ret

    @staticmethod
    def _line(chance: random.Random, serial: int, each: int) -> LineItem:
        kind = chance.randrange(len(_TITLES))
        size = chance.choice(_SIZES)
        variant = kind * len(_SIZES) + _SIZES.index(size)
        return LineItem(
            line_item_id=str(_FIRST_LINE + serial * _LINES_PER_RETURN + each),
            provider_line_item_id=str(13_000_000_000_000 + serial * _LINES_PER_RETURN + each),
            product_id=str(7_100_000_000_000 + kind),
            variant_id=str(4_100_000_000_000 + variant),
            title=_TITLES[kind],
            variant_title=size,
            sku=f"LD-{kind:02d}-{size.replace(' ', '')}",
            barcode=upc(5000 + variant),
            price=Decimal(chance.randrange(900, 19_900)) / 100,
            tax=Decimal(chance.randrange(0, 900)) / 100,
            reason=chance.choice(_REASONS),
        )


def many_returns(n: int, seed: int, now: datetime, spread_days: float = 100.0, first: int = 0) -> ManyReturns:
    """A large shop: `n` ordinary returns over the last `spread_days`, made lazily and reproducible by seed.

    `first` shifts the ids, for a second crowd in the same shop; at least -100,000.
    """
    return ManyReturns(n, seed, now, spread_days, first)


# --- the index --------------------------------------------------------------------------------------

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
