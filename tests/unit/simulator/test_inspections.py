"""Grades and dispositions: limits, the two forms of a category, and what is stored."""

from __future__ import annotations

from typing import Any

import pytest

from loopdesk.simulator.insight import truth
from tests.unit.simulator.shop import Shop

GRADE = "/dispositioning/grade"
ASSESS = "/dispositioning/assess"
PAIR = {"subject": "Item condition grade", "title": "Grade A"}


async def grade(shop: Shop, *items: dict[str, Any]) -> Any:
    return await shop.post(GRADE, {"items": list(items)})


def one_line(shop: Shop) -> tuple[str, int]:
    return_id = shop.add()
    return return_id, shop.line_ids(return_id)[0]


async def test_a_grade_is_stored_and_echoed_whole() -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    item = {
        "line_item_id": line,
        "description": "As new, complete",
        "condition_category": "grade_a",
        "return_processor": "kim@example.test",
        "note": "sealed",
        "images": ["https://images.example.test/1.jpg"],
        "inspected_at": "2026-11-20 11:59:59",
    }
    answer = await grade(shop, item)
    assert (answer.status_code, answer.json()) == (200, [item])
    held = truth(shop.loop, return_id)["lines"][0]["condition"]
    assert held["description"] == "As new, complete"
    assert (held["category"]["grade"], held["note"], held["images"]) == ("grade_a", "sealed", item["images"])
    details = await shop.get("/warehouse/return/details", return_id=return_id)
    read = details.json()["line_items"][0]["condition"]
    assert read == {name: value for name, value in item.items() if name != "line_item_id"}


async def test_a_disposition_is_stored_and_echoed_whole() -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    item = {
        "line_item_id": line,
        "disposition_outcome": "resale_hold",
        "return_processor": "kim@example.test",
        "note": None,
        "inspected_at": "2026-11-20T11:59:59Z",
    }
    answer = await shop.post(ASSESS, {"items": [item]})
    assert (answer.status_code, answer.json()) == (200, [item])
    assert truth(shop.loop, return_id)["lines"][0]["disposition"]["disposition_outcome"] == "resale_hold"


async def test_the_last_grade_wins() -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    for word in ("first", "second"):
        await grade(shop, {"line_item_id": line, "description": word})
    assert truth(shop.loop, return_id)["lines"][0]["condition"]["description"] == "second"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": None}, "description"),
        ({"description": ""}, "description"),
        ({"description": "x" * 256}, "description"),
        ({"description": 5}, "description"),
        ({"condition_category": "superb"}, "condition_category"),
        ({"condition_category": PAIR}, "condition_category"),
        ({"return_processor": "x" * 101}, "return_processor"),
        ({"note": "x" * 65_536}, "note"),
        ({"images": ["https://images.example.test/1.jpg"] * 6}, "images"),
        ({"images": ["photo.jpg"]}, "images"),
        ({"images": [f"https://images.example.test/{'x' * 2048}"]}, "images"),
        ({"inspected_at": "yesterday"}, "inspected_at"),
        ({"line_item_id": "92001001"}, "line_item_id"),
        ({"line_item_id": None}, "line_item_id"),
    ],
)
async def test_a_bad_part_of_a_grade_is_named_by_its_place(change: dict[str, Any], field: str) -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    good = {"line_item_id": line, "description": "fine"}
    answer = await grade(shop, good, good | change)
    assert answer.status_code == 422
    assert answer.json()["message"] == "The given data was invalid."
    assert list(answer.json()["errors"]) == [f"items.1.{field}"]
    assert truth(shop.loop, return_id)["lines"][0]["condition"] is None, "a batch is taken whole or not"


async def test_the_longest_values_are_taken() -> None:
    shop = Shop()
    _, line = one_line(shop)
    answer = await grade(
        shop,
        {
            "line_item_id": line,
            "description": "x" * 255,
            "return_processor": "x" * 100,
            "note": "x" * 65_535,
            "images": ["https://images.example.test/1.jpg"] * 5,
        },
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("outcome", ["restock", "", None, 5])
async def test_an_unknown_disposition_is_422(outcome: object) -> None:
    shop = Shop()
    _, line = one_line(shop)
    answer = await shop.post(ASSESS, {"items": [{"line_item_id": line, "disposition_outcome": outcome}]})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["items.0.disposition_outcome"])


