"""What two benches did to one mystery parcel, and how it meets."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest

from loopdesk.domain.site_mysteries import (
    MysteryMet,
    MysteryPush,
    ParcelEnd,
    ParcelSide,
    met,
    push_of,
    received,
    series_letters,
    series_number,
)

ENDED, FOUND = ParcelEnd(is_closed=True, by="Ada", station="dock 1"), ParcelEnd("91000123", by="Kim")

ENDS = (ENDED, FOUND, ParcelEnd("91000124"), ParcelEnd())


def written(words: str = "", shelf: str = "", photo: str = "") -> dict[str, str]:
    return {"words": words, "shelf": shelf, "photo": photo}


def test_letters_count_without_those_that_are_read_as_digits() -> None:
    found = [series_letters(n) for n in (1, 8, 9, 14, 24, 25, 48, 49)]
    assert found == ["A", "H", "J", "P", "Z", "AA", "AZ", "BA"]
    assert all(series_number(series_letters(n)) == n for n in range(1, 3000))
    assert (series_number("I"), series_number("")) == (0, 0)


def test_the_last_word_of_each_field_stays() -> None:
    first = received(None, MysteryPush(ParcelSide(), written("box", "A1"), ParcelEnd(), "dock 1"), 10)
    one = received(first, MysteryPush(first, {"words": "red box"}, None, "dock 2"), 20)
    both = received(one, MysteryPush(first, {"shelf": "B2"}, None, "dock 3"), 30)
    assert both.written == written("red box", "B2")
    assert both.written_rev > one.written_rev > first.written_rev
    assert both.standing_rev == first.standing_rev


def test_the_first_who_ends_a_parcel_has_ended_it() -> None:
    first = received(None, MysteryPush(ParcelSide(), written(), ParcelEnd(), "dock 1"), 10)
    one = received(first, MysteryPush(first, {}, ENDED, "dock 1"), 20)
    assert one.standing == ENDED
    assert received(one, MysteryPush(first, {}, FOUND, "dock 2"), 30) == one
    assert received(one, MysteryPush(one, {}, ParcelEnd(), "dock 2"), 40).standing.is_as(ParcelEnd())


def test_a_push_that_comes_again_changes_nothing() -> None:
    push = MysteryPush(ParcelSide(), written("box"), ENDED, "dock 1")
    first = received(None, push, 10)
    assert received(first, push, 20) == first


def test_a_late_repeat_does_not_end_a_parcel_that_was_let_wait_again() -> None:
    first = received(None, MysteryPush(ParcelSide(), written(), ParcelEnd(), "dock 1"), 10)
    push = MysteryPush(first, {}, ENDED, "dock 1")
    waits = received(
        received(first, push, 20), MysteryPush(received(first, push, 20), {}, ParcelEnd(), "x"), 30
    )
    assert received(waits, push, 40) == waits


def test_revisions_rise_even_where_the_clock_was_set_back() -> None:
    first = received(None, MysteryPush(ParcelSide(), written(), ParcelEnd(), "dock 1"), 1000)
    assert received(first, MysteryPush(first, {"words": "x"}, ENDED, ""), 5).standing_rev > first.standing_rev


def test_what_an_older_copy_of_the_hub_has_lost_comes_back_from_a_bench() -> None:
    first = received(None, MysteryPush(ParcelSide(), written("box"), ParcelEnd(), "dock 1"), 10)
    ended = received(first, MysteryPush(first, {"shelf": "A1"}, ENDED, ""), 20)
    assert met(ended, ended, first) == MysteryMet(ended, ended, is_pushed=True)
    assert received(first, push_of(ended, ended, "dock 2"), 40) == ended
    assert received(None, push_of(ended, ended, "dock 2"), 40) == ended


def test_what_was_done_here_and_not_told_yet_stays_unless_somebody_else_ended_it_first() -> None:
    base = ParcelSide(written(), written_rev=10, standing_rev=10)
    here = replace(base, written=written("mine"), standing=ENDED)
    news = replace(base, written=written("theirs", "A1"), written_rev=20)
    found = met(here, base, news)
    assert found.here.written == written("mine", "A1")
    assert (found.here.standing, found.is_pushed, found.is_overruled) == (ENDED, True, False)
    first = met(here, base, replace(base, standing=FOUND, standing_rev=20))
    assert (first.here.standing, first.is_overruled) == (FOUND, True)
    same = met(here, base, replace(base, standing=replace(ENDED, by="Lee"), standing_rev=20))
    assert (same.here.standing.by, same.is_overruled) == ("Lee", False)


def test_a_picture_is_where_it_was_taken() -> None:
    base = ParcelSide(written(), written_rev=10, standing_rev=10)
    told = replace(base, written=written(photo="a.jpg"), photo_at="dock 1", written_rev=20)
    assert met(base, base, told).here.photo_at == "dock 1"
    own = replace(base, written=written(photo="a.jpg"))
    assert met(own, base, told).here.photo_at == ""


# --- a walk -----------------------------------------------------------------------------------------


@dataclass
class Bench:
    """A bench's copy of one parcel."""

    name: str
    here: ParcelSide = field(default_factory=ParcelSide)
    base: ParcelSide = field(default_factory=ParcelSide)

    def take(self, told: ParcelSide) -> None:
        found = met(self.here, self.base, told)
        self.here, self.base = found.here, found.base

    def act(self, dice: random.Random, step: int) -> None:
        if dice.random() < 0.5:
            self.here = replace(self.here, standing=dice.choice(ENDS))
        else:
            self.here = replace(self.here, written={**self.here.written, "words": f"{step}"})

    def push(self, hub: ParcelSide | None, step: int) -> ParcelSide:
        after = received(hub, push_of(self.here, self.base, self.name), step)
        if hub is not None and not after.standing.is_as(hub.standing):
            assert self.base.standing_rev >= hub.standing_rev
        return after


@pytest.mark.parametrize("seed", range(200))
def test_whatever_happens_all_benches_end_with_the_same_and_each_end_is_decided_once(seed: int) -> None:
    dice = random.Random(seed)
    hub = received(None, MysteryPush(ParcelSide(), written("box"), ParcelEnd(), "0"), 1)
    benches = [Bench(str(n)) for n in range(3)]
    copies = [hub]
    for step in range(2, 60):
        bench = dice.choice(benches)
        match dice.randrange(6):
            case 0 | 1:
                bench.act(dice, step)
            case 2:
                hub = bench.push(hub, step)
                if dice.random() < 0.7:  # or its answer is lost
                    bench.take(hub)
            case 3 | 4:
                bench.take(hub)
            case _:
                copies.append(hub)
                hub = dice.choice(copies) if dice.random() < 0.3 else hub
    for step in range(100, 104):
        for bench in benches:
            hub = bench.push(hub, step)
            bench.take(hub)
    for bench in benches:
        bench.take(hub)
        assert bench.base == hub
        assert (bench.here.written, bench.here.standing) == (hub.written, hub.standing)
