"""What is promised of photos: each is stored once and named once by its grade, and no other ever leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loopdesk.domain.outbox.stages import Entry, Stage, Why, came_true
from tests.torture.broken import demand

if TYPE_CHECKING:
    from tests.torture.station import Station
    from tests.torture.wire import Post
    from tests.torture.world import World


def a_link_leaves_when_it_can_be_opened(world: World, station: Station, post: Post) -> None:
    """A grade names only photos that are at the place."""
    del station
    for link in (x for links in post.images.values() for x in links):
        demand(
            world.place is not None and world.place.stored(link),
            "photos",
            "false_green",
            f"a grade of {post.return_id} names a photo that is not there",
        )


def each_photo_is_stored_once(world: World) -> None:
    """A photo is stored once. An older copy of the store no longer knows that it ever began to be."""
    if world.place is None:
        return
    for station in world.stations:
        for photo in station.album.offered:
            times = world.place.times_stored(station.album.link(photo))
            demand(
                times <= 1 + station.album.restores, "photos", "doubled", f"a photo was stored {times} times"
            )


def nothing_deleted_leaves(world: World) -> None:
    """A photo that was deleted before anybody confirmed is neither stored nor named by a grade."""
    if world.place is None:
        return
    offered = {x.album.link(photo) for x in world.stations for photo in x.album.offered}
    demand(world.place.links() <= offered, "photos", "doubled", "a photo is stored that nobody settled")
    named = {x for post in world.books.posts for links in post.images.values() for x in links}
    demand(named <= offered, "photos", "doubled", "a grade names a photo that nobody settled")


def none_is_lost_or_waits_for_ever(world: World) -> None:
    """At rest each photo of a kept grade is at the place, whole, and no grade is owed anything."""
    if world.place is None:
        return
    for station in world.stations:
        demand(not station.unstored(), "photos", "stuck", f"{len(station.unstored())} photos still wait")
        demand(not station.owed(), "photos", "stuck", f"{len(station.owed())} grades are still owed links")
        for entry in station.entries():
            if entry.stage is Stage.WITHDRAWN:
                continue
            for photo in station.album.named.get(entry.entry_id, ()):
                found = world.place.stored(station.album.link(photo))
                demand(found == station.album.files[photo], "photos", "lost", "a photo is not at the place")


def each_link_stands_once(world: World) -> None:
    """At rest each grade that came true has named all its photos, itself or once more late, exactly once.

    Not where a newer grade of the line took its place, where a person decided otherwise, or where an older
    copy of the store was put back, which no longer knows what was sent.
    """
    for station in world.stations:
        if station.album.restores:
            continue
        for entry in station.entries():
            photos = station.album.named.get(entry.entry_id, ())
            if photos and came_true(entry) and entry.entry_id not in station.memory.said_done:
                _must_stand_once(world, station, entry, [station.album.link(x) for x in photos])


def _must_stand_once(world: World, station: Station, entry: Entry, links: list[str]) -> None:
    lane = station.lane(entry.return_id)
    later = [x for x in lane if x.seq > entry.seq and (x.kind, x.target) == (entry.kind, entry.target)]
    again = [x for x in later if x.repeats]
    if len(again) < len([x for x in later if x.stage is not Stage.WITHDRAWN]):
        return
    whole = [x for x in (entry, *again) if list(x.payload["images"]) == links]
    demand(whole, "photos", "lost", f"a grade of {entry.return_id} was never kept with its links")
    demand(
        len(whole) == 1,
        "photos",
        "doubled",
        f"a grade of {entry.return_id} names its photos {len(whole)} times",
    )
    (last,) = whole
    if last.stage is Stage.PARKED or last.entry_id in station.memory.dropped | station.memory.said_done:
        return
    if last.cause.code == Why.OVERTAKEN:
        is_there = any(x.line_item_id == entry.target for x in world.loop.get(entry.return_id).lines)
        foreign = len(world.stations) > 1 or not is_there
        demand(foreign, "photos", "lost", f"links of {entry.return_id} were left out for another's grade")
        return
    arrived = [x for x in world.books.of[entry.return_id] if x.had_effect and last.entry_id in x.entry_ids]
    named = [x for x in arrived if list(x.images[entry.target]) == links]
    demand(named, "photos", "lost", f"the links of a grade of {entry.return_id} never reached Loop")
