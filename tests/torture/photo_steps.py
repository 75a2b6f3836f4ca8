"""What people do with photos, and what becomes of the place for them. Every method is one step of a walk."""

from __future__ import annotations

from loopdesk.simulator.http.bucket import BucketFault
from tests.torture.photo_place import WAIT_SECONDS, SharedPlace
from tests.torture.world import World

BLOWS = (BucketFault.ERROR, BucketFault.CUT, BucketFault.CUT)
"""It fails, or stores a photo and its answer is lost."""


class PhotoSteps:
    """The steps of a world with a place for photos."""

    def __init__(self, world: World) -> None:
        assert world.place is not None
        self._world = world
        self._place: SharedPlace = world.place

    async def take_photo(self, at: int, line: int) -> None:
        """Take a photo of a graded line of the open return."""
        station = self._world._at(at)
        bench = station.inspection.on_bench
        found = bench.draft.inspections if bench is not None else ()
        if found:
            line_id = found[line % len(found)].line_item_id
            await self._world._try(station, station.inspection.add_photo(line_id, station.album.take()))

    async def delete_photo(self, at: int, which: int) -> None:
        """Delete a photo of the open return."""
        station = self._world._at(at)
        bench = station.inspection.on_bench
        found = bench.draft.inspections if bench is not None else ()
        photos = [(x.line_item_id, photo) for x in found for photo in x.photos]
        if photos:
            await self._world._try(station, station.inspection.remove_photo(*photos[which % len(photos)]))

    async def settle_with_photos(self, at: int, which: int, chosen: int) -> None:
        """Scan, grade everything, take photos, delete one perhaps, and confirm."""
        await self._world.scan(at, which)
        await self._world.decide(at, chosen % 3, 99)
        for line in range(1 + chosen % 3):
            await self.take_photo(at, line)
        if chosen % 4 == 3:
            await self.delete_photo(at, chosen)
        if chosen % 5 == 4:
            await self._world.edit(at, 6, chosen)
        await self._world.settle(at)

    async def wait_in_vain(self, at: int, which: int, chosen: int) -> None:
        """Confirm while the place is away, for longer than a grade waits for its photos."""
        await self.place_goes()
        await self.settle_with_photos(at, which, chosen)
        await self._world.turn(WAIT_SECONDS + 20.0)

    async def place_goes(self) -> None:
        """Nobody reaches the place any more."""
        self._place.is_away = True

    async def place_comes(self) -> None:
        """The place is there again."""
        self._place.is_away = False

    async def strike_place(self, blow: int, count: int) -> None:
        """A fault strikes the next requests to the place."""
        self._place.bucket.faults.extend([BLOWS[blow % len(BLOWS)]] * count)

    async def kill_while_storing(self, at: int, count: int, arrives: bool) -> None:
        """kill -9 while the n-th photo from now is stored: before it arrives, or before its answer does."""
        where = "net photo stored" if arrives else "net photo leaves"
        self._world._at(at).points.arm(count, "kill", where)
