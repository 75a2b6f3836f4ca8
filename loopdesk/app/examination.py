"""Runs the doctor on a whole program: the station, the store, the optional permissions, the version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from loopdesk import __version__
from loopdesk.app.program import Program
from loopdesk.app.runtime import Runtime
from loopdesk.domain.release import Version
from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.presenters.words import errors
from loopdesk.system.doctor import Check, Patient, Status, check_guns, check_version
from loopdesk.system.doctor import examine as examine_station
from loopdesk.system.host.scanners import SystemSerialPorts

NAMED = 5
"""This many unreadable returns are listed by their ids."""


async def examine(
    program: Program, gun_states: Callable[[], Mapping[str, GunState]] | None = None
) -> tuple[Check, ...]:
    """Run every check; takes seconds if the network is slow.

    Args:
        gun_states: Returns the state of each scanner at a serial port, if a window holds them.
    """
    ground = program.ground
    checks = await examine_station(
        Patient(
            profile=ground.profile,
            loaded=ground.loaded,
            load_vocabulary=ground.read_vocabulary,
            read_key=program.read_key,
            probe=program.parts.gateway.probe,
            clock_offset=lambda: ground.clock.skew_seconds,
            verify_store=lambda: _verify_store(ground),
        )
    )
    boxes = Check("happy returns", Status.OK, program.parts.announced.state)
    places, rows = await _check_destinations(program), await _check_rows(program)
    guns = await check_guns(
        program.settings.scanner, SystemSerialPorts(), gun_states() if gun_states is not None else None
    )
    stations = await _check_stations(program)
    copies, version = _check_tally(ground), await _check_version(program)
    every = (*checks, guns, copies, stations, places, boxes, rows, version)
    return tuple(_in_words(check) for check in every)


def _in_words(check: Check) -> Check:
    """Say what failed, where that is what a check found."""
    if check.failure is None:
        return check
    found = "; ".join(filter(None, (check.found, errors.found(check.failure))))
    return replace(check, found=found, advice=errors.advice(check.failure))


async def _verify_store(ground: Runtime) -> str:
    """Check the file and the audit chain. Returns what is wrong in words, "" if all is well."""
    found = await ground.store.database.integrity()
    if found:
        return "; ".join(found)
    broken = await ground.store.audit.verify()
    return f"the audit log was changed at row {broken}" if broken is not None else ""


def _check_tally(ground: Runtime) -> Check:
    """Check whether restoring an old copy of this whole profile would be noticed."""
    if ground.store.database.report.is_tallied:
        return Check("older copies", Status.OK, "an older copy of the profile would be noticed")
    found = f"{ground.profile.tally_file or 'the place for state'} cannot be written"
    advice = (
        "IT: let this user write there. Until then loopdesk does not notice when the whole profile folder is "
        "put back from a back-up."
    )
    return Check("older copies", Status.WARNING, found, advice)


async def _check_stations(program: Program) -> Check:
    """Report how many stations share the key, and whether the settings miss one."""
    name, second = "stations", program.parts.second_bench
    count, noticed = await second.count(), second.noticed
    if noticed is None:
        return Check(
            name, Status.OK, "one, and no other was noticed" if count == 1 else f"{count} on this key"
        )
    other = f"another bench ({noticed.station})" if noticed.station else "another bench"
    found = (
        f"{other} uses this key: its mark {noticed.marker} stands on return {noticed.return_id}, "
        f"noticed {noticed.at[:16].replace('T', ' ')} UTC; returns are claimed before they are finished"
    )
    advice = (
        "IT: set station.stations to how many stations share the key, on each of them. "
        "If this is the only one: set it to 2, start loopdesk, and set it to 1 again."
    )
    return Check(name, Status.WARNING, found, advice)


async def _check_rows(program: Program) -> Check:
    """Say which returns Loop shows in a way that cannot be read."""
    apart = program.parts.prefetch.apart
    ids, nameless = await apart.ids(), apart.nameless
    if not ids and not nameless:
        return Check("unreadable rows", Status.OK, "none")
    named = ", ".join((*ids[:NAMED], "…")[: NAMED + 1] if len(ids) > NAMED else ids)
    found = f"{len(ids) + nameless}{f' ({named})' if named else ''}"
    advice = "Open these returns in Loop; they cannot be opened here until Loop shows them whole."
    return Check("unreadable rows", Status.WARNING, found, advice)


async def _check_destinations(program: Program) -> Check:
    places = program.parts.destinations
    await places.load()
    return Check("destinations", Status.OK if places.is_on else Status.WARNING, places.state)


async def _check_version(program: Program) -> Check:
    updates = program.updates
    await updates.look()
    counts = await program.ground.store.outbox.counts()
    running = Version.of(__version__)
    return check_version(running, updates.wanted, updates.problem, counts.kept + counts.sent)
