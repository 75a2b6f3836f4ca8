"""Runs the doctor on a whole program: the station, the store, the optional permissions, the version."""

from __future__ import annotations

from loopdesk import __version__
from loopdesk.bootstrap.ground import Ground
from loopdesk.bootstrap.program import Program
from loopdesk.domain.release import Version
from loopdesk.system.doctor import Check, Patient, Status, check_version
from loopdesk.system.doctor import examine as examine_station


async def examine(program: Program) -> tuple[Check, ...]:
    """Make every check; takes seconds where the network is slow."""
    ground = program.ground
    checks = await examine_station(
        Patient(
            profile=ground.profile,
            loaded=ground.loaded,
            load_vocabulary=ground.read_vocabulary,
            read_key=program.read_key,
            probe=program.gateway.probe,
            clock_offset=lambda: ground.clock.offset_seconds,
            verify_store=lambda: _verify_store(ground),
        )
    )
    boxes = Check("happy returns", Status.OK, program.announced.state)
    return (*checks, await _check_destinations(program), boxes, await _check_version(program))


async def _verify_store(ground: Ground) -> str:
    """Check the file and the audit chain. Returns what is wrong in words, "" when all is well."""
    found = await ground.store.database.integrity()
    if found:
        return "; ".join(found)
    broken = await ground.store.audit.verify()
    return f"the audit log was changed at row {broken}" if broken is not None else ""


async def _check_destinations(program: Program) -> Check:
    places = program.destinations
    await places.load()
    return Check("destinations", Status.OK if places.is_on else Status.WARNING, places.state)


async def _check_version(program: Program) -> Check:
    updates = program.updates
    await updates.look()
    counts = await program.ground.store.outbox.counts()
    running = Version.of(__version__)
    return check_version(running, updates.wanted, updates.problem, counts.kept + counts.sent)
