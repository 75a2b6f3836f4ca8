"""Grades and dispositions: what is validated, what is stored, what is echoed.

A batch is accepted as a whole or not at all, and the last write of a line wins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from loopdesk.simulator.answers import Reply, RoutedCall, gateway_refusal, invalid
from loopdesk.simulator.http import wording
from loopdesk.simulator.http.actions import refusal_of
from loopdesk.simulator.http.render import condition, disposition
from loopdesk.simulator.loop import BUILT_IN_SUBJECT, GRADES, Loop
from loopdesk.simulator.shop.truth import Category, Condition, Disposition, LineItem, Return

MOST_ITEMS = 30
DISPOSITIONS = ("back_to_stock", "resale_hold", "recycle", "donate", "missing")

_MOST_IMAGES = 5
_CATEGORY_NEEDED = ("subject", "title")
_CATEGORY_FIELDS = (*_CATEGORY_NEEDED, "grade", "category_name", "category_parent")

Item = dict[str, Any]
Complaints = dict[str, str]


def grade(loop: Loop, call: RoutedCall) -> Reply:
    """Store the conditions of lines and echo them. An unknown category pair makes a new category."""

    def store(line: LineItem, item: Item) -> Item:
        line.condition = Condition(
            description=item["description"],
            category=_category(loop, item.get("condition_category")),
            return_processor=item.get("return_processor"),
            note=item.get("note"),
            images=list(item.get("images") or []),
            inspected_at=item.get("inspected_at"),
        )
        return {"line_item_id": item["line_item_id"], **condition(line.condition, call)}

    return _batch(loop, call, _check_grade, store)


def assess(loop: Loop, call: RoutedCall) -> Reply:
    """Store where lines go and echo it."""

    def store(line: LineItem, item: Item) -> Item:
        line.disposition = Disposition(
            disposition_outcome=item["disposition_outcome"],
            return_processor=item.get("return_processor"),
            note=item.get("note"),
            inspected_at=item.get("inspected_at"),
        )
        return {"line_item_id": item["line_item_id"], **disposition(line.disposition)}

    return _batch(loop, call, _check_assess, store)


def _batch(
    loop: Loop,
    call: RoutedCall,
    check: Callable[[Item, RoutedCall], Complaints],
    store: Callable[[LineItem, Item], Item],
) -> Reply:
    items = call.body.get("items") if isinstance(call.body, dict) else None
    if not isinstance(items, list) or not items:
        return invalid({"items": "The items field is required."})
    if len(items) > MOST_ITEMS:
        return invalid({"items": f"The items may not have more than {MOST_ITEMS} items."})
    complaints: Complaints = {}
    for place, item in enumerate(items):
        found = _check_common(item) if isinstance(item, dict) else {"": "The item must be an object."}
        if isinstance(item, dict):
            found |= check(item, call)
        complaints |= {f"items.{place}.{name}".rstrip("."): text for name, text in found.items()}
    if complaints:
        return invalid(complaints)
    owners = [_owner(loop, str(item["line_item_id"])) for item in items]
    no = _foreign(owners, call) or _refused(loop, owners)
    if no is not None:
        return no
    return Reply(200, _store_all(loop, items, [owner for owner in owners if owner], store), effect=True)


def _owner(loop: Loop, line_item_id: str) -> Return | None:
    """The return that has the line now; a line that was removed is nobody's."""
    owner = loop.shelf.by_line(line_item_id)
    return owner if owner is not None and owner.line(line_item_id) is not None else None


def _foreign(owners: list[Return | None], call: RoutedCall) -> Reply | None:
    """Lines that are not this shop's: 403 from 2026-10 on, 422 before."""
    strange = [place for place, owner in enumerate(owners) if owner is None]
    if not strange:
        return None
    if call.version == "2026-10":
        return gateway_refusal(403, "GEN-FORBIDDEN", "Forbidden.")
    return invalid(
        {f"items.{place}.line_item_id": "The selected line item id is invalid." for place in strange}
    )


