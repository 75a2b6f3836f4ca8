"""The settings: what may be changed here, the key, practice, and the faults to practice with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, assert_never

from loopdesk.domain.api_key import address_in, host_of
from loopdesk.domain.errors import CameraUnusable, HubNotJoined, LoopdeskError, ValueWrong
from loopdesk.domain.hub_join import parse_join_code
from loopdesk.domain.operators import Operator
from loopdesk.domain.people import PeopleList
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _
from loopdesk.presenters.pages.key_entry import KeyEntry, KeyVerdict
from loopdesk.presenters.pages.page import ConnectionStatus, PagePresenter, PageServices
from loopdesk.presenters.pages.setting_fields import (
    PHOTO_SOURCE,
    Field,
    Surroundings,
    field_screen,
    plain,
)
from loopdesk.presenters.pages.unsaved_settings import SettingsDesk, UnsavedSettings, fields_of
from loopdesk.presenters.screens.pages import CaseChoice, FieldScreen, SettingsScreen
from loopdesk.presenters.screens.window import Surface
from loopdesk.presenters.words import errors, hub_words, setting_words, words
from loopdesk.services.ports.station import Station
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import ConnectionChanged, PeopleChanged, StationChanged


class Drill(StrEnum):
    """What the simulated Loop can be made to do."""

    WELL = "well"
    OFFLINE = "offline"
    LOST = "lost"
    SLOW = "slow"
    ERRORS = "errors"
    LOGIN = "login"


DRILLS: tuple[tuple[Drill, str, str], ...] = (
    (Drill.WELL, N_("All is well"), N_("Loop answers as usual.")),
    (
        Drill.OFFLINE,
        N_("No network"),
        N_("Nothing reaches Loop. Go on working: everything is kept, and goes out when all is well again."),
    ),
    (
        Drill.LOST,
        N_("Lost answers"),
        N_(
            "What is sent takes effect, its answer never comes. Loop is asked before anything goes out again."
        ),
    ),
    (Drill.SLOW, N_("Slow Loop"), N_("Every answer takes five seconds. The bench does not wait for them.")),
    (Drill.ERRORS, N_("Errors"), N_("Loop answers with errors of its own. What is kept is tried again.")),
    (
        Drill.LOGIN,
        N_("Login page"),
        N_("A guest network answers in place of Loop. Its page is never taken for an answer."),
    ),
)
"""(drill, caption, what happens) of each, in the order of the buttons."""


class Playground(Protocol):
    """The part of the simulator that makes it misbehave."""

    def play(self, drill: Drill) -> None:
        """Misbehave in this way only, from now on; ``Drill.WELL`` ends it."""
        ...


@dataclass(frozen=True, slots=True)
class DrillsScreen:
    """The faults, the active one, and its description; ``drills`` are (id, caption)."""

    drills: tuple[tuple[str, str], ...]
    playing: str
    sentence: str


class DrillsPresenter:
    """Activates one fault at a time."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._playing = Drill.WELL
        self._surface: Surface[DrillsScreen] | None = None

    def attach(self, surface: Surface[DrillsScreen]) -> None:
        """Draw on this surface, starting now."""
        self._surface = surface
        surface.render(self.screen())

    def choose(self, drill: str) -> None:
        """Activate a fault instead of the previous one. Raises ``ValueError``: there is no such drill."""
        self._playing = Drill(drill)
        self._playground.play(self._playing)
        if self._surface is not None:
            self._surface.render(self.screen())

    def screen(self) -> DrillsScreen:
        """Build the current screen."""
        sentence = next(text for drill, _caption, text in DRILLS if drill == self._playing)
        captions = tuple((drill, _(caption)) for drill, caption, _text in DRILLS)
        return DrillsScreen(captions, self._playing, _(sentence))


class Asked(StrEnum):
    """What is done only after a second yes."""

    SAME_SHOP = "same_shop"
    UNCHECKED_KEY = "unchecked_key"
    PRACTICE = "practice"
    NEW_CODES = "new_codes"
    JOIN_HUB = "join_hub"


class Page(StrEnum):
    """The pages of Settings."""

    BENCH = "bench"
    IT = "it"


PAGES: Mapping[Page, str] = {Page.BENCH: N_("This bench"), Page.IT: N_("Lead and IT")}
"""The pages, each with its caption."""


