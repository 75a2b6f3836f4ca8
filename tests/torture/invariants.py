"""I1 to I15, as far as they can be seen inside one process. Each fails with a sentence.

``check_all`` runs after every step, ``check_rest`` when everything had time to come to rest in good weather.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import END_STAGES, LEGAL_MOVES, Entry, ParkReason, Stage, marker_of
from loopdesk.services.ports.store import Counts
from tests.kinds import FINALIZERS, GATED, VALUES
from tests.torture import photo_invariants as photos
from tests.torture.broken import Broken, demand
from tests.torture.station import Station
from tests.torture.wire import Post
from tests.torture.world import World

AT_REST = END_STAGES | {Stage.PARKED}
PER_MINUTE = 300
"""What Loop grants one key in any minute."""

KNOWN_REASONS = (ParkReason.CONFLICT, ParkReason.UNDECIDED, ParkReason.DEPENDENCY)
"""What may be said of something that did come true."""

ENDED = ("processed", "cancelled", "closed")
"""Effects that end a return at Loop."""


# --- at every request -------------------------------------------------------------------------------


def i02_every_request_has_an_attempt_committed_before_it(station: Station, post: Post) -> None:
    """What leaves is committed as ``sending`` with an open attempt, for every line of it.

    A claim leaves for a finalizer that is committed as ``ready``, and only where several stations share the
    key, as told or as noticed; while it waits for its turn a person may withdraw what it is for.
    """
    if post.is_claim:
        stages = (Stage.READY, Stage.WITHDRAWN)
        wanting = [x for x in station.lane(post.return_id) if x.kind in FINALIZERS and x.stage in stages]
        named = any(marker_of(x.entry_id) in post.content for x in wanting)
        is_shared = station.parts.second_bench.stations() > 1
        demand(named and is_shared, "I2", "lost", f"a claim of {post.return_id} left for nothing")
        return
    claimed = station.claimed_for(post)
    post.entry_ids = tuple(x.entry_id for x in claimed)
    wanted = max(1, len(post.line_ids)) if post.kind in VALUES else 1
    demand(
        len(claimed) == wanted,
        "I2",
        "lost",
        f"{post.kind} of {post.return_id} left without a committed claim",
    )


def i02_nothing_goes_where_no_person_sent_it(station: Station, post: Post) -> None:
    """What leaves was kept with this key for this address, or a person called both the same shop's."""
    lane = station.lane(post.return_id)
    own = [x for x in lane if x.entry_id in post.entry_ids]
    if post.is_claim:
        own = [x for x in lane if x.kind in FINALIZERS and marker_of(x.entry_id) in post.content]
    for entry in own:
        pair = (entry.key_fingerprint, post.binding)
        demand(
            pair[0] == pair[1] or pair in station.memory.same,
            "I2",
            "lost",
            f"{entry.kind} was kept for {pair[0]} and left for {pair[1]}",
        )


def i05_nothing_overtakes_a_finalizer(station: Station, post: Post) -> None:
    """What was decided before a finalizer is there before it; nothing comes after it."""
    lane = {x.entry_id: x for x in station.lane(post.return_id)}
    memory = station.memory
    excused = memory.waived | set(memory.resends) | memory.doubted
    own = [lane[x] for x in post.entry_ids]
    for entry in own:
        if entry.kind in FINALIZERS:
            before = [x for x in lane.values() if x.seq < entry.seq and not x.is_finished]
            late = [x for x in before if x.entry_id not in excused]
            demand(not late, "I5", "reordered", f"{entry.kind} left before {[str(x.kind) for x in late]}")
            continue
        if entry.repeats:
            continue  # links of photos may come late
        ends = [x for x in lane.values() if x.kind in FINALIZERS and x.seq != entry.seq and _has_left(x)]
        demand(
            not ends or entry.entry_id in excused,
            "I5",
            "reordered",
            f"{entry.kind} left after {[str(x.kind) for x in ends]}",
        )


