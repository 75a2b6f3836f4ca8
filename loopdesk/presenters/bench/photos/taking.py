"""Which item the next photo is of, and how it comes. Pure.

A photo is of the item decided last, until another one is chosen by hand. Wherever it comes from (a camera, a
folder, a file, drop or paste), it ends in ``PhotoKept``.
"""

from __future__ import annotations

from dataclasses import replace

from loopdesk.domain.errors import RuleBroken
from loopdesk.domain.returns.photos import photos_of
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.bench import item, opening
from loopdesk.presenters.bench.effects import KeepPhoto
from loopdesk.presenters.bench.entry import enter
from loopdesk.presenters.bench.events import PhotoCame, PhotoKept
from loopdesk.presenters.bench.photos import camera
from loopdesk.presenters.bench.questions import MysteryAsked, MysteryPhotoAsked, PhotoAsked, PhotoShown
from loopdesk.presenters.bench.state import BenchState, Step
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words
from loopdesk.services.bench import on_bench as bench
from loopdesk.services.bench.on_bench import OnBench

# --- which item -------------------------------------------------------------------------------------


def subject(state: BenchState) -> PhotoAsked | MysteryAsked | None:
    """Say what a photo would be of now; None for nothing."""
    match state.question:
        case PhotoAsked():
            return state.question
        case PhotoShown(return_id, item_id, title):  # one more of it
            return PhotoAsked(return_id, item_id, title)
        case MysteryPhotoAsked(told=told):
            return told
        case MysteryAsked():
            first, second = state.first.masked.strip(), state.second.masked.strip()
            return replace(state.question, words=first, shelf=second)
    here = state.on_bench
    item_id = _in_hand(here, state.pictured) if here is not None else ""
    return PhotoAsked(here.ret.return_id, item_id, title_of(here, item_id)) if here and item_id else None


def _in_hand(here: OnBench, pictured: str) -> str:
    """Return the item decided last or chosen since; "" if that is not decided."""
    draft = here.draft
    item_id = pictured if pictured in item.ids_of_rows(here.picture) else draft.selected
    is_decided = draft.inspection(item_id) is not None or draft.item(item_id) is not None
    return item_id if is_decided else ""


def title_of(here: OnBench, item_id: str) -> str:
    """Name a line, or an item on no line."""
    extra, line = here.picture.item(item_id), here.ret.line(item_id)
    return item.title_of(extra) if extra is not None else words.line_title(line) if line is not None else ""


def _wanted(step: Step) -> PhotoAsked | MysteryAsked:
    """Say what a photo is of. Raises ``RuleBroken`` where nothing can be photographed now."""
    of = subject(step.state)
    if not isinstance(of, MysteryAsked):
        bench.changeable(step.state.on_bench)
    if of is None:
        raise RuleBroken("grade_first")
    return of


# --- how it comes -----------------------------------------------------------------------------------


def press(step: Step) -> None:
    """Ask for a photo: of the item decided last, in the place of the open one, or of the mystery parcel."""
    shown = step.state.question
    of = again(step, shown) if isinstance(shown, PhotoShown) else _wanted(step)
    if camera.takes_photos(step.state):
        camera.press(step, of)
        return
    if isinstance(of, MysteryAsked):  # what was told so far stays
        step.ask(MysteryPhotoAsked(of))
        step.say_asked()
        return
    opening.ask(step, of)


def again(step: Step, shown: PhotoShown) -> PhotoAsked:
    """Say what takes the place of an open photo, which stays until that is there. As ``changeable``."""
    changeable(step, shown)
    return PhotoAsked(shown.return_id, shown.item_id, shown.title, instead_of=shown.name)


def changeable(step: Step, shown: PhotoShown) -> OnBench:
    """Return the open return. Raises ``RuleBroken("photo_settled")``: the photo went with a settlement."""
    here = step.state.on_bench
    if here is None or shown.name not in photos_of(here.draft, shown.item_id):
        raise RuleBroken("photo_settled")
    return bench.changeable(here)


def came(step: Step, event: PhotoCame) -> None:
    """Keep a photo that is there already: dropped, pasted, or taken by a camera."""
    step.do(KeepPhoto(event.store, _wanted(step)))


def attach(step: Step, event: PhotoKept) -> None:
    """Attach a picture that is kept to what it is of, and end the question for it.

    Raises:
        RuleBroken: ``photo_too_late``: it was on its way while the operator went on.
    """
    of, state = event.of, step.state
    if isinstance(of, MysteryAsked):
        _attach_to_mystery(step, of, event.name)
        return
    if of.return_id != state.open_id:
        raise RuleBroken("photo_too_late")
    now = bench.add_photo(state.on_bench, of.item_id, event.name, state.here.by, instead_of=of.instead_of)
    enter(step, now)
    count = len(photos_of(now.draft, of.item_id))
    kept = ngettext("{item}: one photo is kept.", "{item}: {n} photos are kept.", count, item=of.title)
    step.say(Signal.DECIDED, _("Photo"), kept, letter="+")
    camera.taken(step)
    if isinstance(state.question, PhotoAsked | PhotoShown):
        step.close_question()


def _attach_to_mystery(step: Step, told: MysteryAsked, name: str) -> None:
    asked = subject(step.state)
    if not isinstance(asked, MysteryAsked) or asked.code != told.code:
        raise RuleBroken("photo_too_late")
    ask_again(step, replace(asked, photo=name))


def ask_again(step: Step, told: MysteryAsked) -> None:
    """Ask about a mystery parcel again, with what was told of it."""
    step.ask(told, told.words, told.shelf)
    step.say_asked()
