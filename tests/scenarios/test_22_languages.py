"""The window in another language: all of it translated, and switched without losing anything."""

from __future__ import annotations

from itertools import cycle

from loopdesk.domain.outbox.stages import Cause, Stage, Why
from loopdesk.presenters.pages.attention import AttentionPresenter
from loopdesk.presenters.pages.settings import SettingsPresenter
from loopdesk.presenters.screens.returns import QuestionKind
from loopdesk.presenters.words.words import masked_email
from loopdesk.simulator.samples import SAMPLES
from loopdesk.system.settings.model import SETTINGS
from loopdesk.ui.texts import clean
from tests.scenarios.desk import Desk
from tests.scenarios.everywhere import UNKNOWN_CODE, everywhere, places, questions
from tests.scenarios.said import said, words_in
from tests.simulator_thread import SimulatorThread


def of_the_shop(desk: Desk, shop: SimulatorThread) -> set[str]:
    """Return the words of the shop's data, of the station and of its vocabulary, which no catalogue knows."""
    texts = [repr(ret) for ret in shop.loop.index.kept()]
    texts += [clean(line.title, lines=True) for ret in shop.loop.index.kept() for line in ret.lines]
    texts += [masked_email(ret.customer_email or "") for ret in shop.loop.index.kept()]
    texts += [repr(place) for place in shop.loop.destinations]
    vocabulary = desk.runtime.vocabulary
    texts += [rule.description for rule in vocabulary.grades]
    texts += [*vocabulary.flag_reasons, *vocabulary.note_templates, UNKNOWN_CODE]
    texts.append("Parcel of a cancelled return set aside")  # a note that goes to Loop, in the shop's language
    texts += [known.env for known in SETTINGS]
    return words_in(texts) | NAMES


NAMES = frozenset(
    {"loop", "loopdesk", "rma", "sku", "api", "usb", "com", "ada", "dock", "english", "deutsch"}
) | {
    *("esc", "enter", "alt", "ctrl", "shift", "down"),
    *("cdn", "shopify", "com"),
}
"""Names that are the same in every language."""


def test_in_the_pseudo_language_no_text_is_plain_english(desk: Desk, shop: SimulatorThread) -> None:
    plain: dict[str, list[str]] = {}
    met: list[str] = []

    async def body() -> None:
        known, window = of_the_shop(desk, shop), desk.session.window

        def visit(name: str) -> None:
            met.append(name)
            for text in said(window):
                if words_in([text]) - known:
                    plain.setdefault(text, []).append(name)

        await everywhere(desk, visit)

    desk.play(body, LOOPDESK_LANGUAGE="pseudo", LOOPDESK_HOLD_SECONDS="8")
    assert tuple(met) == places()
    assert not plain, "\n".join(f"{text!r} on {', '.join(where)}" for text, where in plain.items())


async def speak(desk: Desk, language: str) -> None:
    """Choose another language on the page of settings, and return to the bench."""
    window = desk.session.window
    window.show_view("settings")
    settings = desk.session.pages.presenters["settings"]
    assert isinstance(settings, SettingsPresenter)
    settings.change("language", language)
    settings.save()
    queue = {"en": "Queue", "de": "Ausgang"}[language]
    await desk.hand.until(queue, lambda: window.rail.button("queue").accessibleName() == queue)
    await desk.at_rest()
    window.show_view("bench")


def test_the_language_is_changed_in_the_middle_of_every_question_and_nothing_is_lost(desk: Desk) -> None:
    parcel = SAMPLES["multi_line"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("2")
        field, languages = desk.session.window.bench.prompt.field, cycle(("de", "en"))
        met = set()
        async for asked in questions(desk):
            typed = "" if asked.is_choice else "wet"
            await desk.press(*typed)
            await speak(desk, next(languages))
            now = desk.screen.prompt
            assert now is not None
            assert (now.kind, now.number) == (asked.kind, asked.number)
            assert now.title != asked.title
            assert field.toPlainText() == typed
            await desk.press(*typed)  # and one goes on where one was
            assert field.toPlainText() == typed * 2
            met.add(now.kind)
        assert met == set(QuestionKind)
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_the_language_is_changed_while_lines_are_graded_and_undo_still_takes_back_the_last(
    desk: Desk,
) -> None:
    parcel = SAMPLES["multi_line"]

    async def body() -> None:
        await desk.synced()
        await desk.open(parcel)
        await desk.press("2", "Ctrl+A")
        before = desk.screen
        await speak(desk, "de")
        now = desk.screen
        assert [row.decided for row in now.lines] == [row.decided for row in before.lines]
        assert [row.is_marked for row in now.lines] == [row.is_marked for row in before.lines]
        assert now.selected == before.selected
        assert now.band.undo == before.band.undo == parcel.order_name
        await desk.press("3")
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert sorted(x.grade.value for x in draft.inspections) == ["grade_b", "grade_c", "grade_c"]
        await desk.press("F10")
        draft = await desk.runtime.store.drafts.get(parcel.return_id)
        assert [x.grade.value for x in draft.inspections] == ["grade_b"]

    desk.play(body)


def test_the_language_is_changed_while_a_note_is_written_and_nothing_is_lost(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(SAMPLES["single"])
        await desk.press("2", "F2")
        await desk.hand.until("the note", lambda: "Note" in said(desk.session.window))
        await desk.press("w", "e", "t")
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
        assert (prompt.kind, prompt.title) == ("note", "Notiz")
        assert desk.session.window.bench.prompt.field.toPlainText() == "wet"
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
