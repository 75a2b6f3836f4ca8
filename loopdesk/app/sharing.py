"""What this bench shares with the others of its site, wired. It runs while there is a hub."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from loopdesk.app.runtime import Runtime
from loopdesk.domain.checks import Check, Status, found
from loopdesk.domain.errors import SettingsWrong, ValueWrong
from loopdesk.domain.publishing import SITE, Published
from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.services.bench.vocabularies import VocabularyShelf
from loopdesk.services.ports.publishing import GivenVersion
from loopdesk.services.ports.sharing import SharingPorts
from loopdesk.services.ports.station import Clock, Station
from loopdesk.services.sharing.audit import AuditUpload
from loopdesk.services.sharing.drafts import DraftSharing
from loopdesk.services.sharing.mysteries import MysterySharing
from loopdesk.services.sharing.people import PeopleOfHub
from loopdesk.services.sharing.presence import PresenceSharing
from loopdesk.services.sharing.publications import GivenDesk, GivenKind, UseKind
from loopdesk.services.sharing.sharing import Sharing
from loopdesk.services.station.events import Feed
from loopdesk.services.station.tasks import OnFault, Tasks, keep_running
from loopdesk.system.host.paths import replace_file
from loopdesk.system.settings.file import Loaded


class BenchSharing:
    """Everything that is shared.

    Args:
        station: Returns who works where, now.
        shown: Returns the return that is on the bench, now; "" for none.
        vocabularies: Told which ones IT gives.
        random: Returns numbers in [0, 1), for the back-off.

    Attributes:
        taker: Takes what the hub tells.
        publications: What IT gives to this bench.
    """

    def __init__(
        self,
        ports: SharingPorts,
        *,
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        station: Callable[[], Station],
        shown: Callable[[], str],
        random: Callable[[], float],
        vocabularies: VocabularyShelf,
        on_fault: OnFault,
    ) -> None:
        self._ports = ports
        self._clock = clock
        self._tasks = tasks
        self._on_fault = on_fault
        self._presence = PresenceSharing(
            presence=ports.presence, hub=ports.hub, clock=clock, tasks=tasks, feed=feed, station=station
        )
        drafts = DraftSharing(
            drafts=ports.drafts, hub=ports.hub, clock=clock, feed=feed, shown=shown, station=station
        )
        people = PeopleOfHub(people=ports.people, shares=ports.shares, clock=clock, feed=feed)
        self._audit = AuditUpload(
            uploads=ports.audit, hub=ports.audit_hub, clock=clock, tasks=tasks, feed=feed, random=random
        )
        self.publications = GivenDesk(ports.given, ports.texts, vocabularies, feed=feed)
        self.taker = Sharing(
            (
                drafts,
                self._presence,
                people,
                MysterySharing(
                    ports.mysteries, ports.shares, ports.hub, clock=clock, feed=feed, station=station
                ),
                *(GivenKind(kind, self.publications, ports.shares) for kind in Published),
                UseKind(self.publications, ports.shares, ports.hub),
            ),
            shares=ports.shares,
            hub=ports.hub,
            clock=clock,
            tasks=tasks,
            feed=feed,
            random=random,
            on_beat=people.heard,
        )
        runs = (self._audit.run, self.taker.run, self._presence.run)
        self._loops = dict(zip(("audit upload", "sharing", "presence"), runs, strict=True))
        self._running: set[str] = set()

    async def share(self, *, on: bool) -> None:
        """Begin or end to share; without a hub nothing of it runs, and nothing of it is kept."""
        await self._ports.shares.turn(on=on)
        await self.publications.load(on=on)
        for name in self._loops.keys() - self._running if on else ():
            self._running.add(name)
            self._tasks.spawn(self._keep_running(name), name=name)

    async def _keep_running(self, name: str) -> None:
        """Run one loop until it returns, because there is no hub any more; the next hub begins it again.

        Each by itself: a failure of one neither ends the others nor begins them twice, and one that still
        waits does not keep another from beginning again.
        """
        try:
            await keep_running(name, self._loops[name], self._clock, self._on_fault)
        finally:
            self._running.discard(name)


# --- what IT gives -------------------------------------------------------------------------------------


class StationGivenTexts:
    """Implements ``services.ports.publishing.GivenTexts``.

    Args:
        runtime: The opened profile.
        take: Applies other settings from now on.
    """

    def __init__(self, runtime: Runtime, take: Callable[[Loaded], Awaitable[None]]) -> None:
        self._runtime = runtime
        self._take = take

    def vocabulary(self, text: str, name: str) -> Vocabulary:
        """Read a vocabulary. See the port."""
        from loopdesk.system.settings.vocabulary import checked_vocabulary

        return checked_vocabulary(text, Path(name))

    def check_settings(self, text: str, name: str) -> None:
        """Check settings. See the port."""
        from loopdesk.system.settings.pushed import checked_settings

        checked_settings(text, Path(name))

    async def use_settings(self, text: str) -> None:
        """Use these settings of the site from now on. See the port."""
        if await asyncio.to_thread(_write, self._runtime.profile.hub_settings_file, text):
            await self._take(await asyncio.to_thread(self._runtime.settings_file.load))


def _write(file: Path, text: str) -> bool:
    """Store the text. Returns whether it is another one than before.

    Raises:
        SettingsWrong: The file cannot be written.
    """
    try:
        before = file.read_text("utf-8") if file.exists() else ""
        if before == text:
            return False
        if text:
            replace_file(file, text)
        else:
            file.unlink()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or ""
        raise SettingsWrong("unwritable", file=str(file), error=why) from error
    return True


async def vocabularies_of(runtime: Runtime) -> Vocabularies:
    """Return the words of each shop as they are kept, for a command; those that cannot be read are none.

    Raises:
        SettingsWrong: This bench's own cannot be read.
        StoreError: What the hub gave cannot be read.
    """
    from loopdesk.system.settings.vocabulary import checked_vocabulary

    read: dict[str, Vocabulary] = {}
    for each in await runtime.store.given.all() if runtime.settings.hub.used else ():
        if each.kind is Published.VOCABULARY and each.version:
            with suppress(SettingsWrong):
                read[each.scope] = checked_vocabulary(each.text, Path(each.scope))
    return Vocabularies(runtime.vocabulary, bool(runtime.settings.vocabulary), read)


def check_given(given: tuple[GivenVersion, ...], *, is_own: bool) -> Check:
    """Say which versions this bench works by, and which one it cannot read."""
    name = "given"
    wrong = [
        found(
            "given_wrong",
            what=_name(each),
            n=each.wrong.version,
            place=f"({each.wrong.at})" if each.wrong.at else "",
            why=ValueWrong(each.wrong.why, **each.wrong.values),
        )
        for each in given
        if each.wrong is not None
    ]
    if wrong:
        return Check(name, Status.WARNING, tuple(wrong))
    used = [f"{_name(x)} {x.version} ({x.mark})" for x in given if x.version]
    if is_own and any(x.kind is Published.VOCABULARY for x in given):
        return Check(name, Status.OK, (found("given_covered", names=", ".join(used)),))
    finding = found("given_used", names=", ".join(used)) if used else found("given_nothing")
    return Check(name, Status.OK, (finding,))


def _name(given: GivenVersion) -> str:
    """Name it as IT does at the hub."""
    return given.kind.value if given.scope == SITE else f"{given.kind.value} {given.scope}"
