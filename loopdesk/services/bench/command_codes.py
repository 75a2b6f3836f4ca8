"""The command codes of this station: what a scan of one means here, and what is printed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace

from loopdesk.domain.labels.command_codes import printed, recognize
from loopdesk.domain.labels.scans import CodeKind, CodeRead
from loopdesk.services.ports.station import Clock

MOST_WRONG = 10
"""After so many wrong codes within ``WRONG_SECONDS`` no printed code acts until it is calm again."""

WRONG_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class CodeSecrets:
    """What the letters of command codes are made with; shown nowhere.

    Attributes:
        station: This station's own, "" when its file cannot be used.
        site: That of all stations of the site, "" for none.
    """

    station: str = field(default="", repr=False)
    site: str = field(default="", repr=False)

    @property
    def acting(self) -> frozenset[str]:
        """Those whose codes act here."""
        return frozenset({self.station, self.site} - {""})

    @property
    def printing(self) -> str:
        """The one that sheets are printed with: the site's, so that one sheet serves every station."""
        return self.site or self.station


class CommandCodes:
    """Recognizes command codes and slows down who guesses them.

    Args:
        words: Every command's word.
        secrets: Gives the secrets whose codes act.
    """

    def __init__(self, *, words: Collection[str], secrets: Callable[[], CodeSecrets], clock: Clock) -> None:
        self._words = frozenset(words)
        self._secrets = secrets
        self._clock = clock
        self._wrong: deque[float] = deque(maxlen=MOST_WRONG)

    def read(self, raw: str) -> CodeRead | None:
        """Tell whether a scan is a command code or near one; None for every other code.

        While slowed, no code is looked at, a right one neither: nobody learns which one it was.
        """
        found = self.recognize(raw)
        if found is None or found.kind not in (CodeKind.COMMAND, CodeKind.WRONG):
            return found
        now = self._clock.monotonic()
        while self._wrong and now - self._wrong[0] >= WRONG_SECONDS:
            self._wrong.popleft()
        if len(self._wrong) == MOST_WRONG:
            return replace(found, kind=CodeKind.SLOWED)
        if found.kind is CodeKind.WRONG:
            self._wrong.append(now)
        return found

    def recognize(self, raw: str) -> CodeRead | None:
        """Tell the same without counting it."""
        return recognize(raw, self._words, self._secrets().acting)

    def masked(self, text: str) -> str:
        """Return a text as it may be kept: a code in it by its name alone."""
        found = self.recognize(text)
        return found.masked if found is not None else text

    def printed(self, word: str) -> str:
        """Return the code to be printed for a word: the site's where there is one, else the station's."""
        return printed(word, self._secrets().printing)
