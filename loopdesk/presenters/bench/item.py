"""The item in hand: the selected line with all that is known about it, and what can be decided. Pure."""

from __future__ import annotations

from loopdesk.domain.projection import LinePicture, Picture
from loopdesk.domain.returns.grading import Inspection
from loopdesk.domain.returns.returns import LineOutcome
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import buttons
from loopdesk.presenters.bench.context import ScreenContext
from loopdesk.presenters.screens.returns import ItemScreen
from loopdesk.presenters.words import words


def item_screen(picture: Picture, setting: ScreenContext, selected: int, *, enabled: bool) -> ItemScreen:
    """Show a line large.

    Args:
        selected: The place of the line in the return.
        enabled: It can be decided now.
    """
    one = picture.lines[selected]
    line, found = one.line, one.found
    grades, exceptions = buttons.grade_buttons(one, setting.vocabulary, enabled=enabled)
    return ItemScreen(
        line_item_id=line.line_item_id,
        title=line.title or line.sku or words.line_title(line),
        variant=line.variant_title if line.variant_title not in line.title else "",
        codes=words.listed(
            (
                _("SKU {code}", code=line.sku) if line.sku else _("no SKU"),
                _("barcode {code}", code=line.barcode) if line.barcode else _("no barcode"),
            )
        ),
        price=words.listed((words.money(line.price), words.line_outcome(line.outcome, line.outcome_raw))),
        reason=words.listed((line.parent_reason if line.parent_reason != line.reason else "", line.reason)),
        comment=f"“{line.comment}”" if line.comment else "",
        held=_held(one, setting),
        note=found.note if found else "",
        photos=found.photos if found else (),
        photo_wish=_photo_wish(found, setting),
        grades=grades,
        exceptions=exceptions,
        dispositions=buttons.disposition_buttons(picture, one, setting.vocabulary, enabled=enabled),
        picture=setting.picture(line.image_url),
        photo=buttons.button("LDCMDPHOTO", enabled=enabled and found is not None),
    )


def _held(one: LinePicture, setting: ScreenContext) -> str:
    """Say what Loop already holds for a line."""
    line = one.line
    parts: list[str] = []
    if line.condition and line.condition.grade:
        parts.append(words.grade(line.condition.grade, setting.vocabulary))
    if line.disposition and line.disposition.disposition:
        parts.append(words.disposition(line.disposition.disposition, setting.vocabulary))
    held = _("at Loop: {found}", found=", ".join(parts)) if parts else ""
    unusual = line.outcome if line.outcome is LineOutcome.REJECT else None
    return words.listed((held, words.line_outcome(unusual) if unusual else ""))


def _photo_wish(found: Inspection | None, setting: ScreenContext) -> str:
    """Say that a photo is wanted and none is there yet."""
    if found is None or found.photos or not setting.vocabulary.rule(found.grade).photo:
        return ""
    return _("A photo is wanted")
