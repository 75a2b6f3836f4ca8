"""Says to the hub what this bench has to share, and takes what the hub tells. Nothing waits for it.

Whatever changes leaves a mark in the same commit. The sender says the newest value of each mark until the hub
has it, with back-off while the hub is away; what is said twice, or told twice, changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from loopdesk.domain.errors import ApiError, RuleBroken, StoreError
from loopdesk.services.ports.following import SharedEvent
from loopdesk.services.ports.sharing import HubShared, Mark, Shares
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, SharedHere
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.sharing")

GATHER_SECONDS: Final = 0.3
"""A person decides several lines one after the other: they are said once."""

LOOK_SECONDS: Final = 2.0
"""So often it is looked for marks of which nobody told."""

FIRST_WAIT_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 60.0


class SharedKind(Protocol):
    """One kind of what is shared."""

    @property
    def name(self) -> str:
        """As it stands in marks and events."""
        ...

    async def push(self, mark: Mark) -> bool:
        """Say the newest value; saying it twice is once.

        Returns:
            Whether it is done; else it is held until it changes.

        Raises:
            ApiError: It could not be said; it is tried again.
        """
        ...

    async def take(self, event: SharedEvent) -> None:
        """Keep what the hub tells, with its number, in one commit; what was taken before changes nothing."""
        ...


class Sharing:
    """The sender, and who takes which event.

    Args:
        kinds: Everything that is shared.
        random: Returns numbers in [0, 1), for the back-off.
        on_beat: Awaited while the hub is there, and has told all up to now.
    """

    def __init__(
        self,
        kinds: Sequence[SharedKind],
        *,
        shares: Shares,
        hub: HubShared,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        random: Callable[[], float],
        on_beat: Callable[[], Awaitable[None]],
    ) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        self._shares = shares
        self._hub = hub
        self._clock = clock
        self._random = random
        self._on_beat = on_beat
        self._wakeup = Wakeup(clock, tasks, "sharing")
        self._failures = 0
        self._heard = ""
        feed.on(SharedHere, lambda _event: self._wakeup.wake())

    # --- what the hub tells -----------------------------------------------------------------------------

    async def position(self) -> int:
        """Return the number of the last event that was taken; 0 for none."""
        return await self._shares.position() or 0

    async def begin_anew(self) -> None:
        """Forget what was told, because the hub tells it again from the beginning, and say everything again:
        an older copy of the hub may have been restored.
        """
        await self._shares.begin_anew()
        self._wakeup.wake()

    async def heard(self, generation: str) -> None:
        """Learn the hub's generation; if an older copy of it was restored, everything is said again."""
        if generation == self._heard:
            return
        if await self._shares.hear(generation):
            log.info("everything_to_be_said")
            self._wakeup.wake()
        self._heard = generation

    async def beat(self) -> None:
        """Note that the hub is there, and has told all up to now.

        Raises:
            StoreError: It cannot be stored now.
        """
        await self._on_beat()

    async def shared(self, event: SharedEvent) -> None:
        """Take what the hub tells; a kind of a newer version is passed over, and so is what nobody can take.

        Raises:
            StoreError: It cannot be stored now; it is told again.
        """
        kind = self._kinds.get(event.kind)
        try:
            if kind is not None:
                await kind.take(event)
                return
        except (StoreError, ApiError):
            raise
        except Exception as failure:  # noqa: BLE001 - it would be told again for ever, and nothing after it
            log.warning(
                "event_not_taken kind=%s seq=%s error=%s", event.kind, event.seq, type(failure).__name__
            )
        await self._shares.skip(event.seq)

    # --- what is said -----------------------------------------------------------------------------------

    async def run(self) -> None:
        """Say what is marked, until canceled, or until there is no hub any more."""
        while self._hub.is_hub:
            is_whole = await self.say_all()
            if is_whole:
                await self._wakeup.wait(LOOK_SECONDS)
                await self._clock.sleep(GATHER_SECONDS)
            else:
                await self._clock.sleep(self._wait_seconds())

    async def say_all(self) -> bool:
        """Say everything that is marked.

        Returns:
            False if the hub could not be told now.

        Raises:
            StoreError: The marks cannot be read or written.
        """
        while marks := await self._shares.pending():
            for mark in marks:
                if not await self._say(mark):
                    self._failures += 1
                    return False
                self._failures = 0
        return True

    async def _say(self, mark: Mark) -> bool:
        """Say one thing. Returns False if the hub could not be told."""
        kind = self._kinds.get(mark.kind)
        try:
            is_done = kind is not None and await kind.push(mark)
        except ApiError as failure:
            log.info("not_said kind=%s code=%s", mark.kind, failure.code)
            return False
        except RuleBroken as broken:  # it can be said to no hub
            log.warning("cannot_be_said kind=%s code=%s", mark.kind, broken.code)
            is_done = False
        except StoreError:
            raise
        except Exception as failure:  # noqa: BLE001 - it would be the first again, and nothing after it said
            log.warning("mark_not_said kind=%s error=%s", mark.kind, type(failure).__name__)
            is_done = False
        await self.heard(self._hub.generation)
        if is_done:
            await self._shares.said(mark)
        else:
            log.info("held kind=%s", mark.kind)
            await self._shares.hold(mark)
        return True

    def _wait_seconds(self) -> float:
        longest = min(FIRST_WAIT_SECONDS * (1 << min(self._failures, 10)), LONGEST_WAIT_SECONDS)
        return longest * (0.5 + self._random() / 2)
