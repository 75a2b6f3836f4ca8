"""Explores bench, hub and Loop exhaustively over the ledger's own decisions: every order of every event.

Two benches finish one return through two hub processes. Processes die, an older copy of the database goes
on, its locks are freed under living ones, lines break, answers are lost, requests come late or twice, time
passes, a person resends or takes over. Loop is the harshest one: it refuses no second finalizer, so that each
request which arrives has its effect, and shows an effect late, though before the time in which a claim grows
stale.
``explore`` visits every state that a budget of mishaps allows and names the first that breaks a promise, with
its history. A mutant replaces one decision or step, and must be found.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.reconcile import Done, Patience, Verdict, verdict
from loopdesk.domain.outbox.stages import Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.hub.ledger import claims, decisions
from loopdesk.hub.ledger.stages import (
    ActionKey,
    ActionRequest,
    ActionStage,
    HubOutcome,
    LedgerFacts,
    LedgerRow,
    Proof,
    ReturnClaim,
    Ruling,
    StoredAnswer,
)
from tests.builders import a_paid_return, an_entry

_BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AGES = (timedelta(0), timedelta(minutes=17), timedelta(minutes=34))
"""Now; when every deadline is over and a claim may be stale; and the end, when nothing new begins."""
_GENERATIONS = "gh"
"""Of the ledger, and of the one that was restored."""
YES, NO = StoredAnswer(200, (), b"true"), StoredAnswer(200, (), b'{"errors": "no"}')

Key = tuple[int, int]
"""An attempt in the model: which bench, and which number."""
Post = tuple[Key, bool, int]
"""A request on its way to the hub: the attempt, whether it takes over, and the generation that it names."""
Rows = tuple[tuple[Key, int], ...]
Held = tuple[tuple[int, int], ...]


class Budget(NamedTuple):
    """How many of each mishap one history may have."""

    crashes: int = 0
    frees: int = 0
    cuts: int = 0
    losses: int = 0
    doubles: int = 0
    refusals: int = 0
    resends: int = 0
    restores: int = 0


class Bench(NamedTuple):
    """A bench with its one entry: ready, waiting, asking, uncertain, settling, parked or at an end.

    It names its attempt with the ``generation`` that it was told of before, 0 or 1.

    It is parked as refused, as claimed, or as elsewhere: nobody knows what became of its request, and another
    bench has the return. ``is_in_doubt`` if the same was never learned of an earlier attempt.
    """

    doing: str = "ready"
    n: int = 1
    takes_over: bool = False
    is_in_doubt: bool = False
    generation: int = 0


class Exchange(NamedTuple):
    """A request inside a hub process: reserved, sent, or with Loop's yes or no."""

    owner: int
    name: str
    key: Key
    at: str = "reserved"


