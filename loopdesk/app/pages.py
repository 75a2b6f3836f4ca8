"""Makes the views other than the bench, each with its presenter, when first shown.

Nor is their code loaded before: most shifts open one or two of them.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtWidgets import QWidget

from loopdesk.app.program import Program
from loopdesk.domain.camera import CameraDevice
from loopdesk.domain.scanner.rhythm import GunPace
from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.presenters.pages.page import PageServices
from loopdesk.services.station.scanners import states_by_name
from loopdesk.system.settings.file import Loaded
from loopdesk.ui.theme import look

if TYPE_CHECKING:
    from loopdesk.presenters.pages.attention import AttentionPresenter
    from loopdesk.presenters.pages.health import Gauges
    from loopdesk.presenters.pages.key_entry import KeyEntry
    from loopdesk.presenters.pages.page import PagePresenter
    from loopdesk.presenters.pages.queue_rows import QueueRows
    from loopdesk.presenters.pages.return_page import ReturnPageParts
    from loopdesk.presenters.pages.settings import Playground


@dataclass(frozen=True, slots=True)
class Outside:
    """What the pages need from the window's session.

    Attributes:
        open_return: Opens a return at the bench.
        show: Brings a view to the front.
        switch_practice: Restarts the program in or out of practice mode.
        print_sheet: Writes the sheet of command codes and returns its path.
        renew_codes: Voids the command codes printed by this station.
        playground: The simulator in practice mode, else None.
        changed: Called with new settings.
        keep_photo: Copies a picture file into the profile and returns its stored name.
        command: Runs a command of the table, by its id.
        gun_pace: Returns what was learned about the scanner's speed.
        gun_states: Returns the state of each scanner at a serial port.
        find_cameras: Finds the cameras that are connected; raises ``CameraUnusable``.
        masked: Returns a text as it may be stored: with command codes replaced by their names.
    """

    open_return: Callable[[str], None]
    show: Callable[[str], None]
    switch_practice: Callable[[bool], None]
    print_sheet: Callable[[], Awaitable[str]]
    renew_codes: Callable[[], Awaitable[None]]
    changed: Callable[[Loaded], None]
    keep_photo: Callable[[str], Awaitable[str]]
    command: Callable[[str], None]
    gun_pace: Callable[[], GunPace]
    gun_states: Callable[[], Mapping[str, GunState]]
    find_cameras: Callable[[], Awaitable[Sequence[CameraDevice]]]
    masked: Callable[[str], str]
    playground: Playground | None = None


class Pages:
    """Builds presenters and views lazily; ``presenters`` contains those that were shown."""

    def __init__(self, program: Program, entry: KeyEntry, outside: Outside) -> None:
        self._program = program
        self._entry = entry
        self._outside = outside
        parts, clock = program.parts, program.runtime.clock
        self._services = PageServices(parts.feed, parts.tasks, clock, program.zone)
        self.presenters: dict[str, PagePresenter[Any]] = {}

    def makers(self) -> dict[str, Callable[[], QWidget]]:
        """Return the factory of each view."""
        return {
            "queue": self._queue,
            "finished": self._finished,
            "attention": self._attention,
            "mystery": self._mysteries,
            "search": self._search,
            "arrivals": self._arrivals,
            "health": self._health,
            "settings": self._settings,
        }

    def shown(self, name: str) -> None:
        """Activate the page in front, and deactivate the others."""
        for other, presenter in self.presenters.items():
            if other == name:
                presenter.show()
            elif presenter.is_visible:
                presenter.hide()

    def speak_anew(self) -> None:
        """Let every page say everything in the language that is spoken now."""
        for presenter in self.presenters.values():
            presenter.speak_anew()

    def _queue(self) -> QWidget:
        from loopdesk.presenters.pages.queue import QueuePresenter
        from loopdesk.ui.pages.queue import QueueView

        presenter = QueuePresenter(self._services, self._return_parts(), show_case=self._show_case)
        self.presenters["queue"] = presenter
        return QueueView(presenter)

    def _finished(self) -> QWidget:
        from loopdesk.presenters.pages.finished import FinishedPresenter
        from loopdesk.ui.pages.finished import FinishedView

        inspection = self._program.parts.inspection
        presenter = FinishedPresenter(
            self._services, self._return_parts(), vocabularies=inspection.vocabularies
        )
        self.presenters["finished"] = presenter
        return FinishedView(presenter)

    def _return_parts(self) -> ReturnPageParts:
        from loopdesk.app.evidence import EvidenceSheets
        from loopdesk.presenters.pages.return_page import ReturnPageParts

        program, store = self._program, self._program.runtime.store
        return ReturnPageParts(
            outbox=store.outbox,
            overview=store.overview,
            audit=store.audit,
            rows=self._queue_rows(),
            withdraw=program.parts.inspection.withdraw,
            open_return=self._outside.open_return,
            show_evidence=EvidenceSheets(
                program.runtime, program.zone, program.station, program.parts.inspection.vocabularies
            ).show,
        )

    def _queue_rows(self) -> QueueRows:
        from loopdesk.presenters.pages.queue_rows import QueueRows, ReturnNames

        program = self._program
        return QueueRows(
            ReturnNames(program.runtime.store.returns),
            program.zone,
            line=program.parts.connection,
            key_fits=program.parts.keys.fits,
            hold_left=program.parts.sender.hold_left,
        )

    def _show_case(self, return_id: str) -> None:
        self._outside.show("attention")
        cast("AttentionPresenter", self.presenters["attention"]).select(return_id)

    def _attention(self) -> QWidget:
        from loopdesk.presenters.pages.attention import AttentionPresenter
        from loopdesk.ui.pages.attention import AttentionView

        program = self._program
        presenter = AttentionPresenter(
            self._services,
            desk=program.parts.attention,
            outbox=program.runtime.store.outbox,
            cache=program.runtime.store.returns,
            audit=program.runtime.store.audit,
            read_notes=program.parts.read_notes,
            station=program.station,
            open_return=self._outside.open_return,
            masked=self._outside.masked,
        )
        self.presenters["attention"] = presenter
        return AttentionView(presenter)

    def _mysteries(self) -> QWidget:
        from loopdesk.presenters.pages.mysteries import MysteriesPresenter, MysteryParts
        from loopdesk.ui.pages.mysteries import MysteriesView

        program, outside = self._program, self._outside
        parts = MysteryParts(
            desk=program.parts.mysteries,
            labels=program.parts.labels,
            cache=program.runtime.store.returns,
            ask_loop=program.parts.ask_loop,
            keep_photo=outside.keep_photo,
            photo_path=lambda name: str(program.runtime.profile.photo(name)),
            open_return=outside.open_return,
            new=lambda: outside.command("mystery"),
            masked=outside.masked,
        )
        presenter = MysteriesPresenter(self._services, parts)
        self.presenters["mystery"] = presenter
        return MysteriesView(presenter)

    def _search(self) -> QWidget:
        from loopdesk.presenters.pages.search import SearchPresenter
        from loopdesk.ui.pages.search import SearchView

        program = self._program
        presenter = SearchPresenter(
            self._services,
            cache=program.runtime.store.returns,
            open_return=self._outside.open_return,
        )
        self.presenters["search"] = presenter
        return SearchView(presenter)

    def _arrivals(self) -> QWidget:
        from loopdesk.presenters.pages.arrivals import ArrivalsPresenter
        from loopdesk.ui.pages.arrivals import ArrivalsView

        program = self._program
        presenter = ArrivalsPresenter(
            self._services,
            arrivals=program.runtime.store.arrivals,
            line=program.parts.connection,
            synced_at=lambda: program.parts.prefetch.synced_at,
            open_return=self._outside.open_return,
        )
        self.presenters["arrivals"] = presenter
        return ArrivalsView(presenter)

    def _health(self) -> QWidget:
        from loopdesk.app.examination import examine
        from loopdesk.presenters.pages.health import HealthPresenter
        from loopdesk.ui.pages.health import HealthView

        program = self._program
        presenter = HealthPresenter(
            self._services,
            examine=partial(
                examine, program, self._outside.gun_states, _shown_scale, self._outside.find_cameras
            ),
            gauges=self._gauges,
            outbox=program.runtime.store.outbox,
            cache=program.runtime.store.returns,
            line=program.parts.connection,
        )
        self.presenters["health"] = presenter
        return HealthView(presenter)

    async def _gauges(self) -> Gauges:
        from loopdesk.presenters.pages.health import Gauges

        program = self._program
        folder = program.runtime.profile.store_folder
        size, free = await asyncio.to_thread(_disk, folder)
        return Gauges(
            synced_at=program.parts.prefetch.synced_at,
            loop_seconds=program.parts.connection.state.answer_seconds,
            spent=program.parts.budget.spent(),
            store_bytes=size,
            free_bytes=free,
            gun_pace=self._outside.gun_pace(),
            guns=states_by_name(self._outside.gun_states()),
            photos=await program.runtime.store.photo_queue.counts(),
            photo_trouble=program.parts.uploads.trouble,
            hub=program.parts.hub_contact(),
        )

    def _settings(self) -> QWidget:
        from loopdesk.presenters.pages.settings import SettingsPresenter
        from loopdesk.system.settings.desk import SettingsDesk
        from loopdesk.ui.pages.settings import SettingsView

        program = self._program
        desk = SettingsDesk(
            program.runtime.settings_file,
            lambda: program.runtime.loaded,
            self._outside.changed,
            program.runtime.read_vocabulary,
        )
        presenter = SettingsPresenter(
            self._services,
            desk=desk,
            entry=self._entry,
            line=program.parts.connection,
            same_shop=program.parts.keys.same_shop,
            station=program.station,
            practice=program.is_practice,
            switch_practice=self._outside.switch_practice,
            print_sheet=self._outside.print_sheet,
            renew_codes=self._outside.renew_codes,
            shown_scale=_shown_scale,
            find_cameras=self._name_cameras,
            destinations=program.parts.destinations.known,
            people=program.runtime.store.people.people,
        )
        self.presenters["settings"] = presenter
        view = SettingsView(presenter)
        if self._outside.playground is not None:
            view.work.insertWidget(
                view.work.indexOf(view.pages) + 1, self._drills(self._outside.playground, view)
            )
        return view

    async def _name_cameras(self) -> Sequence[str]:
        return tuple(camera.name for camera in await self._outside.find_cameras())

    @staticmethod
    def _drills(playground: Playground, view: QWidget) -> QWidget:
        from loopdesk.presenters.pages.settings import DrillsPresenter
        from loopdesk.ui.pages.settings import DrillsCard

        return DrillsCard(DrillsPresenter(playground), view)


def _shown_scale() -> int:
    """Return the size of everything in the window, in percent: the set one, or less on a small screen."""
    return look().scale


def _disk(folder: Path) -> tuple[int, int]:
    """Measure the store's files and the free disk space, in bytes."""
    files = (Path(root, name) for root, _, names in os.walk(folder) for name in names)
    return sum(map(_size, files)), shutil.disk_usage(folder).free


def _size(file: Path) -> int:
    """Return a file's size in bytes; 0 for one that went while we looked, as old backups do."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
