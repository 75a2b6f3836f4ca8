"""The window speaks another language: all of it, with room for it, and changed without losing anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from loopdesk.domain.outbox.stages import Cause, Stage, Why
from loopdesk.i18n import catalogue, formats
from loopdesk.presenters.pages.attention import AttentionPresenter
from loopdesk.presenters.pages.settings import SettingsPresenter
from loopdesk.presenters.words.words import masked_email
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.settings.model import SETTINGS
from loopdesk.ui.main_window import PLACES
from loopdesk.ui.texts import clean
from tests.scenarios.desk import Desk
from tests.scenarios.said import said, words_in
from tests.simulator_thread import SimulatorThread

Visit = Callable[[str], None]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    catalogue.use(None)
    formats.use()


async def everywhere(desk: Desk, visit: Visit) -> None:
    """Bring every page of the window and the bench's usual pictures to the front, one after the other."""
    window, hand = desk.session.window, desk.hand
    await desk.synced()
    visit("empty")
    await desk.hand.scan(SAMPLES["single"].tracking_number or "")
    await hand.until("the return", lambda: SAMPLES["single"].return_id in desk.title)
    visit("a return")
    await desk.press("2")
    visit("graded")
    for key in ("F2", "F4", "Ctrl+E", "F8", "F3"):
        await desk.press(key)
        visit(f"question {key}")
        await desk.press("Esc")
    await desk.scan(UNKNOWN_CODE)
    await desk.at_rest()
    visit("stray")
    await desk.press("Esc")
    await desk.press("F12")
    await desk.at_rest()
    visit("kept")
    for place, *_rest in PLACES:
        window.show_view(place)
        await hand.until(f"the page {place}", lambda n=place: _has_read(desk, n))  # type: ignore[misc]
        visit(place)


def _has_read(desk: Desk, place: str) -> bool:
    tasks = desk.program.parts.tasks.names
    return not {f"{place} refresh", "mysteries refresh", "health checks"} & set(tasks)


def of_the_shop(desk: Desk, shop: SimulatorThread) -> set[str]:
    """Return the words of the shop's data, of the station and of its vocabulary, which no catalogue knows."""
    texts = [repr(ret) for ret in shop.loop.index.kept()]
    texts += [clean(line.title, lines=True) for ret in shop.loop.index.kept() for line in ret.lines]
    texts += [masked_email(ret.customer_email or "") for ret in shop.loop.index.kept()]
    texts += [repr(place) for place in shop.loop.destinations]
    vocabulary = desk.runtime.vocabulary
    texts += [rule.description for rule in vocabulary.grades]
    texts += [*vocabulary.flag_reasons, *vocabulary.note_templates, UNKNOWN_CODE]
    texts += [known.env for known in SETTINGS]
    return words_in(texts) | NAMES


UNKNOWN_CODE = "NOT-A-CODE-THAT-ANYONE-KNOWS"

NAMES = frozenset(
    {"loop", "loopdesk", "rma", "sku", "api", "usb", "com", "ada", "dock", "english", "deutsch"}
) | {
    *("esc", "enter", "alt", "ctrl", "shift", "down"),
}
"""Names that are the same in every language."""


def plain_english(desk: Desk, shop: SimulatorThread, language: str) -> dict[str, list[str]]:
    """Walk everywhere in a language. Returns what holds a word that no catalogue made, and where."""
    found: dict[str, list[str]] = {}
    known: set[str] = set()

    async def body() -> None:
        known.update(of_the_shop(desk, shop))

        def visit(name: str) -> None:
            for text in said(desk.session.window):
                if words_in([text]) - known:
                    found.setdefault(text, []).append(name)

        await everywhere(desk, visit)

    desk.play(body, LOOPDESK_LANGUAGE=language)
    return found


def test_in_the_pseudo_language_no_page_says_anything_in_plain_english(
    desk: Desk, shop: SimulatorThread
) -> None:
    found = plain_english(desk, shop, "pseudo")
    told = (f"{text!r} on {', '.join(where)}" for text, where in found.items())
    assert not found, "\n".join(told)


