"""Every action in every state: what is allowed, and the exact body of every refusal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.shop import Shop

YES = (200, True)


def e3(word: str, done: str, code: str = "UNPROCESSABLE_RETURN") -> tuple[int, Any]:
    text = f"Return is {word} and therefore cannot be {done}."
    return 200, {"errors": {"message": text, "code": code}}


def e5(word: str, done: str) -> tuple[int, Any]:
    return 200, {"message": f"Return is {word} and therefore cannot be {done}."}


def content(word: str) -> tuple[int, Any]:
    return 200, {"content": f"Return is {word} and cannot be processed."}


MODIFIED = (422, {"message": "Return cannot be modified."})
FLAGGED = e3("open", "processed", "UNPROCESSABLE_FLAGGED_RETURN")

TABLE: dict[str, dict[str, tuple[int, Any]]] = {
    "process": {
        "open": YES,
        "flagged": FLAGGED,
        "review": e5("review", "processed"),
        "closed": e3("closed", "processed"),
        "cancelled": e5("cancelled", "processed"),
        "expired": e3("expired", "processed"),
        "partial": e3("partial", "processed"),
    },
    "flag": {
        "open": YES,
        "flagged": e3("flagged", "flagged"),
        "review": e3("review", "flagged"),
        "closed": e3("closed", "flagged"),
        "cancelled": e3("cancelled", "flagged"),
        "expired": e3("expired", "flagged"),
        "partial": e3("partial", "flagged"),
    },
    "cancel": {
        "open": YES,
        "flagged": content("flagged"),
        "review": e3("review", "cancelled"),
        "closed": e3("closed", "cancelled"),
        "cancelled": e3("cancelled", "cancelled"),
        "expired": content("expired"),
        "partial": e3("partial", "cancelled"),
    },
    "close": {
        "open": YES,
        "flagged": YES,
        "review": YES,
        "closed": e3("closed", "closed"),
        "cancelled": e5("cancelled", "closed"),
        "expired": e3("expired", "closed"),
        "partial": e3("partial", "closed"),
    },
    "remove": {
        "open": YES,
        "flagged": e3("flagged", "modified"),
        "review": e3("review", "modified"),
        "closed": MODIFIED,
        "cancelled": MODIFIED,
        "expired": e3("expired", "modified"),
        "partial": e3("partial", "modified"),
    },
    "note": dict.fromkeys(("open", "flagged", "review", "closed", "cancelled", "expired", "partial"), YES),
}
CELLS = [(action, state) for action, row in TABLE.items() for state in row]


async def ask(shop: Shop, action: str, return_id: str) -> tuple[int, Any]:
    params = {"line_item_id": str(shop.line_ids(return_id)[0])} if action == "remove" else {}
    body = {"content": "hello"} if action == "note" else None
    answer = await shop.do(action, return_id, body, **params)
    return answer.status_code, answer.json()


def standing(shop: Shop, state: str) -> str:
    if state == "flagged":
        return shop.add(flagged=True, lines=[{}, {}])
    return shop.add(state=state, lines=[{}, {}])


@pytest.mark.parametrize(("action", "state"), CELLS)
async def test_each_action_in_each_state_is_taken_or_refused_in_its_own_words(
    action: str, state: str
) -> None:
    shop = Shop()
    return_id = standing(shop, state)
    assert await ask(shop, action, return_id) == TABLE[action][state]


@pytest.mark.parametrize(("action", "state"), [cell for cell in CELLS if TABLE[cell[0]][cell[1]] != YES])
async def test_a_refusal_changes_nothing(action: str, state: str) -> None:
    shop = Shop()
    return_id = standing(shop, state)
    before = shop.loop.get(return_id).copy()
    await ask(shop, action, return_id)
    shop.clock.turn(3600)
    assert shop.loop.get(return_id) == before
    assert not shop.loop.log[-1].effect


@pytest.mark.parametrize("state", ["open", "flagged", "review", "closed", "expired", "partial", "cancelled"])
async def test_grading_is_taken_everywhere_but_on_a_cancelled_return(state: str) -> None:
    shop = Shop()
    return_id = standing(shop, state)
    line = shop.line_ids(return_id)[0]
    grade = await shop.post("/dispositioning/grade", {"items": [{"line_item_id": line, "description": "x"}]})
    items = [{"line_item_id": line, "disposition_outcome": "recycle"}]
    assess = await shop.post("/dispositioning/assess", {"items": items})
    expected = 422 if state == "cancelled" else 200
    assert (grade.status_code, assess.status_code) == (expected, expected)
    if state == "cancelled":
        assert grade.json()["errors"]["code"] == "UNPROCESSABLE_RETURN"


@pytest.mark.parametrize("state", ["flagged", "review"])
async def test_a_shop_may_allow_flagged_returns_to_be_processed(state: str) -> None:
    shop = Shop(allow_flagged=True)
    return_id = standing(shop, state)
    assert await ask(shop, "process", return_id) == YES
    shop.clock.turn(60)
    assert shop.loop.get(return_id).state == "closed"


@pytest.mark.parametrize("action", ["process", "flag", "cancel", "close"])
async def test_an_action_on_no_return_is_refused_with_200(action: str) -> None:
    answer = await Shop().do(action, "123")
    assert answer.status_code == 200
    assert answer.json() == {"errors": {"message": "No return found with this ID."}}


async def test_removing_from_no_return_is_403_with_a_list() -> None:
    answer = await Shop().do("remove", "123", line_item_id="1")
    assert answer.status_code == 403
    assert answer.json() == {"errors": [{"message": "No return found with this ID."}]}


@pytest.mark.parametrize(("method", "word"), [("GET", "notes"), ("POST", "note")])
async def test_notes_of_no_return_are_404(method: str, word: str) -> None:
    answer = await Shop().ask(method, f"/api/v1/warehouse/return/123/{word}", json={"content": "x"})
    assert answer.status_code == 404
    assert answer.json()["errors"]["code"] == "NOT_FOUND"