def _has_left(entry: Entry) -> bool:
    gone = (Stage.SENDING, Stage.SETTLING, Stage.UNCERTAIN, Stage.DONE)
    return entry.stage in gone or (entry.tries > 0 and entry.stage is Stage.PARKED)


def i05_values_arrive_in_the_order_decided(station: Station, post: Post) -> None:
    """A line's older value never follows its newer one, and notes go in the order in which they were kept."""
    if post.kind not in VALUES | {Kind.NOTE}:
        return
    lane = {x.entry_id: x for x in station.lane(post.return_id)}
    excused = set(station.memory.resends) | station.memory.doubted
    for entry_id in post.entry_ids:
        entry = lane[entry_id]
        if entry_id in excused:
            continue
        newer = [
            x
            for x in lane.values()
            if x.seq > entry.seq and (x.kind, x.target) == (entry.kind, entry.target) and _has_left(x)
        ]
        demand(not newer, "I5", "reordered", f"an older {entry.kind} left after a newer one")


def i09_one_call_of_a_return_at_a_time(world: World, station: Station, post: Post) -> None:
    """No two requests of one return are under way at once from one station; a dead program sends nothing."""
    running = [
        x
        for x in world.books.of[post.return_id]
        if not x.ended and x.station == station.name and x is not post
    ]
    demand(not running, "I9", "doubled", f"two calls of {post.return_id} at once")
    demand(not station.points.is_dead, "I9", "doubled", "a dead program sent something")


def precheck_was_true(world: World, station: Station, post: Post) -> None:
    """A flag or finalizer leaves only with a picture taken at most ten seconds ago, and the agreed one."""
    for entry_id in post.entry_ids:
        entry = next(x for x in station.lane(post.return_id) if x.entry_id == entry_id)
        if entry.kind not in GATED:
            continue
        rows = station.disk.peek(
            "SELECT before FROM attempt WHERE entry_id = ? ORDER BY n DESC LIMIT 1", (entry_id,)
        )
        demand(rows[0][0], "I3", "doubled", f"{entry.kind} left without a look at Loop before")
        read_at = world.last_read(station, post.return_id)
        demand(
            read_at is not None and world.clock.monotonic() - read_at <= 10.0 + 1e-6,
            "I3",
            "doubled",
            f"{entry.kind} left on a picture that is too old",
        )
        demand(
            world.agrees(station, entry),
            "I3",
            "doubled",
            f"{entry.kind} left although Loop showed something else than what was agreed to",
        )


# --- after every step -------------------------------------------------------------------------------


def i01_every_acknowledged_entry_is_there(world: World) -> None:
    """What the screen called kept exists, once, in one stage."""
    for station in world.stations:
        counted = Counter(x.entry_id for x in station.entries())
        missing = station.memory.acknowledged - set(counted)
        demand(not missing, "I1", "lost", f"{len(missing)} acknowledged entries are gone")
        demand(all(n == 1 for n in counted.values()), "I1", "lost", "an entry is there twice")


def i03_no_finalizer_is_sent_twice(world: World) -> None:
    """Per finalizer: requests that reached Loop are at most one more than a person asked for."""
    seen = Counter(
        (post.station, entry_id)
        for post in world.books.posts
        if post.kind in FINALIZERS and post.may_count
        for entry_id in post.entry_ids
    )
    for (name, entry_id), count in seen.items():
        allowed = 1 + world.station(name).memory.resends.get(entry_id, 0)
        demand(count <= allowed, "I3", "doubled", f"a finalizer reached Loop {count} times")


def i04_a_return_ends_once(world: World) -> None:
    """Per return: at most one finalizer came true, whatever station it is of, unless a person sent one again.

    The simulator gives no guard: it pays out twice what it is asked for while the first request is queued.
    """
    for return_id in world.return_ids:
        ret = world.loop.get(return_id)
        count = sum(ret.count(kind) for kind in ENDED)
        allowed = 1 + world.resends_of(return_id)
        demand(count <= allowed, "I4", "doubled", f"{return_id} ended {count} times at Loop")


