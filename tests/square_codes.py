"""2D codes with several lines, as a shopper could print them, scanned by guns of every kind.

Each code goes the whole way of a scan: key by key through the decoder, what it gives through the intake, and
what it takes for a person's keys to the commands that those keys have.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from loopdesk.domain.scanner.keys import Key, KeyKind
from loopdesk.domain.scanner.wedge import WedgeDecoder, WedgeVerdict
from loopdesk.presenters.commands import COMMANDS
from tests.bench_rig import BenchRig
from tests.builders import a_parcel, a_return, lines

UPS, OTHER = "1Z999AA10123456784", "1Z12345E0205271688"
ENDS = ("\r", "\n", "\r\n", "\t", "\r\n\r\n")
KEYS = {command.key: command.id for command in COMMANDS if len(command.key) == 1}
WORDS = tuple(command.code for command in COMMANDS)
FINISHING = ("LDCMDALL", "LDCMDRESTA", "LDCMDGRADEA", "LDCMDCONFIRM", "LDCMDFLAG", "LDCMDTEXT1", "LDCMDEMPTY")


@dataclass(slots=True)
class Played:
    """The outcome of the scans.

    Attributes:
        scans: How many scans the decoder gave.
        kept: How many entries stood in the outbox at the end.
        decided: How many codes decided a line.
    """

    codes: int = 0
    scans: int = 0
    kept: int = 0
    decided: int = 0


class SquareCodes:
    """A bench with two returns, and a gun that reads what it is shown.

    Args:
        seed: Of the codes, the guns and their pauses.
        encode: Makes what is printed for a command's word; the word alone for whoever knows no secret.
    """

    def __init__(self, rig: BenchRig, seed: int, *, is_insider: bool = False) -> None:
        self._rig = rig
        self._random = random.Random(seed)
        self._is_insider = is_insider
        self._decoder = WedgeDecoder()
        self._at = 0.0
        self.played = Played()

    async def play(self, count: int) -> Played:
        """Show the gun this many codes, each with the first return on the bench and seen."""
        rig = self._rig
        for _ in range(count):
            await rig.scan(UPS)
            await rig.clock.turn(1.0)
            before = self._decisions()
            await self._read(self._code())
            self.played.codes += 1
            self.played.decided += self._decisions() != before
            if rig.screen.prompt is not None:
                await rig.press("dismiss")
        self.played.kept = len(await rig.store.outbox.entries())
        return self.played

    def _code(self) -> list[str]:
        """Numbers and command words, in any order and number."""
        draw = self._random
        count = draw.randint(2, 8)
        pool = [*FINISHING, draw.choice(WORDS), draw.choice((UPS, OTHER)), f"{draw.randrange(10**13):013d}"]
        pool += [str(draw.randrange(1, 8)), "AAAAA", draw.choice(WORDS) + "BCDEF"]
        made = [draw.choice(pool) for _ in range(count)]
        return [line.lower() for line in made] if draw.random() < 0.2 else made

    async def _read(self, code: list[str]) -> None:
        """Read a code as one gun does: with its gap, its line ends, and its pauses."""
        draw = self._random
        gap, end = draw.choice((0.0, 0.002, 0.01, 0.03)), draw.choice(ENDS)
        self._at += 10.0
        for line in code:
            printed = self._printed(line)
            for key in _keys(printed + end):
                await self._press(key)
                self._at += gap
            self._at += draw.choice((0.0, 0.02, 0.1, 0.149)) if not self._is_insider else 5.0
        while (deadline := self._decoder.deadline) is not None:
            self._at = max(self._at, deadline + 0.001)
            await self._take(self._decoder.tick(self._at))
        await self._rig.clock.turn(2.0)

    def _printed(self, line: str) -> str:
        is_word = line.upper() in WORDS
        return self._rig.codes.printed(line.upper()) if self._is_insider and is_word else line

    async def _press(self, key: Key) -> None:
        await self._take(self._decoder.tick(self._at))
        if self._decoder.takes(key, self._at):
            await self._take(self._decoder.feed(key, self._at))
        else:
            self._decoder.feed(key, self._at)
            await self._take(WedgeVerdict(replay=(key,)))

    async def _take(self, verdict: WedgeVerdict) -> None:
        """Do at the bench what the window would."""
        rig = self._rig
        if verdict.scan is not None:
            self.played.scans += 1
            rig.receive(verdict.scan)
            await rig.clock.turn(1.0)
        for key in verdict.replay:
            if key.text in KEYS:
                rig.bench.command(KEYS[key.text])
            elif key.kind is KeyKind.TERMINATOR and rig.screen.prompt is not None:
                rig.bench.answer("")
            await rig.clock.settle()

    def _decisions(self) -> list[str]:
        return [line.decided for line in self._rig.screen.lines]


def _keys(text: str) -> Iterator[Key]:
    for sign in text:
        yield Key(KeyKind.TERMINATOR if sign in "\r\n\t" else KeyKind.CHARACTER, sign)


async def a_bench() -> BenchRig:
    """Open a bench with two returns, one line each, that nothing settles by itself."""
    rig = BenchRig(
        a_return("91000123", order_name="#20417", parcels=(a_parcel(UPS),), lines=lines(1)),
        a_return("91000124", order_name="#20418", parcels=(a_parcel(OTHER),), lines=lines(1, 77)),
    )
    return await rig.open(sending=False)