class SettingsPresenter(PagePresenter[SettingsScreen]):
    """Shows the settings, holds what was entered until it is saved, and accepts keys.

    Args:
        entry: Checks a key and puts it to use.
        same_shop: Records a person's word that the keys that lock the queue are the same shop's as this one.
        practice: Whether this is practice mode.
        switch_practice: Restarts the program in or out of practice mode.
        print_sheet: Writes and opens the sheet of command codes, and returns its folder.
        renew_codes: Voids the command codes printed by this station.
        shown_scale: Returns the size that the screen has room for, in percent.
        find_cameras: Names the cameras that are connected; raises ``CameraUnusable``.
        destinations: Returns Loop's destinations that are known here, each with its name.
        people: Reads who works at this site.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        desk: SettingsDesk,
        entry: KeyEntry,
        line: ConnectionStatus,
        same_shop: Callable[[Operator], Awaitable[None]],
        station: Callable[[], Station],
        practice: bool,
        switch_practice: Callable[[bool], None],
        print_sheet: Callable[[], Awaitable[str]],
        renew_codes: Callable[[], Awaitable[None]],
        shown_scale: Callable[[], int],
        find_cameras: Callable[[], Awaitable[Sequence[str]]],
        destinations: Callable[[], Sequence[tuple[str, str]]],
        people: Callable[[], Awaitable[PeopleList]],
    ) -> None:
        super().__init__(page, "settings")
        self._desk = desk
        self._entry = entry
        self._line = line
        self._keep_same_shop = same_shop
        self._station = station
        self._practice = practice
        self._switch_practice = switch_practice
        self._print_sheet = print_sheet
        self._renew_codes = renew_codes
        self._shown_scale = shown_scale
        self._find_cameras = find_cameras
        self._destinations = destinations
        self._people = people
        self._page = Page.BENCH
        self._cameras: tuple[str, ...] = ()
        self._names: tuple[str, ...] = ()
        self._unsaved = UnsavedSettings(desk)
        self._problem: LoopdeskError | Said = NOTHING
        self._saved = NOTHING
        self._key_said: KeyVerdict | None = None
        self._checking = False
        self._unchecked_key = ""
        self._join_code = self._join_url = ""
        self._asking: CaseChoice | None = None
        for kind in (StationChanged, ConnectionChanged, PeopleChanged):
            page.feed.on(kind, self.refresh)

    def choose_page(self, page: str) -> None:
        """Show the operator's page, or that of lead and IT; what was entered on the other one stays."""
        if page in PAGES:
            self._page, self._asking = Page(page), None
            self._draw()

    def change(self, key: str, text: str) -> None:
        """Enter a new value, to be saved later."""
        if not self._unsaved.enter(key, text):
            return
        self._saved, self._problem = NOTHING, NOTHING
        self._draw()
        if key == PHOTO_SOURCE:
            self.refresh()

    def save(self) -> None:
        """Save what was entered, all or nothing."""
        self._unsaved.settle()
        if self._unsaved.problems:
            self._problem = Said(N_("Correct what is marked first."))
            self._draw()
        elif changes := self._unsaved.changes():
            self._tasks.spawn(self._save(changes), name="settings save")
        else:
            self._draw()

    def discard(self) -> None:
        """Discard what was entered since the last save."""
        self._unsaved.clear()
        self._saved, self._problem = NOTHING, NOTHING
        self._draw()

    def enter_key(self, text: str) -> None:
        """Check a key with Loop and use it from now on."""
        self._start_key(text, unchecked=False)

    def take_join_code(self, code: str) -> None:
        """Ask whether to join the hub whose code was scanned; practice needs none."""
        if self._practice or self._checking:
            return
        try:
            self._join_url = parse_join_code(code).url
        except ValueWrong as wrong:
            self._key_said = KeyVerdict(errors.said(HubNotJoined(why=wrong.why)), "blocked", is_taken=False)
        else:
            self._join_code = code
            self._asking = self._key_choice()
        self._draw()

    def choose(self, intent: str) -> None:
        """Ask about one of ``Asked``; what cannot be chosen now is not asked about."""
        known = (self._key_choice(), _practice_choice(self._practice), _new_codes_choice())
        self._asking = next((x for x in known if x is not None and x.intent == intent), None)
        self._draw()

    def confirm(self) -> None:
        """Carry out the pending choice."""
        asked, self._asking = self._asking, None
        if asked is not None:
            self._carry_out(Asked(asked.intent))
        self._draw()

    def _carry_out(self, asked: Asked) -> None:
        match asked:
            case Asked.SAME_SHOP:
                self._tasks.spawn(self._same_shop(), name="settings same shop")
            case Asked.JOIN_HUB:
                code, self._join_code = self._join_code, ""
                self._start_key(code, unchecked=False)
            case Asked.UNCHECKED_KEY:
                self._start_key(self._unchecked_key, unchecked=True)
            case Asked.PRACTICE:
                self._switch_practice(not self._practice)
            case Asked.NEW_CODES:
                self._tasks.spawn(self._renew(), name="settings codes")
            case _:
                assert_never(asked)

    def dismiss(self) -> None:
        """Cancel the pending choice, and put away what was said last."""
        self._asking, self._join_code = None, ""
        self._saved, self._problem = NOTHING, NOTHING
        self._draw()

    def print_codes(self) -> None:
        """Print or save the sheet of command codes."""
        self._tasks.spawn(self._print(), name="settings sheet")

    async def _save(self, changes: Mapping[str, str]) -> None:
        fields = fields_of(self._desk)
        try:
            await self._desk.save({key: plain(fields[key], text) for key, text in changes.items()})
        except LoopdeskError as failure:
            self._problem = failure
        else:
            self._unsaved.saved(changes)
            at = self._clock.now().astimezone(self._zone).time()
            said = N_("Saved at {time}.")
            if any(fields[key].at_start for key in changes):
                said = N_("Saved at {time}. Part of it takes effect when the program starts again.")
            self._saved = Said(said, {"time": at})
            self._feed.tell(StationChanged())
        self._draw()

    def _start_key(self, text: str, *, unchecked: bool) -> None:
        if not self._checking:
            self._checking = True
            self._tasks.spawn(self._take_key(text, unchecked=unchecked), name="settings key")
            self._draw()

    async def _take_key(self, text: str, *, unchecked: bool) -> None:
        try:
            verdict = await self._entry.enter(text, unchecked=unchecked)
            self._key_said = verdict
            self._unchecked_key = text if verdict.may_go_on else ""
            if verdict.is_taken:
                self._feed.tell(StationChanged())
        finally:
            self._checking = False
            self._draw()

    async def _same_shop(self) -> None:
        await self._keep_same_shop(self._station().operator)
        self._feed.tell(ConnectionChanged())
        self._draw()

    async def _print(self) -> None:
        try:
            folder = await self._print_sheet()
        except (OSError, ValueError) as failure:
            why = getattr(failure, "strerror", None) or failure
            self._problem = Said(N_("The sheet was not saved: {why}."), {"why": why})
        else:
            self._saved = Said(N_("Saved in {folder}"), {"folder": folder})
        self._draw()

    async def _renew(self) -> None:
        self._saved, self._problem = NOTHING, NOTHING
        try:
            await self._renew_codes()
        except OSError as failure:
            why = failure.strerror or failure
            self._problem = Said(N_("The codes are as before: {why}."), {"why": why})
        else:
            self._saved = Said(N_("The old sheets do nothing any more. Print the command codes again."))
        self._draw()

    async def _load(self) -> None:
        """Read the people, and find the cameras where photos are taken with one; nothing else loads those.

        What was entered meets what is in force by now: the hub may have set it.
        """
        self._unsaved.settle()
        self._names = tuple(person.name for person in (await self._people()).people)
        if self._value(PHOTO_SOURCE) != "camera":
            return
        try:
            self._cameras = tuple(dict.fromkeys(await self._find_cameras()))
        except CameraUnusable:
            self._cameras = ()

    def _value(self, key: str) -> str:
        """Return what was entered for a setting, else what is in force."""
        entry, field = self._unsaved.entries.get(key), fields_of(self._desk).get(key)
        if entry is not None and entry.text:
            return entry.text
        return field.value if field is not None else ""

    def _screen(self) -> SettingsScreen:
        said, tone = self._key_words()
        return SettingsScreen(
            sections=self._sections(),
            pages=tuple((page.value, _(caption)) for page, caption in PAGES.items()),
            page=self._page.value,
            key_state=said,
            key_tone=tone,
            problem=errors.told(self._problem),
            saved=str(self._saved),
            changed=bool(self._unsaved.entries),
            checking=self._checking,
            practice=self._practice,
            key_choice=self._key_choice(),
            asking=self._asking,
        )

    def _field(self, field: Field, around: Surroundings) -> FieldScreen:
        unsaved = self._unsaved
        return field_screen(field, unsaved.entries.get(field.key), unsaved.problems.get(field.key), around)

    def _sections(self) -> tuple[tuple[str, tuple[FieldScreen, ...]], ...]:
        """Make the sections of the page that is shown; a table of the file may stand on both in part."""
        around = Surroundings(self._cameras, self._destinations(), self._shown_scale(), self._names)
        shown = (
            (name, tuple(x for x in fields if x.for_operator is (self._page is Page.BENCH)))
            for name, fields in self._desk.sections()
        )
        return tuple(
            (setting_words.section(name), tuple(self._field(x, around) for x in fields))
            for name, fields in shown
            if fields
        )

    def _key_words(self) -> tuple[str, str]:
        """Describe whether Loop accepts the key: as just checked, else by the connection."""
        if self._practice:
            return _("Practice needs no key and can never send anything."), "accent"
        if self._line.state.foreign_keys:
            said = _("Actions wait here that were decided with another key. They are not sent with this one.")
            if others := self._other_addresses():
                said = _(
                    "Actions wait here that were decided for {other}. They are not sent to {address}.",
                    other=", ".join(others),
                    address=address_in(self._station().key_fingerprint),
                )
            return said, "blocked"
        if self._key_said is not None:
            return self._key_said.sentence, self._key_said.tone
        if not self._station().key_fingerprint:
            return _("No key yet. Nothing can be sent to Loop."), "blocked"
        return self._line_words()

    def _line_words(self) -> tuple[str, str]:
        """Describe what the connection shows of the key."""
        match self._line.state.link:
            case LinkState.KEY_REFUSED | LinkState.OFFLINE if self._line.state.trouble in hub_words.TROUBLES:
                said, tone = hub_words.TROUBLES[self._line.state.trouble]
                return words.sentence(_(said)), tone
            case LinkState.KEY_REFUSED:
                said = _("Loop refuses the key. Everything is kept until a good one is entered.")
                return said, "blocked"
            case LinkState.ONLINE if not self._line.state.has_answered:
                return _("A key is kept. Loop was not asked about it yet."), "plain"
            case LinkState.ONLINE:
                return _("Loop accepts the key."), "ok"
            case LinkState.OFFLINE | LinkState.LOGIN_PAGE | LinkState.LOCKED:
                return _("A key is kept. Loop cannot be asked about it now."), "offline"

    def _other_addresses(self) -> list[str]:
        """Return the hosts for which waiting actions were decided, except the current one."""
        here = address_in(self._station().key_fingerprint)
        return sorted({address_in(x) for x in self._line.state.foreign_keys} - {"", here})

    def _key_choice(self) -> CaseChoice | None:
        if self._practice:
            return None
        if self._join_code:
            return CaseChoice(
                Asked.JOIN_HUB,
                _("Join the hub…"),
                consequence=_(
                    "This bench speaks to Loop through the hub at {address} from then on, and no longer with "
                    "a key of its own. What waits here goes there too, if it is the same shop.",
                    address=host_of(self._join_url),
                ),
                accept=_("Join the hub"),
            )
        if self._line.state.foreign_keys:
            consequence = _(
                "You say that both keys belong to one shop, for example because IT renewed the key. What "
                "waits here goes to Loop with the new key, and your name stands beside it."
            )
            if others := self._other_addresses():
                consequence = _(
                    "You say that {address} is Loop for the same shop as {other}. What waits here goes "
                    "there, and your name stands beside it.",
                    other=", ".join(others),
                    address=address_in(self._station().key_fingerprint),
                )
            return CaseChoice(
                Asked.SAME_SHOP,
                _("It is the same shop…"),
                consequence=consequence,
                accept=_("It is the same shop"),
            )
        if self._unchecked_key:
            return CaseChoice(
                Asked.UNCHECKED_KEY,
                _("Use it unchecked…"),
                consequence=_(
                    "The program works with this key although Loop could not be asked about it. If Loop "
                    "refuses it later, everything is kept until a good one is entered."
                ),
                accept=_("Use it"),
            )
        return None


def _new_codes_choice() -> CaseChoice:
    return CaseChoice(
        Asked.NEW_CODES,
        _("New codes…"),
        consequence=_(
            "For a sheet that was lost. Every sheet that was printed here before does nothing from now on; "
            "print a new one. Codes printed with the site's secret go on working: IT changes those."
        ),
        accept=_("New codes"),
    )


def _practice_choice(practice: bool) -> CaseChoice:
    if practice:
        return CaseChoice(
            Asked.PRACTICE,
            _("End practice…"),
            consequence=_("The program starts again and works with Loop."),
            accept=_("End practice"),
        )
    return CaseChoice(
        Asked.PRACTICE,
        _("Practice…"),
        consequence=_(
            "The program starts again with sample returns and a simulator of Loop. Nothing done there "
            "ever reaches Loop. What is kept here waits meanwhile."
        ),
        accept=_("Practice"),
    )
