"""Enters an API key: checks it with Loop, stores it in the system's key store, and reports in words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loopdesk.domain.api_key import KeyFault, key_fault, pasted_key
from loopdesk.domain.errors import (
    AnswerLost,
    ApiError,
    HubNotJoined,
    KeyRefused,
    ScopeMissing,
    SecretsUnavailable,
    Throttled,
)
from loopdesk.domain.hub_join import is_join_code
from loopdesk.i18n.catalogue import N_, NOTHING, Said
from loopdesk.presenters.words import errors, hub_words
from loopdesk.services.ports.station import Secrets

if TYPE_CHECKING:
    from loopdesk.services.ports.hub import JoinedHub


@dataclass(frozen=True, slots=True)
class KeyVerdict:
    """The result of entering a key.

    Attributes:
        said: For the person who entered it, sentence by sentence; never contains the key.
        tone: ``ok``, ``offline`` (usable, with a reservation) or ``blocked``.
        is_taken: The program uses it now.
        may_go_on: It could not be checked, and may be used unchecked.
    """

    said: tuple[Said, ...]
    tone: str
    is_taken: bool
    may_go_on: bool = False

    @property
    def sentence(self) -> str:
        """What is said, in the language that is spoken now."""
        return " ".join(map(str, self.said))


class KeyEntry:
    """Checks keys and puts them to use.

    Args:
        check: Sends Loop the cheapest request that needs the Returns permission, with this key; raises an
            ``ApiError`` if that fails.
        use: Makes the program use this key from now on.
        join: Joins this bench to a hub by the code that was entered instead of a key; raises
            ``HubNotJoined``.
    """

    def __init__(
        self,
        *,
        check: Callable[[str], Awaitable[None]],
        secrets: Secrets,
        use: Callable[[str], Awaitable[None]],
        join: Callable[[str], Awaitable[tuple[JoinedHub, bool]]],
    ) -> None:
        self._join = join
        self._check = check
        self._secrets = secrets
        self._use = use

    async def enter(self, text: str, *, unchecked: bool = False) -> KeyVerdict:
        """Accept a key, or a hub's join code, as typed, pasted or scanned.

        Args:
            unchecked: Accept it even if Loop cannot be asked; a refused key is never accepted.
        """
        if is_join_code(text):
            return await self.join(text)
        wrong = shape_problem(text)
        if wrong:
            return KeyVerdict((wrong,), "blocked", is_taken=False)
        key = pasted_key(text)
        try:
            await self._check(key)
        except ApiError as failure:
            verdict = refusal(failure)
            if not (unchecked and verdict.may_go_on):
                return verdict
            said = Said(N_("The key is kept, but Loop could not be asked whether it is right."))
            return await self._take(key, said, tone="offline")
        return await self._take(key, Said(N_("Loop accepts the key.")), tone="ok")

    async def join(self, text: str) -> KeyVerdict:
        """Join this bench to a hub by its code."""
        try:
            joined, is_stored = await self._join(text)
        except HubNotJoined as failure:
            return KeyVerdict(errors.said(failure), "blocked", is_taken=False)
        tone = "ok" if is_stored else "offline"
        return KeyVerdict(hub_words.joined(joined, is_stored=is_stored), tone, is_taken=True)

    async def _take(self, key: str, *said: Said, tone: str) -> KeyVerdict:
        try:
            await self._secrets.keep_key(key)
        except SecretsUnavailable:
            memory = N_(
                "This computer's key store cannot be used: the key is kept in memory until the program ends."
            )
            said, tone = (*said, Said(memory)), "offline"
        await self._use(key)
        return KeyVerdict(said, tone, is_taken=True)


def shape_problem(text: str) -> Said:
    """Return why a typed or pasted text cannot be a key at all; false if it can."""
    match key_fault(text):
        case None:
            return NOTHING
        case KeyFault.EMPTY:
            return Said(
                N_("Enter the API key. A lead finds it in Loop under Tools & integrations, Developer tools.")
            )
        case KeyFault.SEVERAL_LINES:
            return Said(N_("That is no key: it has several lines. A key is one word."))
        case KeyFault.NOT_PLAIN:
            return Said(N_("That is no key: a key is one word of plain letters and digits."))
        case KeyFault.TOO_LONG:
            return Said(N_("That is no key: it is far too long."))


def refusal(failure: ApiError) -> KeyVerdict:
    """Describe why Loop did not accept a key, or could not be asked."""
    if isinstance(failure, ScopeMissing):
        said = Said(N_("Loop knows this key, but it lacks the Returns permission. Ask IT to add it in Loop."))
        return KeyVerdict((said,), "blocked", is_taken=False)
    if isinstance(failure, KeyRefused):
        said = Said(
            N_("Loop refuses this key. Copy it again as a whole; it needs the Returns permission in Loop.")
        )
        return KeyVerdict((said,), "blocked", is_taken=False)
    if isinstance(failure, AnswerLost):
        said = Said(
            N_("Something answered, but not as Loop does. A login page of the network may be in between.")
        )
        return KeyVerdict((said,), "offline", is_taken=False, may_go_on=True)
    if isinstance(failure, Throttled):
        said = Said(N_("Loop is too busy to check the key now. Wait a minute, then try again."))
        return KeyVerdict((said,), "offline", is_taken=False, may_go_on=True)
    said = Said(N_("Loop cannot be reached, so the key could not be checked."))
    return KeyVerdict((said,), "offline", is_taken=False, may_go_on=True)
