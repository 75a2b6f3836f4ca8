"""Makes many known returns quickly: a few as Loop sends them, and copies of these under other numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loopdesk.api.translate import from_body, to_fetched
from loopdesk.services.ports.loop import Fetched
from loopdesk.simulator.answers import RoutedCall
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.crowd import many_returns
from loopdesk.simulator.http import render
from loopdesk.simulator.settings import Settings
from loopdesk.store.store import open_store

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
BATCH = 2000

_RETURN, _ORDER, _LINE, _PRODUCT_LINE = "5551000000", "5552000000", "55530000", "55540000"
_NAME, _TRACKING = "#555500000", "1Z555560000000"
_MOST_LINES = 100


@dataclass(frozen=True, slots=True)
class Label:
    """What is scanned, and what the window's title then begins with."""

    code: str
    order_name: str


def picture_url(line: int) -> str:
    """Return where the picture of a return's line would be; there is no such host."""
    return f"https://pictures.example.test/{line}.jpg"


def pattern(lines: int) -> Fetched:
    """Return one open return with so many lines, in details as Loop sends them."""
    ret = next(x for x in many_returns(500, 1, NOW) if x.state == "open")
    ret.return_id, ret.provider_order_id, ret.order_name = _RETURN, _ORDER, _NAME
    ret.updated_at = NOW - timedelta(days=1)
    models = list(ret.lines)
    ret.lines = [
        replace(
            models[n % len(models)],
            line_item_id=f"{_LINE}{n:02d}",
            provider_line_item_id=f"{_PRODUCT_LINE}{n:02d}",
            image=picture_url(n),
        )
        for n in range(lines)
    ]
    ret.labels[0].tracking_number = _TRACKING
    ret.labels[0].line_item_ids = [line.line_item_id for line in ret.lines]
    return to_fetched(render.in_details(ret, RoutedCall("GET", "/", "v1"), Settings()), is_details=True)


def copy(model: Fetched, number: int) -> tuple[Fetched, Label]:
    """Return the pattern as another return: other ids, other order, another parcel."""
    return_id, order_id = f"{6_000_000_000 + number}", f"{7_000_000_000 + number}"
    name, tracking, line = f"#{100_000_000 + number}", ups(number), f"{80_000_000 + number}"
    body = model.body
    for old, new in (
        (_RETURN, return_id),
        (_ORDER, order_id),
        (_NAME, name),
        (_TRACKING, tracking),
        (_PRODUCT_LINE, f"9{line}"),
        (_LINE, line),
    ):
        body = body.replace(old, new)
    ret = replace(
        model.ret,
        return_id=return_id,
        provider_order_id=order_id,
        order_name=name,
        lines=tuple(
            replace(one, line_item_id=one.line_item_id.replace(_LINE, line)) for one in model.ret.lines
        ),
        parcels=tuple(replace(parcel, tracking_number=tracking) for parcel in model.ret.parcels),
    )
    return Fetched(ret, body, is_details=True), Label(tracking, name)


async def fill(folder: Path, returns: int, of_lines: dict[int, int]) -> dict[int, list[Label]]:
    """Fill the store of a profile folder.

    Args:
        returns: How many returns altogether; most have one line.
        of_lines: How many of them have so many lines, by the number of lines.

    Returns:
        The labels of those, by the number of lines.
    """
    (folder / "store").mkdir(mode=0o700)
    store = await open_store(folder / "store", from_body)
    sizes = [lines for lines, many in of_lines.items() for _ in range(many)]
    sizes += [1] * (returns - len(sizes))
    models = {lines: pattern(lines) for lines in {1, *of_lines}}
    labels: dict[int, list[Label]] = {lines: [] for lines in of_lines}
    try:
        for start in range(0, returns, BATCH):
            batch = []
            for number, lines in enumerate(sizes[start : start + BATCH], start):
                fetched, label = copy(models[lines], number)
                batch.append(fetched)
                if lines in labels:
                    labels[lines].append(label)
            await store.returns.save(batch, NOW)
    finally:
        await store.close()
    return labels