def i04_a_note_stands_there_once(world: World) -> None:
    """Notes are posted again only after nothing was seen for the whole time in which one may appear late."""
    for return_id in world.return_ids:
        texts = Counter(note.content for note in world.loop.get(return_id).notes if note.by == "api")
        for count in texts.values():
            allowed = 1 + world.resent_notes(return_id)
            demand(count <= allowed or world.lags, "I4", "doubled", f"a note stands there {count} times")


def i06_done_is_true(world: World) -> None:
    """Done means that Loop's truth has shown it, or that a person said so; so does "it was so already"."""
    for station in world.stations:
        for entry in station.entries():
            is_so = entry.stage is Stage.SUPERSEDED and entry.kind in GATED
            if (entry.stage is Stage.DONE or is_so) and entry.entry_id not in station.memory.said_done:
                demand(
                    world.came_true(station, entry),
                    "I6",
                    "false_green",
                    f"{entry.kind} of {entry.return_id} is called done and is not true at Loop",
                )


def i08_nothing_withdrawn_was_sent(world: World) -> None:
    """Withdrawn means that no request of it reached Loop, or that a person with a name gave it up."""
    for station in world.stations:
        for entry in station.entries():
            if entry.stage is Stage.WITHDRAWN and entry.entry_id not in station.memory.dropped:
                sent = [x for x in world.books.posts if entry.entry_id in x.entry_ids and x.may_count]
                demand(not sent, "I8", "false_green", f"{entry.kind} was sent and is called withdrawn")


def i09_one_sending_a_return(world: World) -> None:
    """At most one batch of a return is ``sending``."""
    for station in world.stations:
        rows = station.disk.peek(
            "SELECT return_id, count(DISTINCT batch) FROM entry WHERE stage = 'sending' GROUP BY return_id"
        )
        demand(all(count == 1 for _, count in rows), "I9", "doubled", "two calls of one return are under way")


def i11_only_legal_moves(world: World) -> None:
    """Each change of stage is in the table, and what was decided stays as it was once it left ``held``."""
    legal = {(a.value, b.value) for a, b in LEGAL_MOVES}
    for station in world.stations:
        for entry_id, a, b, sha_a, sha_b, restoring in station.moves():
            demand(a == "held" or sha_a == sha_b, "I11", "lost", f"the payload of {entry_id} changed in {a}")
            if restoring and b == "uncertain":
                station.memory.doubted.add(entry_id)
            if a != b and not restoring:
                demand((a, b) in legal, "I11", "lost", f"an illegal move from {a} to {b}")


def i12_the_screen_is_made_of_rows(world: World) -> None:
    """The strip's figures are what the rows add up to, whatever was in memory."""
    for station in world.stations:
        world.expect_counts(station, _counted(station.entries()))


def _counted(entries: list[Entry]) -> Counts:
    kept, sent, parked = set(), set(), set()
    for entry in entries:
        if entry.stage in (Stage.HELD, Stage.READY):
            kept.add(entry.return_id)
        if entry.stage in (Stage.SENDING, Stage.UNCERTAIN, Stage.SETTLING):
            sent.add(entry.return_id)
        if entry.stage is Stage.PARKED:
            parked.add(entry.return_id)
    since = [x.moved_at for x in entries if x.stage is Stage.PARKED and x.moved_at is not None]
    return Counts(len(kept), len(sent - parked), len(parked), min(since, default=None))


def i14_never_more_requests_than_granted(world: World) -> None:
    """No minute sees more requests than Loop grants; Loop itself never had to say so."""
    times = [at for at, _ in world.books.asked]
    late = times[PER_MINUTE:]
    crowded = [at for first, at in zip(times, late, strict=False) if at - first < 60.0]
    demand(not crowded, "I14", "stuck", f"more than {PER_MINUTE} requests in a minute")
    demand(world.books.throttled == 0, "I14", "stuck", "Loop found too many requests")


def i15_the_key_stays_where_it_is(world: World) -> None:
    """No file of the profile holds the key; no request went to a host that nobody had set."""
    for station in world.stations:
        demand(station.wire.hosts <= station.memory.hosts, "I15", "lost", f"{station.wire.hosts}")
        for path in station.folder.iterdir():
            if path.is_file():
                body = path.read_bytes()
                held = [key.name for key in world.loop.keys if key.value.encode() in body]
                demand(not held, "I15", "lost", f"the key stands in {path.name}")


