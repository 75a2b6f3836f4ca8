"""What an invariant says when it does not hold."""

from __future__ import annotations


class Broken(AssertionError):
    """A promise was broken.

    Attributes:
        damage: Which column of the table it belongs to.
    """

    def __init__(self, invariant: str, damage: str, words: str) -> None:
        super().__init__(f"{invariant}: {words}")
        self.invariant = invariant
        self.damage = damage


def demand(holds: object, invariant: str, damage: str, words: str) -> None:
    """Fail with a sentence unless something holds."""
    if not holds:
        raise Broken(invariant, damage, words)