@pytest.mark.parametrize("body", [None, {}, {"items": []}, {"items": {}}, []])
async def test_a_batch_without_items_is_422(body: object) -> None:
    answer = await Shop().post(GRADE, body)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["items"])


@pytest.mark.parametrize(("count", "status"), [(30, 200), (31, 422)])
async def test_thirty_items_are_the_most(count: int, status: int) -> None:
    shop = Shop()
    return_id = shop.add(lines=[{}] * count)
    items = [{"line_item_id": line, "description": "x"} for line in shop.line_ids(return_id)]
    assert (await shop.post(GRADE, {"items": items})).status_code == status


@pytest.mark.parametrize(("version", "status"), [("v1", 422), ("2026-07", 422), ("2026-10", 403)])
async def test_lines_of_another_shop_are_refused(version: str, status: int) -> None:
    shop = Shop(version=version)
    return_id, line = one_line(shop)
    good = {"line_item_id": line, "description": "x"}
    answer = await grade(shop, good, {"line_item_id": 1, "description": "x"})
    assert answer.status_code == status
    assert truth(shop.loop, return_id)["lines"][0]["condition"] is None


async def test_lines_with_one_id_are_graded_together() -> None:
    shop = Shop()
    return_id = shop.add(lines=[{"line_item_id": 77}, {"line_item_id": 77}])
    answer = await grade(shop, {"line_item_id": 77, "description": "x"})
    assert len(answer.json()) == 1
    assert all(line["condition"] for line in truth(shop.loop, return_id)["lines"])


# The category as an object


async def test_from_2026_10_a_category_is_an_object_both_ways() -> None:
    shop = Shop(version="2026-10")
    return_id, line = one_line(shop)
    answer = await grade(shop, {"line_item_id": line, "description": "x", "condition_category": PAIR})
    assert answer.status_code == 200
    assert answer.json()[0]["condition_category"]["grade"] == "grade_a"
    assert shop.loop.get(return_id).lines[0].condition is not None
    shop.version = "v1"
    details = (await shop.get("/warehouse/return/details", return_id=return_id)).json()
    assert details["line_items"][0]["condition"]["condition_category"] == "grade_a"


async def test_from_2026_10_a_string_is_refused() -> None:
    shop = Shop(version="2026-10")
    _, line = one_line(shop)
    answer = await grade(shop, {"line_item_id": line, "description": "x", "condition_category": "grade_a"})
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["items.0.condition_category"])


@pytest.mark.parametrize(
    ("category", "field"),
    [({"subject": "S"}, "title"), ({"title": "T"}, "subject"), (PAIR | {"grade": "x" * 101}, "grade")],
)
async def test_a_category_needs_subject_and_title(category: dict[str, str], field: str) -> None:
    shop = Shop(version="2026-10")
    _, line = one_line(shop)
    answer = await grade(shop, {"line_item_id": line, "description": "x", "condition_category": category})
    assert list(answer.json()["errors"]) == [f"items.0.condition_category.{field}"]


async def test_an_unknown_pair_silently_makes_a_category() -> None:
    shop = Shop(version="2026-10")
    _, line = one_line(shop)
    before = len(shop.loop.categories)
    category = {"subject": "Shoe", "title": "Muddy"}
    answer = await grade(shop, {"line_item_id": line, "description": "x", "condition_category": category})
    assert answer.status_code == 200
    assert len(shop.loop.categories) == before + 1
    await grade(shop, {"line_item_id": line, "description": "x", "condition_category": category})
    assert len(shop.loop.categories) == before + 1


async def test_a_grade_moves_updated_at_only_where_that_is_set() -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    before = shop.loop.get(return_id).updated_at
    await grade(shop, {"line_item_id": line, "description": "x"})
    assert shop.loop.get(return_id).updated_at == before
    shop.loop.settings.change(grade_bumps_updated=True)
    await grade(shop, {"line_item_id": line, "description": "x"})
    assert shop.loop.get(return_id).updated_at == shop.clock.at


async def test_a_line_that_was_removed_is_nobodys() -> None:
    shop = Shop()
    return_id, line = one_line(shop)
    shop.loop.get(return_id).lines.clear()
    answer = await grade(shop, {"line_item_id": line, "description": "x"})
    assert answer.status_code == 422
    assert shop.loop.crashes == []