def nothing_failed(world: World) -> None:
    """No task of the program ended in anything but a failing disk, and the simulator itself is sound."""
    for station in world.stations:
        if station.faults:
            name, failure = station.faults[0]
            raise Broken("program", "stuck", f"{name} failed: {failure!r}") from failure
    if world.loop.crashes:
        raise Broken("simulator", "stuck", f"{world.loop.crashes[0]!r}")


# --- at rest ----------------------------------------------------------------------------------------


def i07_what_came_true_is_known(world: World) -> None:
    """An effect of ours at Loop stands here as done, superseded or parked, never as unsent or refused."""
    for station in world.stations:
        for entry in station.entries():
            if entry.entry_id in station.memory.dropped or entry.stage in (Stage.DONE, Stage.SUPERSEDED):
                continue
            if world.is_effect_of(station, entry):
                can_see = world.settings.inspections_in_reads or entry.kind not in VALUES
                true_reason = entry.reason in KNOWN_REASONS or not can_see
                demand(
                    entry.stage is Stage.PARKED and true_reason,
                    "I7",
                    "lost",
                    f"{entry.kind} came true and stands as {entry.stage} ({entry.reason})",
                )


def i13_everything_comes_to_rest(world: World) -> None:
    """With a healthy Loop and nobody acting, every entry ends or stands in front of a person."""
    for station in world.stations:
        stuck = [x for x in station.entries() if x.stage not in AT_REST]
        words = [f"{x.kind} {x.stage} tries={x.tries} {x.cause.code}" for x in stuck]
        demand(not stuck, "I13", "stuck", f"still {words}")


AFTER_EVERY_STEP: tuple[Callable[[World], None], ...] = (
    nothing_failed,
    i01_every_acknowledged_entry_is_there,
    i03_no_finalizer_is_sent_twice,
    i04_a_return_ends_once,
    i04_a_note_stands_there_once,
    i06_done_is_true,
    i08_nothing_withdrawn_was_sent,
    i09_one_sending_a_return,
    i11_only_legal_moves,
    i12_the_screen_is_made_of_rows,
    i14_never_more_requests_than_granted,
    photos.each_photo_is_stored_once,
    photos.nothing_deleted_leaves,
)
AT_REST_TOO: tuple[Callable[[World], None], ...] = (
    i07_what_came_true_is_known,
    i13_everything_comes_to_rest,
    i15_the_key_stays_where_it_is,
    photos.none_is_lost_or_waits_for_ever,
    photos.each_link_stands_once,
)


def watch_requests(world: World) -> None:
    """Let every request of every station be looked at before its first byte leaves."""

    def look(station: Station, post: Post) -> None:
        world.note_broken(lambda: i02_every_request_has_an_attempt_committed_before_it(station, post))
        world.note_broken(lambda: i02_nothing_goes_where_no_person_sent_it(station, post))
        world.note_broken(lambda: i05_nothing_overtakes_a_finalizer(station, post))
        world.note_broken(lambda: i05_values_arrive_in_the_order_decided(station, post))
        world.note_broken(lambda: i09_one_call_of_a_return_at_a_time(world, station, post))
        world.note_broken(lambda: precheck_was_true(world, station, post))
        world.note_broken(lambda: photos.a_link_leaves_when_it_can_be_opened(world, station, post))

    for station in world.stations:
        station.observers.append(look)


def check_all(world: World) -> None:
    """Check what must hold after every step.

    Raises:
        Broken: The first promise that was broken.
    """
    if world.broken is not None:
        raise world.broken
    for invariant in AFTER_EVERY_STEP:
        invariant(world)


def check_rest(world: World) -> None:
    """Check what must hold when everything had time to come to rest.

    Raises:
        Broken: The first promise that was broken.
    """
    check_all(world)
    for invariant in AT_REST_TOO:
        invariant(world)
