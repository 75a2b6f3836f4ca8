"""The program with its window: made, shown, run, and shut down in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QApplication

from loopdesk.app.bench import compose_bench
from loopdesk.app.camera import StationCamera
from loopdesk.app.faults import Faults
from loopdesk.app.pages import Outside, Pages
from loopdesk.app.photo_sources import PhotoSources, keep_file
from loopdesk.app.pictures import PictureLoader
from loopdesk.app.program import Program
from loopdesk.app.runtime import Runtime, findings
from loopdesk.app.startup_window import StartupWindow, rules_of
from loopdesk.domain.hub_join import is_join_code
from loopdesk.domain.labels.scans import GUN
from loopdesk.domain.printing.labels import LabelSize
from loopdesk.domain.scanner.rhythm import Rhythm
from loopdesk.domain.scanner.serial_ports import is_scanner, short_name
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.presenter import BenchPresenter
from loopdesk.presenters.pages.key_entry import KeyEntry, KeyVerdict
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.strip import StripParts, StripPresenter
from loopdesk.presenters.words import errors
from loopdesk.services.bench.intake import CommandCodes, Intake
from loopdesk.services.ports.labels import LabelPrinter
from loopdesk.services.ports.station import Station
from loopdesk.services.station.events import FaultFound, PictureChanged
from loopdesk.services.station.scanners import ScannerPace, SerialGuns
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.host.scanners import GunFile, SystemSerialPorts
from loopdesk.system.host.sounds import Sounds
from loopdesk.system.settings.file import Loaded
from loopdesk.system.settings.model import Settings
from loopdesk.ui.language import speak
from loopdesk.ui.pictures import pictures

if TYPE_CHECKING:
    from loopdesk.app.practice import Practice
    from loopdesk.domain.returns.grading import Vocabulary
    from loopdesk.presenters.pages.first_run import FirstRunPresenter
    from loopdesk.presenters.pages.settings import SettingsPresenter
    from loopdesk.services.ports.hub import JoinedHub

# --- printed sheets ---------------------------------------------------------------------------------

COMMANDS_FILE, LABELS_FILE = "command-codes.pdf", "practice-labels.pdf"
"""The sheets, in the profile's folder, which only this user can read."""


class Sheets:
    """Writes and opens the sheets, and voids old ones.

    Args:
        station: Returns who works where, now.
        told: Returns the words of each shop, now, as ``words_by_shop`` does.
    """

    def __init__(
        self,
        runtime: Runtime,
        codes: CommandCodes,
        station: Callable[[], Station],
        told: Callable[[], Sequence[tuple[str, Vocabulary]]],
        *,
        practice: bool,
    ) -> None:
        self._told = told
        self._ground = runtime
        self._codes = codes
        self._station = station
        self._practice = practice

    async def show(self) -> str:
        """Write the sheets, open them in the system's viewer, and return their folder.

        Raises:
            OSError: They cannot be written.
        """
        from loopdesk.presenters.bench.code_sheet import pages_by_shop
        from loopdesk.ui.printing import open_sheet, write_command_sheet, write_label_sheet

        folder = self._ground.profile.folder
        sheet = pages_by_shop(self._told(), self._codes.printed)
        write_command_sheet(folder / COMMANDS_FILE, sheet)
        if self._practice:
            from loopdesk.simulator.samples import practice_labels

            write_label_sheet(folder / LABELS_FILE, practice_labels())
            open_sheet(folder / LABELS_FILE)
        open_sheet(folder / COMMANDS_FILE)
        return str(folder)

    async def renew_codes(self) -> None:
        """Void the printed codes, and delete the file of the old sheet.

        Raises:
            OSError: The codes are unchanged.
        """
        runtime, where = self._ground, self._station()
        await asyncio.to_thread(runtime.station_secret.renew)
        (runtime.profile.folder / COMMANDS_FILE).unlink(missing_ok=True)
        await runtime.store.audit.write(
            "codes_renewed", runtime.clock.now(), operator=where.operator, station=where.station
        )


# --- the session ------------------------------------------------------------------------------------

log = logging.getLogger("loopdesk.start")


