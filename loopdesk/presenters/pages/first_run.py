"""The first start: the key, the station's name and the operator's name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from loopdesk.domain.errors import HubNotJoined, ValueWrong
from loopdesk.domain.hub_join import is_join_code, parse_join_code
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench import scanner
from loopdesk.presenters.pages.key_entry import KeyEntry, KeyVerdict, shape_problem
from loopdesk.presenters.screens.pages import FirstRunScreen
from loopdesk.presenters.screens.window import Surface
from loopdesk.presenters.words import errors
from loopdesk.services.station.tasks import Tasks

NAME_MOST = 40
"""Maximum length of station and operator names; both are part of every note, which has 254 characters."""


def name_problem(text: str, empty: str) -> str:
    """Return what is wrong with a name, "" if nothing; ``empty`` is returned for an empty one."""
    name = " ".join(text.split())
    if not name:
        return empty
    if len(name) > NAME_MOST:
        return ngettext("At most 1 character.", "At most {n} characters.", NAME_MOST)
    return "" if name.isprintable() else _("Use plain letters and digits.")


class FirstRunPresenter:
    """Asks for what the bench requires, and continues once it is there.

    Args:
        needs_key: False if a key is known already (from the environment, or stored).
        keep_names: Saves the station's and the operator's names in the settings.
        finished: Called once, when the bench can start; its verdict has a sentence for the operator if the
            key is usable with a reservation (unchecked, or kept in memory only).
        practice: Called if the operator would rather practice first.
        find_guns: Names the scanners at serial ports.
    """

    def __init__(
        self,
        *,
        entry: KeyEntry,
        keep_names: Callable[[str, str], Awaitable[None]],
        finished: Callable[[KeyVerdict], None],
        practice: Callable[[], None],
        tasks: Tasks,
        station: str = "",
        operator: str = "",
        needs_key: bool = True,
        find_guns: Callable[[], Awaitable[Sequence[str]]] | None = None,
    ) -> None:
        self._entry = entry
        self._keep_names = keep_names
        self._finished = finished
        self._practice = practice
        self._tasks = tasks
        self._surface: Surface[FirstRunScreen] | None = None
        self._station = station
        self._operator = operator
        self._needs_key = needs_key
        self._wrong = ""
        self._problem = ""
        self._tone = "blocked"
        self._may_go_on = False
        self._checking = False
        self._find_guns = find_guns
        self._guns = ""
        self._is_hub = False
        self._code = ""

    def attach(self, surface: Surface[FirstRunScreen]) -> None:
        """Draw on this surface, starting now."""
        self._surface = surface
        self._draw()
        if self._find_guns is not None:
            self._tasks.spawn(self._look_for_guns(self._find_guns), name="find guns")

    def begin(self, key: str, station: str, operator: str) -> None:
        """Check everything; the bench starts if nothing is wrong."""
        self._submit(key, station, operator, unchecked=False)

    def go_on(self, key: str, station: str, operator: str) -> None:
        """Start although the key could not be checked."""
        self._submit(key, station, operator, unchecked=self._may_go_on)

    def choose_way(self) -> None:
        """Change between the shop's own key and the code of the site's hub."""
        if not self._checking:
            self._is_hub, self._code = not self._is_hub, ""
            self._say("", wrong="")
            self._draw()

    def take_join_code(self, code: str) -> None:
        """Use the hub's code that was scanned, instead of a key, once the names are there."""
        if self._needs_key and not self._checking:
            self._is_hub, self._code = True, code
            self._say(_("The hub's code was read. Begin uses it."), wrong="", tone="offline")
            self._draw()

    def practice(self) -> None:
        """Practice first, with the simulator and without a key."""
        if not self._checking:
            self._practice()

    def scanned(self, code: str) -> None:
        """Say that a scan opens nothing yet, and what comes first. What was entered stays.

        Args:
            code: As it may be shown.
        """
        sentence = _(
            "Scanned: {code}. Nothing was opened. Set up this bench first, then scan it again.",
            code=code[:60],
        )
        self._say(sentence, wrong="", tone="offline", may_go_on=self._may_go_on)
        self._draw()

    async def _look_for_guns(self, find: Callable[[], Awaitable[Sequence[str]]]) -> None:
        self._guns = scanner.first_run_words(await find())
        self._draw()

    def _submit(self, key: str, station: str, operator: str, *, unchecked: bool) -> None:
        if self._checking:
            return
        key = key.strip() or self._code
        self._station = " ".join(station.split())
        self._operator = " ".join(operator.split())
        wrong, problem = self._first_problem(key)
        self._say(problem, wrong=wrong)
        if not problem:
            self._checking = True
            self._tasks.spawn(self._check(key, unchecked=unchecked), name="first run")
        self._draw()

    def _first_problem(self, key: str) -> tuple[str, str]:
        """Return the first wrong field and what is wrong with it; ("", "") if none is."""
        texts = (
            ("key", self._key_problem(key) if self._needs_key else ""),
            (
                "station",
                name_problem(self._station, _("Give this bench a name, for example dock 1.")),
            ),
            ("operator", name_problem(self._operator, _("Say who works here."))),
        )
        return next(((field, text) for field, text in texts if text), ("", ""))

    def _key_problem(self, key: str) -> str:
        if not self._is_hub and not is_join_code(key):
            return str(shape_problem(key))
        try:
            parse_join_code(key)
        except ValueWrong as wrong:
            return " ".join(map(str, errors.said(HubNotJoined(why=wrong.why))))
        return ""

    async def _check(self, key: str, *, unchecked: bool) -> None:
        try:
            await self._keep_names(self._station, self._operator)
            verdict = KeyVerdict((), "ok", is_taken=True)
            if self._needs_key:
                verdict = await self._entry.enter(key, unchecked=unchecked)
        finally:
            self._checking = False
            self._draw()
        if verdict.is_taken:
            self._finished(verdict)
            return
        self._code = ""  # good once
        self._say(verdict.sentence, wrong="key", tone=verdict.tone, may_go_on=verdict.may_go_on)
        self._draw()

    def _say(self, problem: str, *, wrong: str, tone: str = "blocked", may_go_on: bool = False) -> None:
        self._problem = problem
        self._wrong = wrong
        self._tone = tone
        self._may_go_on = may_go_on

    def _draw(self) -> None:
        if self._surface is not None:
            self._surface.render(
                FirstRunScreen(
                    station=self._station,
                    operator=self._operator,
                    problem=self._problem,
                    checking=self._checking,
                    needs_key=self._needs_key,
                    tone=self._tone,
                    wrong=self._wrong,
                    go_on=_("Begin without checking") if self._may_go_on else "",
                    guns=self._guns,
                    is_hub=self._is_hub,
                    is_scanned=bool(self._code),
                )
            )