def test_the_language_is_changed_while_a_note_is_written_and_nothing_is_lost(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(SAMPLES["single"])
        await desk.press("2", "F2")
        assert desk.screen.prompt is not None
        desk.session.bench.edit_prompt("Box was wet")
        await desk.hand.until("the note", lambda: "Note" in said(desk.session.window))
        desk.session.window.show_view("settings")
        settings = desk.session.pages.presenters["settings"]
        assert isinstance(settings, SettingsPresenter)
        settings.change("language", "de")
        settings.save()
        await desk.hand.until("German", lambda: "Ausgang" in " ".join(said(desk.session.window)))

        def is_asked_anew() -> bool:
            return desk.screen.prompt is not None and desk.screen.prompt.title == "Notiz"

        await desk.hand.until("the question in German", is_asked_anew)
        assert words_in(said(desk.session.window)) & {"language", "settings", "save"} == set()
        desk.session.window.show_view("bench")
        prompt = desk.screen.prompt
        assert prompt is not None
        assert (prompt.kind, prompt.title, prompt.text) == ("note", "Notiz", "Box was wet")
        assert desk.screen.band.word == "Gefunden"
        assert desk.screen.header is not None
        assert "Erstattung 49,34 USD" in desk.screen.header.promise
        assert SAMPLES["single"].return_id in desk.title
        shown = said(desk.session.window)
        assert "Note" not in shown
        assert "Keep the note" not in shown
        draft = await desk.runtime.store.drafts.get(SAMPLES["single"].return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_why_an_action_needs_a_person_and_what_failed_are_said_in_the_language_of_now(
    desk: Desk, shop: SimulatorThread
) -> None:
    async def body() -> None:
        parcel, window = SAMPLES["single"], desk.session.window
        await desk.synced()
        await desk.open(parcel)
        await desk.refreshed(parcel)
        await desk.press("1", "F12")
        shop.act("set_state", parcel.return_id, state="review")
        (*_, parked) = await desk.until_lane(parcel.return_id, Stage.PARKED)
        assert parked.cause == Cause(Why.CHANGED)
        window.show_view("attention")
        attention = desk.session.pages.presenters["attention"]
        assert isinstance(attention, AttentionPresenter)
        await desk.hand.until("the case", lambda: "Check again" in " ".join(heard()))
        assert "hanged at Loop meanwhile" in " ".join(heard())
        shop.fault("answer", method="GET", path="/details$", status=502)
        attention.choose("check_again")
        await desk.hand.until("what failed", lambda: "answer did not arrive" in " ".join(heard()))

        await speak("de", "Ausgang")
        window.show_view("attention")
        await desk.hand.until("German", lambda: "nzwischen bei Loop geändert" in " ".join(heard()))
        shown = " ".join(heard())
        assert "Die Antwort von Loop kam nicht an. Nichts zu tun: Das Programm fragt Loop" in shown
        assert "answer did not arrive" not in shown
        assert "hanged at Loop" not in shown
        window.show_view("queue")
        why = "Loop zeigt etwas anderes, als am Platz zu sehen war"
        await desk.hand.until("the row in German", lambda: why in " ".join(heard()))

        await speak("en", "Queue")
        window.show_view("queue")
        why = "Loop shows something else than the operator saw"
        await desk.hand.until("the row in English", lambda: why in " ".join(heard()))

    def heard() -> list[str]:
        return said(desk.session.window)

    async def speak(language: str, queue: str) -> None:
        desk.session.window.show_view("settings")
        settings = desk.session.pages.presenters["settings"]
        assert isinstance(settings, SettingsPresenter)
        settings.change("language", language)
        settings.save()
        await desk.hand.until(language, lambda: queue in heard())

    desk.play(body, LOOPDESK_HOLD_SECONDS="1")
