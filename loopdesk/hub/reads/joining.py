"""Joins the answers of several shops to one, without writing anything of them anew."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.api import lenient_json
from loopdesk.hub.reads.copies import LoopPage

_SPACE = b" \t\r\n"
_MARK = b"\xef\xbb\xbf"


def joined(pages: Sequence[LoopPage]) -> tuple[LoopPage, tuple[int, ...]]:
    """Return one JSON array of the elements of several answers, and how many each brought.

    An answer is an object, or an array of them; its bytes go over as they came.

    Args:
        pages: Complete JSON, each an answer of Loop to the same question.
    """
    elements: list[bytes] = []
    counts: list[int] = []
    for page in pages:
        text = page.body.removeprefix(_MARK).strip(_SPACE)
        value = lenient_json.loads(page.body)
        many = len(value) if isinstance(value, list) else 1
        inner = text[1:-1].strip(_SPACE) if isinstance(value, list) else text
        counts.append(many)
        if many:
            elements.append(inner)
    return LoopPage(200, pages[0].media, b"[" + b",".join(elements) + b"]"), tuple(counts)
