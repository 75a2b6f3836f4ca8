"""Local search in the returns that this station knows; shows the latest while nothing is typed."""

from __future__ import annotations

from collections.abc import Callable

from loopdesk.domain.errors import StoreError
from loopdesk.domain.returns.returns import Return
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.presenters.pages.page import PagePresenter, PageServices
from loopdesk.presenters.screens.pages import SearchRow, SearchScreen
from loopdesk.presenters.words import errors, words
from loopdesk.services.ports.store import Indexed, ReturnCache, Stored
from loopdesk.services.station.events import ReturnChanged, SyncProgress

SHOWN_MOST = 50
"""Maximum number of returns shown; more words find fewer."""

TITLES_MOST = 3
"""Maximum number of line titles in a row."""

PAUSE_SECONDS = 0.12
"""Debounce: how long typing must pause before the store is searched."""

AGAIN_SECONDS = 2.0
"""How often the index's progress is read while it grows."""


def search_row(ret: Return) -> SearchRow:
    """Make the row of a found return."""
    titles = tuple(dict.fromkeys(words.line_title(line) for line in ret.lines))
    more = len(titles) - TITLES_MOST
    named = ", ".join(titles[:TITLES_MOST])
    numbers = [words.spaced(x.tracking_number) for x in ret.parcels if x.tracking_number]
    rest = len(numbers) - 1
    return SearchRow(
        return_id=ret.return_id,
        order_name=ret.order_name or ret.return_id,
        rma=ret.return_id,
        shopper=words.shopper(ret),
        state=words.state(ret.state, ret.state_raw),
        tone=words.state_tone(ret.state),
        what=_("{titles} and {n} more", titles=named, n=more) if more > 0 else named,
        tracking=_("{number} and {n} more", number=numbers[0], n=rest) if rest > 0 else "".join(numbers),
    )


class SearchPresenter(PagePresenter[SearchScreen]):
    """Finds returns by any words and opens them at the bench.

    Args:
        open_return: Opens a return at the bench.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        cache: ReturnCache,
        open_return: Callable[[str], None],
    ) -> None:
        super().__init__(page, "search")
        self._cache = cache
        self._open_return = open_return
        self._text = ""
        self._known = 0
        self._found: tuple[Stored, ...] = ()
        self._searched = ""
        self._index = Indexed(0, 0)
        self._problem: StoreError | None = None
        self._opens = False
        page.feed.on(ReturnChanged, self._on_return)
        page.feed.on(SyncProgress, self._on_sync)

    def search(self, text: str) -> None:
        """Search for what is typed so far."""
        if text == self._text:
            return
        self._text = text
        self._opens = False
        self._tasks.spawn(self._soon(text), name="search typed", replaces="search typed")
        self._draw()

    def open(self, return_id: str) -> None:
        """Open a found return at the bench; "" opens the first hit of the current text."""
        if not return_id and self._text != self._searched:
            self._opens = True  # the rows belong to an earlier text: open once the answer is there
            self.refresh()
            return
        is_first_meant = self._found and self._searched.strip()  # nobody asked for the first of the latest
        wanted = return_id or (self._found[0].ret.return_id if is_first_meant else "")
        if wanted:
            self._open_return(wanted)

    async def _soon(self, text: str) -> None:
        await self._clock.sleep(PAUSE_SECONDS)
        if text == self._text:
            self.refresh()

    def _on_return(self, event: ReturnChanged) -> None:
        """Draw again only if a visible return changed: a first fill publishes thousands of events."""
        if any(x.ret.return_id == event.return_id for x in self._found):
            self.refresh()

    def _on_sync(self, event: SyncProgress) -> None:
        """Read the latest again when a synchronization is over; a search keeps its result."""
        if not event.running and not self._text.strip():
            self.refresh()

    async def _load(self) -> None:
        text = self._text
        try:
            found = await self._asked(text.strip())
            self._known = await self._cache.count()
            self._index = await self._cache.indexed()
            self._problem = None
        except StoreError as failure:
            found = ()
            self._problem = failure
        if text != self._text:
            return  # a newer text is searched next; this answer is obsolete
        self._found, self._searched = found, text
        if self._opens:
            self._opens = False
            self.open("")
        if not self._index.is_complete:
            self._tasks.spawn(self._again(), name="search indexed", replaces="search indexed")

    async def _asked(self, text: str) -> tuple[Stored, ...]:
        return await (self._cache.search(text, SHOWN_MOST) if text else self._cache.latest(SHOWN_MOST))

    async def _again(self) -> None:
        await self._clock.sleep(AGAIN_SECONDS)
        self.refresh()

    def _screen(self) -> SearchScreen:
        return SearchScreen(
            text=self._text,
            rows=tuple(search_row(x.ret) for x in self._found),
            message=self._message(),
            searching=self._text != self._searched,
            problem=errors.told(self._problem) if self._problem is not None else "",
        )

    def _message(self) -> str:
        if self._problem:
            return ""
        told = self._told()
        if self._index.is_complete:
            return told
        n, m = words.number(self._index.done), words.number(self._index.total)
        still = _("Still indexing {n} of {m}: older returns may stand out of order.", n=n, m=m)
        return f"{told} {still}"

    def _told(self) -> str:
        if not self._searched.strip():
            known = ngettext("1 return is known here.", "{n} returns are known here.", self._known)
            if not self._known:
                return known
            hint = _("The latest are below. Type an order, a name, an item, or a part of a number.")
            return f"{known} {hint}"
        if not self._found:
            return _("Nothing here has that. To ask Loop, scan the label or press F3 at the bench.")
        if len(self._found) == SHOWN_MOST:
            return _("The {n} latest are shown. More words find fewer.", n=SHOWN_MOST)
        return ngettext("1 return found.", "{n} returns found.", len(self._found))
