"""An open photo: it is seen large, taken again, or deleted. Pure."""

from __future__ import annotations

from loopdesk.domain.errors import RuleBroken
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench import item, opening
from loopdesk.presenters.bench.effects import AskWhetherStored
from loopdesk.presenters.bench.entry import enter
from loopdesk.presenters.bench.events import PhotoOpened, PhotoTraced
from loopdesk.presenters.bench.photos.taking import changeable, press, title_of
from loopdesk.presenters.bench.questions import PhotoShown
from loopdesk.presenters.bench.state import Step
from loopdesk.presenters.screens.window import Signal
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.bench.on_bench import OnBench


def open_latest(step: Step) -> None:
    """Open the latest photo of the selected item; it has none: of the item decided last."""
    here = step.state.on_bench
    if here is None:
        raise RuleBroken("no_return_open")
    if isinstance(step.state.question, PhotoShown):
        _turn(step, step.state.question)
        return
    for item_id in (_in_sight(here), step.state.pictured):
        names = shown_photos(here, item_id)
        if names:
            _show(step, here, item_id, len(names) - 1)
            return
    raise RuleBroken("no_photo_yet")


def open_one(step: Step, event: PhotoOpened) -> None:
    """Open a photo of the selected item by its place, oldest first."""
    here = step.state.on_bench
    if here is None or not 0 <= event.number < len(shown_photos(here, _in_sight(here))):
        raise RuleBroken("no_photo_yet")
    _show(step, here, _in_sight(here), event.number)


def _in_sight(here: OnBench) -> str:
    """Return the item that is shown large: the selected one, else the first."""
    ids = item.ids_of_rows(here.picture)
    return here.draft.selected if here.draft.selected in ids or not ids else ids[0]


def shown_photos(here: OnBench, item_id: str) -> tuple[str, ...]:
    """Return the photos of an item: those entered now, else those that went with its last settlement."""
    line = next((x for x in here.picture.lines if x.line.line_item_id == item_id), None)
    extra = here.picture.item(item_id)
    return line.photos if line is not None else extra.photos if extra is not None else ()


def _show(step: Step, here: OnBench, item_id: str, number: int) -> None:
    names = shown_photos(here, item_id)
    shown = PhotoShown(
        here.ret.return_id, item_id, title_of(here, item_id), names[number], number, len(names)
    )
    opening.ask(step, shown)


def choose(step: Step, shown: PhotoShown, number: int) -> None:
    """Take the answer: 0 to take it again, 1 to delete it, 2 for the photo before it."""
    if number == 0:
        press(step)
    elif number == 1:
        delete(step, shown)
    else:
        _turn(step, shown)


def _turn(step: Step, shown: PhotoShown) -> None:
    """Show the photo before this one; before the oldest comes the latest."""
    here = step.state.on_bench
    count = len(shown_photos(here, shown.item_id)) if here is not None else 0
    if here is not None and count:
        _show(step, here, shown.item_id, (shown.number - 1) % count)


def delete(step: Step, shown: PhotoShown) -> None:
    """Take a photo away; undo brings it back, and where it was stored already is said."""
    here = changeable(step, shown)
    enter(step, bench.remove_photo(here, shown.item_id, shown.name, step.state.here.by))
    step.close_question()
    gone = _("A photo of {item} was deleted. Undo brings it back.", item=shown.title)
    step.say(Signal.TAKEN_BACK, _("Photo deleted"), gone)
    step.do(AskWhetherStored(shown.return_id, shown.name))


def close(step: Step) -> None:
    """Close the photo that is open: it may be gone."""
    if isinstance(step.state.question, PhotoShown):
        step.close_question()


def say_traced(step: Step, event: PhotoTraced) -> None:
    """Say beside its deletion that a photo had gone out already, while the band still speaks of it."""
    if event.is_stored and step.band.signal is Signal.TAKEN_BACK:
        stays = _("It had been sent to the place for photos already: a copy stays there.")
        step.update(step.band.sentence, stays)
