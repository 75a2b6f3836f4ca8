"""Every view and question can be read, reached and pressed, in every theme, size, scale and language.

A choice in which any two of them meet; ``make screens`` looks at all, and makes pictures for eyes.
"""

from __future__ import annotations

import pytest

from loopdesk.presenters.screens.returns import QuestionKind
from loopdesk.ui.main_window import PLACES
from loopdesk.ui.theme import THEMES
from tests.pairwise import Case, pairwise
from tests.scenarios.desk import Desk
from tests.scenarios.every_screen import LANGUAGES, SCALES, SIZES, Way, looked_at
from tests.scenarios.everywhere import everywhere, places

CHOICE = pairwise({"place": places(), "size": SIZES, "theme": THEMES, "scale": SCALES, "language": LANGUAGES})


def way_of(case: Case) -> Way:
    return Way(case["theme"], case["size"], case["scale"])  # type: ignore[arg-type]


def test_every_two_of_them_meet() -> None:
    assert {(case["place"], case["size"]) for case in CHOICE} == {(p, s) for p in places() for s in SIZES}
    assert {(case["theme"], case["language"], "") for case in CHOICE} == {
        (theme, language, "") for theme in THEMES for language in LANGUAGES
    }
    assert len(CHOICE) <= len(places()) * len(SIZES) * 1.1


def test_every_view_and_every_question_is_a_place() -> None:
    assert {f"question {kind}" for kind in QuestionKind} == {x for x in places() if x.startswith("question")}
    assert {name for name, _icon in PLACES} <= set(places())
    assert len(set(places())) == len(places())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_covered_pale_or_out_of_reach(language: str, desk: Desk) -> None:
    found: dict[str, list[str]] = {}
    met: list[str] = []

    async def body() -> None:
        window = desk.session.window

        def visit(name: str) -> None:
            met.append(name)
            cases = [case for case in CHOICE if (case["place"], case["language"]) == (name, language)]
            for way in sorted(map(way_of, cases), key=lambda way: (way.theme, way.shown_scale)):
                for what in looked_at(window, way):
                    found.setdefault(what, []).append(f"{name} ({way.name})")

        await everywhere(desk, visit)

    desk.play(body, LOOPDESK_LANGUAGE=language, LOOPDESK_HOLD_SECONDS="8")
    assert tuple(met) == places()
    assert not found, "\n".join(f"{what} on {', '.join(where)}" for what, where in found.items())