def _refused(loop: Loop, owners: list[Return | None]) -> Reply | None:
    answers = (refusal_of("inspect", owner, loop.settings) for owner in owners if owner is not None)
    return next((answer for answer in answers if answer is not None), None)


def _store_all(
    loop: Loop, items: list[Item], owners: list[Return], store: Callable[[LineItem, Item], Item]
) -> list[Item]:
    now = loop.now()
    for owner in {id(each): each for each in owners}.values():
        loop.remember(owner, now)
        if loop.settings.grade_bumps_updated:
            owner.updated_at = now
    echoes: list[Item] = []
    for owner, item in zip(owners, items, strict=True):
        twins = [line for line in owner.lines if line.line_item_id == str(item["line_item_id"])]
        echoes.append([store(line, item) for line in twins][-1])
    return echoes


# What is checked


def _check_common(item: Item) -> Complaints:
    wrong: Complaints = {}
    line_item_id = item.get("line_item_id")
    if not isinstance(line_item_id, int) or isinstance(line_item_id, bool):
        wrong["line_item_id"] = "The line item id must be an integer."
    wrong |= _check_text(item, "return_processor", 100)
    wrong |= _check_text(item, "note", 65_535)
    inspected_at = item.get("inspected_at")
    if inspected_at is not None and not (isinstance(inspected_at, str) and wording.read_date(inspected_at)):
        wrong["inspected_at"] = "The inspected at is not a valid date."
    return wrong


def _check_text(item: Item, name: str, most: int, required: bool = False) -> Complaints:
    value = item.get(name)
    words = name.replace("_", " ")
    if value is None or value == "":
        return {name: f"The {words} field is required."} if required else {}
    if not isinstance(value, str):
        return {name: f"The {words} must be a string."}
    return {name: f"The {words} may not be greater than {most} characters."} if len(value) > most else {}


def _check_grade(item: Item, call: RoutedCall) -> Complaints:
    wrong = _check_text(item, "description", 255, required=True)
    images = item.get("images")
    if images is not None:
        if not isinstance(images, list) or len(images) > _MOST_IMAGES:
            wrong["images"] = f"The images may not have more than {_MOST_IMAGES} items."
        elif not all(_is_link(each) for each in images):
            wrong["images"] = "The images format is invalid."
    category = item.get("condition_category")
    if category is not None:
        wrong |= _check_category(category, call)
    return wrong


def _is_link(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(("http://", "https://")) and len(text) <= 2048


def _check_category(category: Any, call: RoutedCall) -> Complaints:
    if not call.categories_are_objects:
        known = isinstance(category, str) and category in GRADES
        return {} if known else {"condition_category": "The selected condition category is invalid."}
    if not isinstance(category, dict):
        return {"condition_category": "The condition category must be an object."}
    wrong: Complaints = {}
    for name in _CATEGORY_FIELDS:
        wrong |= _check_text(category, name, 100, required=name in _CATEGORY_NEEDED)
    return {f"condition_category.{name}": text for name, text in wrong.items()}


def _check_assess(item: Item, _call: RoutedCall) -> Complaints:
    if item.get("disposition_outcome") in DISPOSITIONS:
        return {}
    return {"disposition_outcome": "The selected disposition outcome is invalid."}


def _category(loop: Loop, given: Any) -> Category | None:
    """The category that is meant; an unknown pair of subject and title makes a new one."""
    if given is None:
        return None
    if isinstance(given, str):
        named = (each for (subject, _), each in loop.categories.items() if subject == BUILT_IN_SUBJECT)
        return next(each for each in named if each.grade == given)
    pair = (given["subject"], given["title"])
    if pair not in loop.categories:
        loop.categories[pair] = Category(**{name: given.get(name) for name in _CATEGORY_FIELDS})
    return loop.categories[pair]