class State(NamedTuple):
    """Everything that is true at one moment. Rows and claims are numbers in ``_KNOWN``: they hash fast."""

    left: Budget
    benches: tuple[Bench, ...] = (Bench(), Bench())
    posts: tuple[Post, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    to_loop: tuple[tuple[Key, str], ...] = ()
    received: tuple[Key, ...] = ()
    rows: Rows = ()
    claims: Held = ()
    owners: tuple[int, ...] = (1, 2)
    locked: tuple[int, ...] = (1, 2)
    age: int = 0
    shown: bool = False
    read: tuple[tuple[int, Post, int], ...] = ()
    restored_at: int | None = None


Next = tuple[str, State]


@dataclass
class Hub:
    """The decisions that are played, each replaced by some mutant.

    Attributes:
        retries: The hub sends a lost request again by itself.
        stores_early: A yes is stored as the headers begin.
        has_lock: A request is read, decided and written in one transaction.
        calls_own: Whether a bench takes for its own doing what Loop shows.
        asks_whose: It asks the hub before that, where it is in doubt.
    """

    on_request: Callable[..., Ruling] = decisions.on_request
    on_question: Callable[..., Ruling] = decisions.on_question
    on_headers: Callable[..., Ruling] = decisions.on_headers
    on_abandoned: Callable[..., Ruling] = decisions.on_abandoned
    on_answer: Callable[..., Ruling] = decisions.on_answer
    on_sight: Callable[..., ReturnClaim | None] = claims.on_sight
    retries: bool = False
    stores_early: bool = False
    has_lock: bool = True
    calls_own: Callable[[Entry], bool] = lambda entry: isinstance(_seen_ended(entry), Done)
    asks_whose: bool = True


def _seen_ended(entry: Entry) -> Verdict:
    return verdict(entry, a_paid_return(), None, 0.0, Patience(math.inf))


class Broken(Exception):
    """A promise is broken, after these events."""


_KNOWN: list[Any] = []
_NUMBERS: dict[Any, int] = {}


def _number(value: Any) -> int:
    if value not in _NUMBERS:
        _NUMBERS[value] = len(_KNOWN)
        _KNOWN.append(value)
    return _NUMBERS[value]


@cache
def _key(key: Key) -> ActionKey:
    return ActionKey("ab"[key[0]] * 32, key[1])


@cache
def _facts(
    rows: Rows, held: Held, locked: tuple[int, ...], age: int, who: int, restored_at: int | None
) -> int:
    of_entry: tuple[LedgerRow, ...] = tuple(_KNOWN[row] for key, row in rows if key[0] == who)
    of_return: tuple[ReturnClaim, ...] = tuple(_KNOWN[claim] for _, claim in held)
    since = None if restored_at is None else _BEGAN + AGES[restored_at]
    generation = _GENERATIONS[restored_at is not None]
    living = frozenset(locked)
    return _number(LedgerFacts(_BEGAN + AGES[age], generation, of_entry, of_return, living, since=since))


def _facts_of(state: State, who: int) -> int:
    return _facts(state.rows, state.claims, state.locked, state.age, who, state.restored_at)


@cache
def _ruled(
    decide: Callable[..., Ruling], given: tuple[Any, ...], facts: int, rows: Rows, held: Held
) -> tuple[Rows, Held, Ruling]:
    ruling, now, then = decide(*given, _KNOWN[facts]), dict(rows), dict(held)
    if ruling.row is not None:
        who, n = "ab".index(ruling.row.key.entry_id[0]), ruling.row.key.n
        now = {  # as ``ledger.forget_unsent`` does
            key: row
            for key, row in now.items()
            if key[0] != who or key[1] >= n or _KNOWN[row].stage is not ActionStage.UNSENT
        }
        now[who, n] = _number(ruling.row)
    for claim in ruling.claims:
        claim = replace(claim, looks=0, look_at=_BEGAN)  # when and how often it is read changes nothing here
        then["ab".index(claim.entry_id[0])] = _number(claim)
    return tuple(sorted(now.items())), tuple(sorted(then.items())), ruling


def _act(
    state: State, who: int, decide: Callable[..., Ruling], *given: Any, facts: int | None = None
) -> tuple[State, Ruling]:
    """Play one transaction: the facts are read, a decision is made, and what it says is written."""
    known = facts if facts is not None else _facts_of(state, who)
    rows, held, ruling = _ruled(decide, given, known, state.rows, state.claims)
    return state._replace(rows=rows, claims=held), ruling


def _spent(state: State, name: str) -> State | None:
    left = getattr(state.left, name)
    return state._replace(left=state.left._replace(**{name: left - 1})) if left else None


def _bench(state: State, at: int, **now: Any) -> State:
    benches = list(state.benches)
    benches[at] = benches[at]._replace(**now)
    return state._replace(benches=tuple(benches))


_HEARD = {
    HubOutcome.UNSENT: "unsent",
    HubOutcome.CLAIMED: "claimed",
    HubOutcome.UNKNOWN: "uncertain",
    HubOutcome.IN_PROGRESS: "asking",
}


def _told(state: State, key: Key, outcome: HubOutcome, answer: StoredAnswer | None = None) -> State:
    """Let a bench hear an outcome, if it still wants to know of that attempt."""
    bench = state.benches[key[0]]
    if bench.n != key[1] or bench.doing not in ("waiting", "asking"):
        return state
    heard = _HEARD.get(outcome, "settling" if answer == YES else "refused")
    return _bench(state, key[0], doing=heard)


def _benches(hub: Hub, state: State) -> Iterator[Next]:
    for at, bench in enumerate(state.benches):
        who, key = "AB"[at], (at, bench.n)
        post = (key, bench.takes_over, bench.generation)
        posted = state._replace(posts=tuple(sorted((*state.posts, post))))
        if bench.doing == "ready" and state.shown:  # Loop is read before anything is sent
            yield f"{who} sees it ended", _bench(state, at, doing="superseded")
        elif bench.doing == "ready" and state.age < 2:
            yield f"{who} posts {bench.n}", _posted(state, at)
        elif bench.doing == "waiting":
            is_cut = not any(x.key == key for x in state.exchanges) and post not in state.posts
            cut = state if is_cut else _spent(state, "cuts")
            if cut is not None:
                yield f"{who} loses the line", _bench(cut, at, doing="asking")
            twice = _spent(posted, "doubles") if state.age < 2 else None
            if twice is not None and post not in state.posts:
                yield f"{who}'s request comes twice", twice
        elif bench.doing == "asking":
            yield _asked(hub, state, at)
        elif bench.doing in _SEEING and state.shown:
            yield f"{who} reads back", _bench(state, at, doing=_read_back(hub, state, at))
        if (again := _again(state, at, bench)) is not None:
            yield f"{who} sends again", again


def _posted(state: State, at: int) -> State:
    """Send a bench's attempt to the hub; it has read Loop just before, and so was told the generation."""
    bench = state.benches[at]
    generation = int(state.restored_at is not None)
    post = ((at, bench.n), bench.takes_over, generation)
    after = _bench(state, at, doing="waiting", generation=generation)
    return after._replace(posts=tuple(sorted((*state.posts, post))))


def _asked(hub: Hub, state: State, at: int) -> Next:
    who, key = "AB"[at], (at, state.benches[at].n)
    generation = _GENERATIONS[state.benches[at].generation]
    after, ruling = _act(state, at, hub.on_question, _key(key), who, generation)
    assert ruling.outcome is not None
    if ruling.outcome is HubOutcome.CLAIMED:
        after = _bench(after, at, doing="elsewhere")
    return f"{who} asks about {key[1]}: {ruling.outcome}", _told(after, key, ruling.outcome, ruling.answer)


_SEEING: dict[str, Entry] = {
    "uncertain": an_entry(1, Kind.PROCESS, Stage.UNCERTAIN, tries=1, unresolved=1),
    "settling": an_entry(1, Kind.PROCESS, Stage.SETTLING, tries=1),
    "refused": an_entry(1, Kind.PROCESS, Stage.PARKED, tries=1, reason=ParkReason.REFUSED),
    "claimed": an_entry(1, Kind.PROCESS, Stage.PARKED, cause=Cause(Why.CLAIMED_AT_HUB)),
    "elsewhere": an_entry(
        1, Kind.PROCESS, Stage.PARKED, tries=1, unresolved=1, cause=Cause(Why.CLAIMED_AT_HUB)
    ),
}
"""What a bench reads back, by what it is doing."""


def _read_back(hub: Hub, state: State, at: int) -> str:
    """See the return ended, and decide whose doing that is; who is in doubt asks the hub first."""
    bench = state.benches[at]
    entry = _SEEING[bench.doing]
    entry = replace(entry, unresolved=max(entry.unresolved, int(bench.is_in_doubt)))
    if not hub.calls_own(entry):
        return "superseded"
    if hub.asks_whose and entry.unresolved:
        _, ruling = _act(state, at, hub.on_question, _key((at, 1)), "AB"[at], "")
        return "superseded" if ruling.outcome is HubOutcome.CLAIMED else "done"
    return "done"


def _again(state: State, at: int, bench: Bench) -> State | None:
    """Send again what is proven unsent; let a person send again, or take over, after the limit."""
    waits = bench.doing in ("uncertain", "claimed", "elsewhere")
    is_free = bench.doing in ("unsent", "refused") or (waits and state.age)
    spent = _spent(state, "resends") if is_free and not state.shown and state.age < 2 else None
    if spent is None:
        return None
    is_in_doubt = bench.is_in_doubt or bench.doing in ("uncertain", "elsewhere")
    takes_over = bench.doing in ("claimed", "elsewhere")
    return _bench(spent, at, doing="ready", n=bench.n + 1, takes_over=takes_over, is_in_doubt=is_in_doubt)


def _requests(hub: Hub, state: State) -> Iterator[Next]:
    for at, post in enumerate(state.posts):
        key = post[0]
        rest = state._replace(posts=state.posts[:at] + state.posts[at + 1 :])
        what = f"{'ab'[key[0]]}{key[1]}"
        for owner in state.owners if state.rows or len(state.owners) == 1 else state.owners[:1]:
            if hub.has_lock:
                yield f"{owner} takes {what}", _reserved(hub, rest, owner, post, None)
            else:
                read = (*state.read, (owner, post, _facts_of(state, key[0])))
                yield f"{owner} reads for {what}", rest._replace(read=tuple(sorted(read)))
    for at, (owner, post, then) in enumerate(state.read):
        rest = state._replace(read=state.read[:at] + state.read[at + 1 :])
        yield f"{owner} writes", _reserved(hub, rest, owner, post, then)


@cache
def _request(on_request: Callable[..., Ruling]) -> Callable[..., Ruling]:
    def decide(post: Post, owner: int, exchange: str, facts: LedgerFacts) -> Ruling:
        key, takes_over, told = post
        who, generation = "AB"[key[0]], _GENERATIONS[told]
        ask = ActionRequest(_key(key), who, "s", "1", Kind.PROCESS, "sha", who, "Ada", generation, takes_over)
        return on_request(ask, facts, owner=owner, exchange=exchange)

    return decide


def _reserved(hub: Hub, state: State, owner: int, post: Post, facts: int | None) -> State:
    key = post[0]
    name = f"{owner}{sum(x.owner == owner and x.key == key for x in state.exchanges)}"
    given = (post, owner, name)
    after, ruling = _act(state, key[0], _request(hub.on_request), *given, facts=facts)
    if ruling.outcome is not None:
        return _told(after, key, ruling.outcome, ruling.answer)
    return after._replace(exchanges=tuple(sorted((*after.exchanges, Exchange(owner, name, key)))))


def _exchanges(hub: Hub, state: State) -> Iterator[Next]:
    for one in state.exchanges:
        who, key = one.key[0], _key(one.key)
        what = f"{'ab'[who]}{one.key[1]} at {one.owner}"
        if one.at == "reserved":
            begun, _ = _act(state, who, hub.on_headers, key, one.name)
            unsent, _ = _act(state, who, decisions.on_unsent, key, one.name)
            stays = _told(_moved(unsent, one), one.key, HubOutcome.UNSENT)
            if begun == state:
                yield f"{what} may not be sent", stays
                continue
            if hub.stores_early:
                begun, _ = _act(begun, who, hub.on_answer, key, one.name, YES, Proof.ACCEPTED)
            yield f"{what} is sent", _sent(begun, one)
            if state.benches[who].doing != "waiting":
                yield f"{what}: nobody waits", stays
        elif one.at == "sent":
            losing = state if (one.key, one.name) not in state.to_loop else _spent(state, "losses")
            if losing is not None:
                lost, _ = _act(losing, who, decisions.on_lost, key, one.name)
                told = _told(_moved(lost, one), one.key, HubOutcome.UNKNOWN)
                yield f"{what}: the answer is lost", told
                if hub.retries:
                    yield f"{what} is sent again by the hub", _sent(losing, one)
        else:
            answer, proof = (YES, Proof.ACCEPTED) if one.at == "yes" else (NO, Proof.REFUSED)
            stored, _ = _act(state, who, hub.on_answer, key, one.name, answer, proof)
            stored = _moved(stored, one)
            yield f"{what} is answered", _told(stored, one.key, HubOutcome.LOOP, answer)
            if (dying := _spent(stored, "crashes")) is not None:
                yield f"{one.owner} dies before it tells", _dead(dying, one.owner)


def _moved(state: State, one: Exchange, to: str = "") -> State:
    rest = list(state.exchanges)
    rest.remove(one)
    return state._replace(exchanges=tuple(sorted([*rest, one._replace(at=to)] if to else rest)))


def _sent(state: State, one: Exchange) -> State:
    return _moved(state, one, "sent")._replace(to_loop=tuple(sorted((*state.to_loop, (one.key, one.name)))))


def _dead(state: State, owner: int) -> State:
    return state._replace(
        exchanges=tuple(x for x in state.exchanges if x.owner != owner),
        read=tuple(x for x in state.read if x[0] != owner),
        owners=tuple(x for x in state.owners if x != owner),
        locked=tuple(x for x in state.locked if x != owner),
    )


def _loop(state: State) -> Iterator[Next]:
    if state.received and not state.shown:
        yield "Loop shows the effect", state._replace(shown=True)
    for at, (key, name) in enumerate(state.to_loop):
        rest = state._replace(to_loop=state.to_loop[:at] + state.to_loop[at + 1 :])
        what = f"{'ab'[key[0]]}{key[1]}"
        yield f"Loop does {what}", _answered(rest._replace(received=(*rest.received, key)), key, name, "yes")
        if (losing := _spent(rest, "losses")) is not None:
            yield f"{what} never arrives", losing
            done = rest._replace(received=(*rest.received, key), left=losing.left)
            yield f"Loop does {what}, its answer is lost", done
        if (refusing := _spent(rest, "refusals")) is not None:
            yield f"Loop refuses {what}", _answered(refusing, key, name, "no")


def _answered(state: State, key: Key, name: str, word: str) -> State:
    one = next((x for x in state.exchanges if x[1:] == (name, key, "sent")), None)
    return state if one is None else _moved(state, one, word)


def _mishaps(state: State) -> Iterator[Next]:
    for owner in state.owners:
        if (dying := _spent(state, "crashes")) is not None and len(state.owners) > 1:
            yield f"{owner} dies", _dead(dying, owner)
    if state.locked and (freeing := _spent(state, "frees")) is not None:
        yield "the database restarts", freeing._replace(locked=())
    if state.restored_at is None and (restoring := _spent(state, "restores")) is not None:
        yield from _restores(restoring)
    if state.locked != state.owners:
        yield "the locks are taken again", state._replace(locked=state.owners)
    if state.age + 1 < len(AGES):
        # No request to Loop outlives its deadline
        old = state._replace(age=state.age + 1, to_loop=(), shown=bool(state.received))
        # nor one to the hub the wait after a restore: a bench gives it up, and the hub sees that
        is_over = old.age + 1 == len(AGES) or state.restored_at is not None
        yield "time passes", old._replace(posts=(), read=()) if is_over else old


def _restores(state: State) -> Iterator[Next]:
    """Another database goes on: a copy from before everything, or a standby that has lost all or nothing.

    What is on its way to Loop arrives, and so does what benches have sent to the hub.
    """
    state = state._replace(restored_at=state.age)
    empty = state._replace(rows=(), claims=())
    yield "a standby without it takes over", empty
    yield "a standby takes over", state
    new = max(state.owners) + 1
    yield "a copy is restored", empty._replace(exchanges=(), read=(), owners=(new,), locked=(new,))


def _sweep(hub: Hub, state: State) -> Iterator[Next]:
    for key, row in state.rows:
        swept, _ = _act(state, key[0], _of_known(hub.on_abandoned), row)
        if swept != state:
            yield f"the sweep ends {'ab'[key[0]]}{key[1]}", swept
    shown = ReturnState.CLOSED if state.shown else ReturnState.OPEN
    for who, number in state.claims:
        after, _ = _act(state, who, _sight(hub.on_sight), number, shown)
        if after != state:
            yield f"the sweep sees {shown}", after


@cache
def _of_known(decide: Callable[..., Ruling]) -> Callable[..., Ruling]:
    return lambda number, facts: decide(_KNOWN[number], facts)


@cache
def _sight(on_sight: Callable[..., ReturnClaim | None]) -> Callable[..., Ruling]:
    def decide(claim: int, shown: ReturnState, facts: LedgerFacts) -> Ruling:
        seen = on_sight(_KNOWN[claim], shown, facts) if _KNOWN[claim].is_open else None
        return Ruling() if seen is None else Ruling(claims=(seen,))

    return decide


def _fault(state: State) -> str:
    """Name the promise that a state breaks, "" if none."""
    if len(set(state.received)) < len(state.received):
        return "an attempt was sent twice"
    if len(state.received) > 1:
        return "two finalizers had an effect"
    rows = dict(state.rows)
    for key in (*state.received, *(key for key, _ in state.to_loop)):
        is_lost = key not in rows and state.restored_at is not None
        if not is_lost and (key not in rows or not _KNOWN[rows[key]].may_have_acted):
            return "an effect that nobody knows"
        bench = state.benches[key[0]]
        if bench.n == key[1] and bench.doing in ("unsent", "refused", "claimed"):
            return "a bench believes that nothing happened"
    for at, bench in enumerate(state.benches):
        if bench.doing == "settling" and (at, bench.n) not in state.received:
            return "a bench was told a yes that Loop never gave"
    # A ledger that has lost who did it cannot tell it either.
    if state.restored_at is None and all(bench.doing == "done" for bench in state.benches):
        return "two benches call one settlement their own"
    return ""


def _fault_at_end(state: State) -> str:
    if any(_KNOWN[row].stage in (ActionStage.RESERVED, ActionStage.SENDING) for _, row in state.rows):
        return "an attempt without end"
    found = [_KNOWN[number] for _, number in state.claims]
    if any(claim.is_open and (claim.stale_at is None or state.shown) for claim in found):
        return "a claim without end"
    if any(bench.doing in ("waiting", "asking") for bench in state.benches):
        return "a bench that is never told"
    return ""


@dataclass
class Explored:
    """What was visited: states, how many of them nothing follows, and how the benches ended there."""

    states: int = 0
    ends: int = 0
    outcomes: set[tuple[str, str]] = field(default_factory=set)


def explore(hub: Hub, budget: Budget) -> Explored:
    """Visit every state within a budget.

    Raises:
        Broken: A promise does not hold; its text is the history that leads there.
    """
    start, found = State(budget), Explored()
    came: dict[State, tuple[State, str] | None] = {start: None}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        found.states += 1
        wrong, ended = _fault(state), True
        of_hub = (events(hub, state) for events in (_benches, _requests, _exchanges, _sweep))
        for event, after in chain(*of_hub, _loop(state), _mishaps(state)):
            ended = False
            if after not in came:
                came[after] = (state, event)
                queue.append(after)
        if ended:
            found.ends += 1
            found.outcomes.add((state.benches[0].doing, state.benches[1].doing))
            wrong = wrong or _fault_at_end(state)
        if wrong:
            raise Broken(f"{wrong}: {' / '.join(_history(came, state))}")
    return found


def _history(came: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    events: list[str] = []
    before = came[state]
    while before is not None:
        events.append(before[1])
        before = came[before[0]]
    return events[::-1]
