"""A parcel that no return was found for, at the bench: the question that gives it a number, and its photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Prompt
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words

if TYPE_CHECKING:
    from loopdesk.presenters.bench.desk import BenchDesk

KIND, PHOTO_KIND = "mystery", "mystery_photo"
"""The two questions about such a parcel."""


@dataclass(frozen=True, slots=True)
class Told:
    """What was told of the parcel before the question about its photo came between."""

    code: str = ""
    words: str = ""
    shelf: str = ""
    photo: str = ""


class BenchMysteries:
    """Asks about a parcel without a return, and keeps it in two inputs at the most: scan and confirm."""

    def __init__(self, desk: BenchDesk) -> None:
        self._desk = desk
        self._told = Told()

    async def begin(self) -> None:
        """Put aside what is open, and ask about a parcel without a readable code."""
        await self._desk.put_aside()
        self.ask("")

    def ask(self, raw: str) -> None:
        """Offer to keep a parcel whose code nobody knows; "" for one without a readable code."""
        self._desk.state.asking = ""
        self._told = Told(raw)
        self._ask()
        if raw:
            scanned = _("Scanned: {code}", code=raw[:60])
            unknown = _("Loop knows no return with this code.")
            self._desk.band.say(Signal.UNKNOWN, _("Unknown"), unknown, scanned)
        else:
            sentence = _("A parcel without a readable code. Confirm gives it a number.")
            self._desk.band.say(Signal.UNKNOWN, _("No code"), sentence)

    def _ask(self) -> None:
        told = self._told
        title = _("No return carries this code") if told.code else _("No readable code")
        wish = _("Confirm gives it a number. Words and shelf are welcome; F8 adds a photo.")
        if told.photo:
            wish = _("Confirm gives it a number; its photo is attached.")
        scanned = _("Scanned: {code}.", code=told.code[:60]) if told.code else ""
        hint = f"{scanned} {wish}".strip()
        prompt = Prompt(
            KIND,
            title,
            hint,
            text=told.words,
            accept=_("Keep as mystery parcel"),
            cancel=_("Forget it"),
            second=_("Shelf"),
            second_text=told.shelf,
        )
        self._desk.ask(prompt, told.code)

    def ask_photo(self) -> None:
        """Ask for a picture; what was told so far stays."""
        state = self._desk.state
        self._told = replace(self._told, words=state.prompt_text.strip(), shelf=state.prompt_second.strip())
        self._put_photo()

    def put_again(self, kind: str) -> None:
        """Show the open question again, of the two the one of this kind."""
        if kind == PHOTO_KIND:
            self._put_photo()
        else:
            self._ask()

    def _put_photo(self) -> None:
        title = _("Photo of the mystery parcel")
        hint = _("Choose a picture, or type where it is. It stays here with the parcel's number.")
        self._desk.ask(Prompt(PHOTO_KIND, title, hint, accept=_("Attach")))

    def back(self) -> None:
        """Leave the question about the photo for the one about the parcel."""
        self._ask()

    async def attach(self, path: str) -> None:
        """Keep the picture and go back to the question about the parcel."""
        self._told = replace(self._told, photo=await self._desk.parts.keep_photo(path))
        self._ask()

    async def keep_at_once(self, raw: str) -> None:
        """Give a parcel whose code nobody knows its number without a question."""
        self._told = Told(raw)
        await self.keep("")

    async def keep(self, text: str) -> None:
        """Give the parcel its number, with what was told of it."""
        told, shelf = self._told, self._desk.parts.codes.masked(self._desk.state.prompt_second.strip())
        kept = await self._desk.parts.mysteries.keep(told.code, text, shelf, told.photo)
        sentence = _("Mystery parcel {n}. Write the number on the box.", n=kept.number)
        self._desk.band.say(Signal.KEPT, _("Kept"), sentence)
        self._told = Told()

    async def keep_unfinished(self) -> None:
        """The operator goes on: a parcel of which something was told must not be forgotten."""
        state = self._desk.state
        if state.prompt is not None and state.prompt.kind == KIND:
            masked = self._desk.parts.codes.masked
            told = masked(state.prompt_text.strip()), masked(state.prompt_second.strip()), self._told.photo
            if any(told):
                await self._desk.parts.mysteries.keep(self._told.code, *told)
        elif state.prompt is not None and state.prompt.kind == PHOTO_KIND:
            told = self._told.words, self._told.shelf, self._told.photo
            await self._desk.parts.mysteries.keep(self._told.code, *told)

    async def keep_unknown(self, raw: str) -> None:
        """Offline and not known: keep the code; every synchronization tries it again."""
        parts = self._desk.parts
        self._desk.state.asking = ""
        kept = await parts.mysteries.keep(raw)
        until, now = parts.synced_at(), parts.clock.now()
        known = (
            _("Looked up to {time}.", time=words.moment(until, parts.zone, now))
            if until
            else _("Nothing was synchronized yet.")
        )
        sentence = _("Not known here. Kept as mystery parcel {n}; tried again by itself.", n=kept.number)
        self._desk.band.say(Signal.KEPT, _("Kept offline"), sentence, known)
