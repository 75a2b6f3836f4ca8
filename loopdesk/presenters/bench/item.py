"""The item in hand, large, and the items that are on no line, in rows of their own. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from loopdesk.domain.operators import PROGRAM
from loopdesk.domain.projection import LinePicture, Picture
from loopdesk.domain.returns.grading import (
    Disposition,
    Draft,
    ExtraItem,
    Grade,
    Inspection,
    PhotoRule,
    Vocabulary,
)
from loopdesk.domain.returns.photos import photo_rule
from loopdesk.domain.returns.places import place_for
from loopdesk.domain.returns.returns import LineItem, LineOutcome, Return
from loopdesk.domain.returns.serials import sold_serials, unlike_sold
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import buttons
from loopdesk.presenters.bench.lines import ScreenContext
from loopdesk.presenters.bench.questions import ExtraAsked, Question
from loopdesk.presenters.bench.state import Step
from loopdesk.presenters.screens.returns import ItemScreen, LineRow
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words
from loopdesk.services.bench.on_bench import OnBench

_MOST_CODE = 60


# --- the item in hand ---------------------------------------------------------------------------------


def item_screen(
    picture: Picture, setting: ScreenContext, selected: int, *, enabled: bool, photographs: bool = False
) -> ItemScreen:
    """Show a line large.

    Args:
        selected: The place of the line in the return; behind the lines stand the items on none.
        enabled: It can be decided now.
        photographs: A photo can be taken now, of the item decided last.
    """
    extra = picture.extras[selected - len(picture.lines)] if selected >= len(picture.lines) else None
    one = as_line(extra) if extra is not None else picture.lines[selected]
    line, found = one.line, one.found
    grades, exceptions = buttons.grade_buttons(one, setting.vocabulary, enabled=enabled)
    return ItemScreen(
        line_item_id=line.line_item_id,
        title=line.title or line.sku or words.line_title(line),
        variant=line.variant_title if line.variant_title not in line.title else "",
        codes=extra_codes(extra) if extra is not None else _codes(line),
        price=words.listed((words.money(line.price), words.line_outcome(line.outcome, line.outcome_raw))),
        reason=words.listed((line.parent_reason if line.parent_reason != line.reason else "", line.reason)),
        comment=f"“{line.comment}”" if line.comment else "",
        held=_held(one, setting),
        note=_note(picture, one, extra, setting.vocabulary),
        photos=tuple(map(setting.photo_path, extra.photos if extra is not None else one.photos)),
        photo_wish=_photo_wish(extra if extra is not None else found, setting),
        grades=grades,
        exceptions=exceptions,
        dispositions=buttons.disposition_buttons(picture, one, setting.vocabulary, enabled=enabled),
        picture=setting.picture(line.image_url),
        photo=buttons.button("LDCMDPHOTO", enabled=photographs),
    )


def _codes(line: LineItem) -> str:
    return words.listed(
        (
            _("SKU {code}", code=line.sku) if line.sku else _("no SKU"),
            _("barcode {code}", code=line.barcode) if line.barcode else _("no barcode"),
        )
    )


def _note(picture: Picture, one: LinePicture, extra: ExtraItem | None, vocabulary: Vocabulary) -> str:
    """Say what was noted of a line, with what came instead; of an item on no line, why it is on none."""
    if extra is not None:
        own = extra.words if extra.name != extra.words else ""
        return words.listed((role_of(extra, picture.ret), own, words.carried(extra.carried)))
    came = picture.instead_of(one.line.line_item_id)
    told = _("came instead: {item}", item=title_of(came)) if came is not None else ""
    carried = picture.draft.carried_by(one.line.line_item_id)
    other = other_serial(one.line, carried, vocabulary)
    return words.listed((one.found.note if one.found else "", told, words.carried(carried), other))


def other_serial(line: LineItem, carried: Sequence[tuple[str, str]], vocabulary: Vocabulary) -> str:
    """Say that a unit was sold with another serial number than its code carries; "" if it was not."""
    found = unlike_sold(line, carried, vocabulary.serials)
    if not found:
        return ""
    sold = words.joined(sold_serials(line, vocabulary.serials))
    return _("sold with serial {sold}, this one is {found}", sold=sold, found=words.joined(found))


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


def _photo_wish(found: Inspection | ExtraItem | None, setting: ScreenContext) -> str:
    """Say that a photo is wanted, or needed, and none is there yet; else where its photos stay."""
    rule = photo_rule(found, setting.vocabulary) if found is not None else PhotoRule.NONE
    if found is None or (rule is PhotoRule.NONE and not found.photos):
        return ""
    if found.photos:
        return _("Photos stay at this station: no place for them is set.") if setting.photos_stay else ""
    return _("A photo is needed") if rule is PhotoRule.REQUIRED else _("A photo is wanted")


# --- items on no line: what is shown ----------------------------------------------------------------


def ids_of_rows(picture: Picture) -> tuple[str, ...]:
    """Return what each row is about, in the order of their indexes: the lines, then the items on no line."""
    return (
        *(line.line_item_id for line in picture.ret.lines),
        *(extra.item_id for extra in picture.extras),
    )


def as_line(item: ExtraItem) -> LinePicture:
    """Return an item on no line as a line, so that it is shown and decided like one."""
    found = None
    if item.grade is not None and item.disposition is not None:
        found = Inspection(
            item.item_id,
            item.grade,
            item.disposition,
            PROGRAM,
            item.decided_at or item.found_at,
            photos=item.photos,
        )
    return LinePicture(_line(item), found, units_seen=1, stages=(), seen_at=item.found_at)


def _line(item: ExtraItem) -> LineItem:
    """Its code counts for the tags of places; a price is not known."""
    return LineItem(item.item_id, title_of(item), sku=item.code)


def extra_rows(picture: Picture, setting: ScreenContext) -> tuple[LineRow, ...]:
    """Build the rows of the items on no line; their indexes follow those of the lines."""
    first = len(picture.ret.lines)
    return tuple(_row(n, item, picture.ret, setting) for n, item in enumerate(picture.extras, start=first))


def _row(index: int, item: ExtraItem, ret: Return, setting: ScreenContext) -> LineRow:
    vocabulary, goes = setting.vocabulary, item.disposition
    return LineRow(
        index=index,
        line_item_id=item.item_id,
        title=title_of(item),
        subtitle=words.listed((_short_role(item, ret), extra_codes(item) if item.name != item.code else "")),
        seen=f"✓ {words.moment(item.found_at, setting.zone, setting.now)}",
        is_extra=True,
        decided=words.grade(item.grade, vocabulary) if item.grade is not None else "",
        decided_detail=where_to(item, ret, vocabulary, goes) if goes is not None else _("for the review"),
        decided_tone="blocked",
        photos=len(item.photos),
    )


def title_of(item: ExtraItem) -> str:
    """Name an item on no line."""
    return item.name[:_MOST_CODE]


def extra_codes(item: ExtraItem) -> str:
    """Say the code of an item on no line."""
    return item.code[:_MOST_CODE]


def role_of(item: ExtraItem, ret: Return) -> str:
    """Say why an item is on no line."""
    line = ret.line(item.instead_of) if item.instead_of else None
    if line is None:
        return _("extra item")
    return _("came instead of {line}", line=words.line_title(line))


def _short_role(item: ExtraItem, ret: Return) -> str:
    """Say the same where there is room for little."""
    line = ret.line(item.instead_of) if item.instead_of else None
    return _("instead of {line}", line=words.line_title(line)) if line is not None else role_of(item, ret)


def where_to(item: ExtraItem, ret: Return, vocabulary: Vocabulary, disposition: Disposition) -> str:
    """Say where an item on no line goes; its code counts for the tags, a price is not known."""
    place = place_for(vocabulary.places, disposition, ret, _line(item))
    return words.goes_to(place, disposition, vocabulary)


# --- items on no line: what is asked and said -------------------------------------------------------


def asked_of(here: OnBench, wrong: str) -> ExtraAsked:
    """Return the question about an item on no line.

    It is what came instead of the line that was just graded as a wrong item, or of the selected one that is,
    as long as nobody said so; else it is an item too many.
    """
    found = here.draft.inspection(here.draft.selected)
    is_wrong = found is not None and found.grade is Grade.WRONG
    line = here.ret.line(wrong or (here.draft.selected if is_wrong else ""))
    if line is None or here.draft.instead_of(line.line_item_id) is not None:
        return ExtraAsked()
    return ExtraAsked(line.line_item_id, words.line_title(line))


def asked_about(extra: ExtraItem) -> ExtraAsked:
    """Return the question what else is known of an item on no line: its code, or what it is in words."""
    return ExtraAsked(title=title_of(extra), item_id=extra.item_id)


def is_gone(draft: Draft, question: Question | None) -> bool:
    """Whether a question is about an item, or a wrong item, that is none any more."""
    match question:
        case ExtraAsked(item_id=item_id) if item_id:
            return draft.item(item_id) is None
        case ExtraAsked(instead_of=line_id) if line_id:
            return not draft.is_wrong(line_id)
        case _:
            return False


def asked_again(before: Draft, now: Draft) -> str:
    """Return the line of which nobody says any more what came instead, "" for none."""
    left = {extra.item_id for extra in now.extras}
    gone = (extra for extra in before.extras if extra.item_id not in left and extra.instead_of)
    return next((extra.instead_of for extra in gone if now.is_wrong(extra.instead_of)), "")


def ask_what_came(step: Step, line_id: str) -> None:
    """Ask once what came instead of a wrong item; nothing waits for it: the next item scanned says it."""
    step.become(wrong=line_id)
    step.update(step.band.sentence, _("Scan what came instead, or go on. Ctrl+E describes it."))


def say_added(step: Step) -> None:
    """Say that the latest item on no line is noted, and what it is."""
    here = step.state.on_bench
    if here is None:
        return
    item = here.draft.extras[-1]
    line = here.ret.line(item.instead_of) if item.instead_of else None
    what = words.listed((title_of(item), words.carried(item.carried)))
    if line is None:
        extra = _("It is on no line: the return will be flagged.")
        step.say(Signal.EXCEPTION, _("Extra"), extra, what, letter="+")
        return
    came = _("It came instead of {line}: the return will be flagged.", line=words.line_title(line))
    step.say(Signal.EXCEPTION, _("Wrong item"), came, what, letter="≠")


def say_told(step: Step, item_id: str) -> None:
    """Say what is known of an item on no line now."""
    here = step.state.on_bench
    item = here.draft.item(item_id) if here is not None else None
    if item is not None:
        known = words.listed((item.title, item.words, extra_codes(item)))
        step.say(Signal.DECIDED, _("Noted"), known, words.carried(item.carried), letter="+")


def say_graded(step: Step, item: ExtraItem, grade: Grade) -> None:
    """Answer the grade of an item on no line.

    Args:
        item: As it was before.
    """
    here, vocabulary = step.state.on_bench, step.state.here.by.vocabulary
    now = here.draft.item(item.item_id) if here is not None else None
    if here is None or now is None or now.disposition is None:
        step.say(Signal.TAKEN_BACK, _("Taken away"), _("{item} is off the list.", item=title_of(item)))
        return
    where = where_to(now, here.ret, vocabulary, now.disposition)
    step.say(Signal.ATTENTION, words.grade(grade, vocabulary), f"{title_of(now)} → {where}")


def say_disposed(step: Step, item: ExtraItem, disposition: Disposition) -> None:
    """Answer the choice of a place for an item on no line."""
    here, vocabulary = step.state.on_bench, step.state.here.by.vocabulary
    if here is not None:
        word = words.disposition(disposition, vocabulary)
        where = where_to(item, here.ret, vocabulary, disposition)
        sentence = f"{title_of(item)} → {where}"
        step.say(Signal.ATTENTION, words.capitalized(word), sentence)