class Session:
    """One run of the window.

    Args:
        runtime: The opened profile; closed by the caller.
        practice: The built-in simulator; None outside practice mode.
        front: The window that was painted already; one is made if there is none.

    Attributes:
        closed: Set when a person wants to leave.
        faults: Receives every unexpected failure.
        wants_practice: After ``closed``: restart in (True) or out of (False) practice mode; None to leave.
    """

    def __init__(
        self,
        app: QApplication,
        runtime: Runtime,
        faults: Faults,
        *,
        practice: Practice | None = None,
        front: StartupWindow | None = None,
    ) -> None:
        self.app = app
        self.runtime = runtime
        self.closed = asyncio.Event()
        self.wants_practice: bool | None = None
        self._first_run: FirstRunPresenter | None = None
        self.faults = faults
        self.codes = runtime.command_codes()
        settings = self._worn = runtime.settings
        self._front = front or StartupWindow(app, settings, practice=practice is not None)
        self.window = self._front.window
        self.scans = self._front.scans
        self.program = Program(runtime, faults.report, practice_key=practice.key if practice else None)
        self.program.pdf_printer = self._pdf_printer
        self.program.on_settings = self._wear  # the hub gives some, which nobody saved at this window
        self._practice = practice
        self.sounds = Sounds(
            resources_dir() / "sounds", enabled=settings.sound.on, volume=settings.sound.volume
        )
        self.camera = StationCamera(app, self.program, self.window)
        self.bench, self.intake = self._make_bench()
        self.strip = StripPresenter(self._strip_parts(), self.program.parts.line)
        self.gun = self._make_gun()
        self.scans.adapt(rules_of(settings, self.gun.pace))
        self.guns = self._make_guns()
        self.entry = KeyEntry(
            check=self.program.check_key,
            secrets=runtime.secrets,
            use=self.program.use_key,
            join=self._join_hub,
        )
        self.pages = Pages(self.program, self.entry, self._outside())
        self.loader = PictureLoader(self.program.parts.pictures, pictures(), self.program.parts.tasks)
        self.photos = PhotoSources(self.program, self.window, self.bench, self._keep_photo)
        self._connect()

    # --- wiring -----------------------------------------------------------------------------------------

    def _make_bench(self) -> tuple[BenchPresenter, Intake]:
        return compose_bench(
            self.program.parts,
            self.codes,
            play=self.sounds.play,
            keep_photo=self._keep_photo,
            photo_path=lambda name: str(self.runtime.profile.photo(name)),
            double_read_seconds=lambda: self.runtime.settings.scanner.double_read_seconds,
            practice=self.program.is_practice,
            camera=self.camera,
        )

    def _strip_parts(self) -> StripParts:
        program = self.program
        return StripParts(
            outbox=self.runtime.store.outbox,
            mysteries=program.parts.mysteries,
            connection=program.parts.connection,
            feed=program.parts.feed,
            clock=self.runtime.clock,
            zone=program.zone,
            station=program.station,
            synced_at=lambda: program.parts.prefetch.synced_at,
            practice=program.is_practice,
            has_second_bench=lambda: program.parts.second_bench.noticed is not None,
            has_photo_trouble=lambda: program.parts.uploads.trouble is not None,
            hub_contact=program.parts.hub_contact,
        )

    def _make_gun(self) -> ScannerPace:
        return ScannerPace(
            GunFile(self.runtime.profile.gun_file),
            self.program.parts.tasks,
            lambda: self.runtime.settings.scanner.gap_ms,
        )

    def _make_guns(self) -> SerialGuns:
        parts = self.program.parts
        return SerialGuns(
            ports=SystemSerialPorts(),
            clock=self.runtime.clock,
            tasks=parts.tasks,
            feed=parts.feed,
            settings=self.program.gun_settings,
            receive=self._receive,
            tell_rest=lambda: self.bench.say_of_gun(Notice.REST),
        )

    def _pdf_printer(self, size: LabelSize) -> LabelPrinter:
        from loopdesk.ui.label_pdf import PdfPrinter

        return PdfPrinter(self.runtime.profile.folder, size)

    def _outside(self) -> Outside:
        program = self.program
        sheets = Sheets(
            self.runtime, self.codes, program.station, self._words_by_shop, practice=program.is_practice
        )
        return Outside(
            open_return=self.bench.pick,
            show=self.window.show_view,
            switch_practice=self._switch_practice,
            print_sheet=sheets.show,
            renew_codes=sheets.renew_codes,
            changed=self._take_settings,
            playground=self._practice,
            keep_photo=self._keep_photo,
            command=self.bench.command,
            gun_pace=lambda: self.gun.pace,
            gun_states=lambda: self.guns.states,
            find_cameras=self.camera.find,
            masked=self.codes.masked,
        )

    def _words_by_shop(self) -> Sequence[tuple[str, Vocabulary]]:
        from loopdesk.presenters.bench.code_sheet import words_by_shop

        parts = self.program.parts
        return words_by_shop(parts.inspection.vocabularies(), parts.shop_names())

    def _connect(self) -> None:
        window, bench = self.window, self.bench
        view = window.bench
        view.line_selected.connect(bench.select_line)
        view.filter_chosen.connect(bench.show_lines)
        view.settlement_chosen.connect(bench.choose_settlement)
        view.return_picked.connect(bench.pick)
        view.prompt_answered.connect(bench.answer)
        view.prompt_edited.connect(bench.edit_prompt)
        view.prompt_second_edited.connect(bench.edit_second)
        view.template_chosen.connect(bench.choose_template)
        view.prompt_cancelled.connect(bench.cancel_prompt)
        view.photo_opened.connect(bench.open_photo)
        self.scans.paced.connect(self._learn_pace)
        self.scans.pending_changed.connect(view.show_pending)
        view.return_painted.connect(bench.painted)
        window.view_shown.connect(self.pages.shown)
        window.view_shown.connect(bench.view_shown)
        for name, make in self.pages.makers().items():
            window.add_view(name, make)
        self.faults.tell = self._tell_fault
        self.program.parts.feed.on(PictureChanged, self._on_picture)

    # --- life ---------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Show the window, ready to scan; then take over what a former run left, and work.

        What the store knows is opened before the key is known. A station without a name has its first run:
        its page answers what is scanned, also what was scanned before it was shown.
        """
        self.strip.attach(self.window)
        station = self.program.station()
        is_named = self.program.is_practice or bool(station.station and station.operator.is_named)
        if is_named:
            self._take_scans()
        await self._front.painted()
        self.window.prepare()
        has_key = await self.program.load_key()
        if has_key and is_named:
            await self.begin()
            return
        self._ask_first(needs_key=not has_key)
        if not is_named:
            self._take_scans()

    def _take_scans(self) -> None:
        """Accept scans and keys, including those so far; read the guns at serial ports."""
        self.bench.attach(self.window, self.window)
        self._front.hand_over(
            scan=self._receive,
            notice=self.bench.say_of_gun,
            command=self.bench.command,
            leave=self.closed.set,
        )
        self.program.parts.keep_running("serial guns", self.guns.run)
        self.program.parts.keep_running("photo folder", self.photos.folder.run)

    async def begin(self) -> None:
        """Start the background work."""
        await self.program.start()
        self.program.parts.labels.recover()
        self._tell_findings()
        self.strip.refresh()

    def _tell_findings(self) -> None:
        """Report what was found at startup that a person must know."""
        report, problem = self.runtime.store.database.report, self.runtime.loaded.problem
        sentence, detail = findings(report)
        if sentence:
            log.warning(
                "store_found damaged=%s lost=%s log=%s restored=%s",
                report.damaged is not None,
                report.lost,
                report.log is not None,
                report.restored,
            )
            self.bench.say(Signal.ATTENTION, _("Call IT"), sentence, detail)
        elif problem is not None:
            self.bench.say(Signal.ATTENTION, _("Settings"), errors.title(problem), errors.reason(problem))
        elif self.program.key_problem is not None:
            failure = self.program.key_problem
            self.bench.say(Signal.ATTENTION, _("Key store"), errors.title(failure), errors.advice(failure))

    async def close(self) -> None:
        """End in order: no new scans, the outbox, tasks and client, sound, window.

        Calls that are under way take their time; until the window is gone no scan may reach its keys.
        """
        self.scans.flush()
        self._front.end()
        self.camera.close()
        self.loader.close()
        await self.program.stop()
        self.scans.remove()
        self.scans.deleteLater()
        self.sounds.close()
        self.faults.tell = None
        self._front.close()

    # --- what the window asks -------------------------------------------------------------------------------

    def _receive(self, raw: str, source: str = GUN) -> None:
        """Handle one complete code of any scanner: behind the page of the first run nothing is opened."""
        if is_join_code(raw):
            self._take_join_code(raw)
        elif self._first_run is not None:
            self._first_run.scanned(self.codes.masked(raw))
        else:
            self.intake.receive(raw, source)

    def _take_join_code(self, code: str) -> None:
        """Handle a hub's code: it is no label, holds a secret, and is kept nowhere."""
        if self._first_run is not None:
            self._first_run.take_join_code(code)
            return
        self.window.show_view("settings")
        cast("SettingsPresenter", self.pages.presenters["settings"]).take_join_code(code)

    def _learn_pace(self, rhythm: Rhythm) -> None:
        if self.gun.learn(rhythm):
            self.bench.say_pace(self.gun.pace.gap_ms)
        self.scans.adapt(rules_of(self.runtime.settings, self.gun.pace))

    async def _keep_photo(self, path: str) -> str:
        return await keep_file(path, self.runtime.profile.photo_folder)

    def _on_picture(self, event: PictureChanged) -> None:
        self.loader.changed(event.key)

    def _switch_practice(self, practice: bool) -> None:
        self.wants_practice = practice
        self.closed.set()

    def _take_settings(self, loaded: Loaded) -> None:
        self._wear(loaded.settings)
        self.program.parts.tasks.spawn(self.program.take_settings(loaded), name="settings")

    def _wear(self, settings: Settings) -> None:
        """Look, sound, speak and listen as these settings say."""
        before, self._worn = self._worn, settings
        if settings == before:
            return
        self._front.dress(settings)
        if settings.language != before.language:
            self._speak(settings.language)
        self.sounds.set(enabled=settings.sound.on, volume=settings.sound.volume)
        if settings.scanner.gap_ms != before.scanner.gap_ms:
            self.gun.begin_again(settings.scanner.gap_ms)
        self.scans.use(rules_of(settings, self.gun.pace))

    def _speak(self, language: str) -> None:
        """Speak another language; what is open and entered stays."""
        speak(self.app, language)
        self.bench.speak_anew()
        self.strip.refresh()
        self.pages.speak_anew()

    def _tell_fault(self, fault: FaultFound) -> None:
        self.bench.say(Signal.BLOCKED, _("Fault"), *errors.fault(fault.number, fault.failure))

    async def _join_hub(self, code: str) -> tuple[JoinedHub, bool]:
        from loopdesk.app.joining import joining_of

        return await joining_of(self.program).join(code)

    # --- first run ------------------------------------------------------------------------------------------

    def _ask_first(self, *, needs_key: bool) -> None:
        """Ask for what is missing before the bench starts."""
        from loopdesk.presenters.pages.first_run import FirstRunPresenter
        from loopdesk.ui.pages.first_run import FirstRunView

        where = self.program.station()
        self._first_run = FirstRunPresenter(
            entry=self.entry,
            keep_names=self._keep_names,
            finished=self._finish_first_run,
            practice=lambda: self._switch_practice(True),
            tasks=self.program.parts.tasks,
            station=where.station,
            operator=where.operator.name,
            needs_key=needs_key,
            find_guns=self._find_guns,
        )
        self.window.show_first(FirstRunView(self._first_run))

    async def _find_guns(self) -> tuple[str, ...]:
        found = await SystemSerialPorts().find()
        return tuple(short_name(port.name) for port in found if is_scanner(port))

    async def _keep_names(self, station: str, operator: str) -> None:
        changes = {"station.name": station, "station.operator": operator}
        loaded = await asyncio.to_thread(self.runtime.settings_file.save, changes)
        await self.program.take_settings(loaded)

    def _finish_first_run(self, verdict: KeyVerdict) -> None:
        self._first_run = None
        self.window.end_first()
        if verdict.sentence:
            self.bench.say(Signal.READY, _("Ready"), verdict.sentence, sound=False)
        self.program.parts.tasks.spawn(self.begin(), name="begin")
