"""What must hold over benches, hub and Loop together, besides what holds at each bench."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from datetime import timedelta

from loopdesk.domain.outbox.stages import Stage
from tests.hub.walk.world import HubWorld
from tests.kinds import FINALIZERS
from tests.torture import invariants
from tests.torture.broken import Broken, demand
from tests.torture.station import Station
from tests.torture.wire import Post

PER_MINUTE = 300
"""What Loop grants one key in any minute."""

AFTER_EVERY_STEP = (
    invariants.nothing_failed,
    invariants.i01_every_acknowledged_entry_is_there,
    invariants.i03_no_finalizer_is_sent_twice,
    invariants.i04_a_return_ends_once,
    invariants.i04_a_note_stands_there_once,
    invariants.i06_done_is_true,
    invariants.i08_nothing_withdrawn_was_sent,
    invariants.i09_one_sending_a_return,
    invariants.i11_only_legal_moves,
    invariants.i12_the_screen_is_made_of_rows,
)
AT_REST_TOO = (
    invariants.i07_what_came_true_is_known,
    invariants.i13_everything_comes_to_rest,
    invariants.i15_the_key_stays_where_it_is,
)


def watch_requests(world: HubWorld) -> None:
    """Let every action of every station be looked at before its first byte leaves."""

    def look(station: Station, post: Post) -> None:
        world.note_broken(
            lambda: invariants.i02_every_request_has_an_attempt_committed_before_it(station, post)
        )
        world.note_broken(lambda: _names_its_attempt(post))
        world.note_broken(lambda: invariants.i05_nothing_overtakes_a_finalizer(station, post))
        world.note_broken(lambda: invariants.i05_values_arrive_in_the_order_decided(station, post))
        world.note_broken(lambda: invariants.i09_one_call_of_a_return_at_a_time(world, station, post))

    for station in world.stations:
        station.observers.append(look)


def _names_its_attempt(post: Post) -> None:
    entry_id = post.attempt.partition(".")[0]
    demand(
        post.is_claim or entry_id in post.entry_ids, "hub", "lost", f"{post.kind} left without its own key"
    )


def what_loop_saw_the_ledger_knows(world: HubWorld) -> None:
    """Each attempt reaches Loop at most once, and only after the ledger has stored that it leaves.

    Neither a hub by itself nor two hubs together ever send one again.
    """
    seen = Counter(attempt for attempt, _ in world.arrivals())
    world.note_sent()
    known = {f"{entry_id}.{n}" for entry_id, n in world.sent}
    for attempt, many in seen.items():
        demand(many == 1, "hub", "doubled", f"an attempt reached Loop {many} times")
        demand(attempt in known, "hub", "lost", f"Loop saw {attempt}, of which the ledger knows nothing")


def one_bench_calls_a_settlement_its_own(world: HubWorld) -> None:
    """Of several benches at most one calls the end of a return done, unless people declared or resent it."""
    for return_id in world.return_ids:
        done = [
            f"{entry.kind} {entry.entry_id} at {station.name}"
            for station in world.stations
            for entry in station.lane(return_id)
            if entry.stage is Stage.DONE
            and entry.kind in FINALIZERS
            and entry.entry_id not in station.memory.said_done
        ]
        allowed = 1 + world.resends_of(return_id)
        demand(len(done) <= allowed, "hub", "false_green", f"done at {return_id}: {done}")


def loop_never_has_too_many(world: HubWorld) -> None:
    """No minute sees more requests than Loop grants, and Loop never had to say so."""
    requests = world.loop.requests()
    times = [request.at for request in requests]
    crowded = max(
        (bisect_left(times, at + timedelta(seconds=60)) - n for n, at in enumerate(times)), default=0
    )
    told = [request for request in requests if request.status == 429 and request.fault is None]
    demand(crowded <= PER_MINUTE and not told, "hub", "stuck", f"{crowded} requests in a minute")


def claims_end(world: HubWorld) -> None:
    """At rest nobody is kept from a return, and nothing is under way, unless a person is asked."""
    found = world.open_claims()
    demand(not found, "hub", "stuck", f"claims without an end: {found}")
    left = world.under_way()
    demand(not left, "hub", "stuck", f"attempts without an end: {left}")


def parked_says_why(world: HubWorld) -> None:
    """What waits for a person says why."""
    for station in world.stations:
        mute = [x for x in station.entries() if x.stage is Stage.PARKED and x.reason is None]
        demand(not mute, "hub", "stuck", f"{len(mute)} entries wait for a person and do not say why")


def check_step(world: HubWorld) -> None:
    """Check what must hold after every step.

    Raises:
        Broken: The first promise that was broken.
    """
    world.take_in()
    if isinstance(world.broken, Broken):
        raise world.broken
    if world.broken is not None:
        raise Broken("hub", "stuck", str(world.broken)) from world.broken
    for invariant in AFTER_EVERY_STEP:
        invariant(world)
    what_loop_saw_the_ledger_knows(world)
    one_bench_calls_a_settlement_its_own(world)
    parked_says_why(world)


def check_rest(world: HubWorld) -> None:
    """Check what must hold when everything had time to come to rest.

    Raises:
        Broken: The first promise that was broken.
    """
    check_step(world)
    for invariant in AT_REST_TOO:
        invariant(world)
    claims_end(world)
    loop_never_has_too_many(world)
