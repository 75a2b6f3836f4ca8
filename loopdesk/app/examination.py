"""Runs the doctor on a whole program: the station, the store, the optional permissions, the version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from loopdesk import __version__
from loopdesk.app.program import Program
from loopdesk.app.runtime import Runtime
from loopdesk.domain.camera import CameraDevice
from loopdesk.domain.checks import Check, Diagnosis, Status, found
from loopdesk.domain.release import Version
from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.system.doctor import (
    Patient,
    check_camera,
    check_guns,
    check_label_printer,
    check_size,
    check_version,
)
from loopdesk.system.doctor import examine as examine_station
from loopdesk.system.host.scanners import SystemSerialPorts

NAMED = 5
"""This many unreadable returns are listed by their ids."""


async def examine(
    program: Program,
    gun_states: Callable[[], Mapping[str, GunState]] | None = None,
    shown_scale: Callable[[], int] | None = None,
    find_cameras: Callable[[], Awaitable[Sequence[CameraDevice]]] | None = None,
) -> tuple[Check, ...]:
    """Run every check; takes seconds if the network is slow.

    Args:
        gun_states: Returns the state of each scanner at a serial port, if a window holds them.
        shown_scale: Returns the size of everything in the window, in percent, if there is one.
        find_cameras: Finds the cameras that are connected; only a window can.
    """
    runtime = program.runtime
    checks = await examine_station(
        Patient(
            profile=runtime.profile,
            loaded=runtime.loaded,
            load_vocabulary=runtime.read_vocabulary,
            read_key=program.read_key,
            probe=program.parts.gateway.probe,
            clock_offset=lambda: runtime.clock.skew_seconds,
            verify_store=lambda: _verify_store(runtime),
        )
    )
    boxes = Check("happy returns", Status.OK, (program.parts.announced.state,))
    places, rows = await _check_destinations(program), await _check_rows(program)
    guns = await check_guns(
        program.runtime.settings.scanner,
        SystemSerialPorts(),
        gun_states() if gun_states is not None else None,
    )
    printer = await check_label_printer(program.runtime.settings.printer, program.label_printer())
    camera = await check_camera(program.runtime.settings.evidence, find_cameras)
    stations = await _check_stations(program)
    copies, version = _check_tally(runtime), await _check_version(program)
    photos = await program.photos.check(await runtime.store.photo_queue.newest_stored())
    size = (check_size(runtime.settings.scale, shown_scale()),) if shown_scale is not None else ()
    site = await _check_site(program) if runtime.settings.hub.used else ()
    beside = (*site, camera, copies, photos, program.parts.pictures.check())
    return (*checks, *size, guns, printer, *beside, stations, places, boxes, rows, version)


async def _verify_store(runtime: Runtime) -> Diagnosis | None:
    """Check the file and the audit chain. Returns what is wrong, None if all is well."""
    wrong = await runtime.store.database.integrity()
    if wrong:
        return found("store_damaged", what="; ".join(wrong))
    broken = await runtime.store.audit.verify()
    return found("audit_changed", row=broken) if broken is not None else None


async def _check_site(program: Program) -> tuple[Check, ...]:
    """Check what this bench shares with the others through its hub."""
    from loopdesk.app.sharing import check_given

    runtime = program.runtime
    given = check_given(await runtime.store.given.all(), is_own=bool(runtime.settings.vocabulary))
    return (given, await _check_audit_upload(program))


async def _check_audit_upload(program: Program) -> Check:
    """Say which rows of the audit log the hub refused."""
    name, refused = "hub audit", await program.runtime.store.audit_uploads.refusals()
    if not refused:
        return Check(name, Status.OK, (found("audit_brought"),))
    first = refused[0]
    wrong = found("audit_row_refused", row=first.seq, n=len(refused))
    return Check(name, Status.FAILED, (wrong,), since=first.at)


def _check_tally(runtime: Runtime) -> Check:
    """Check whether restoring an old copy of this whole profile would be noticed."""
    if runtime.store.database.report.is_tallied:
        return Check("older copies", Status.OK, (found("tally_kept"),))
    file = runtime.profile.tally_file
    wrong = found("tally_unwritable", file=file) if file else found("tally_nowhere")
    return Check("older copies", Status.WARNING, (wrong,))


async def _check_stations(program: Program) -> Check:
    """Report how many stations share the key, and whether the settings miss one."""
    name, second = "stations", program.parts.second_bench
    count, noticed = await second.count(), second.noticed
    if noticed is None:
        alone = found("station_alone") if count == 1 else found("stations", n=count)
        return Check(name, Status.OK, (alone,))
    other = found(
        "second_bench",
        station=f"({noticed.station})" if noticed.station else "",
        marker=noticed.marker,
        return_id=noticed.return_id,
        at=datetime.fromisoformat(noticed.at),
    )
    return Check(name, Status.WARNING, (other,))


async def _check_rows(program: Program) -> Check:
    """Say which returns Loop shows in a way that cannot be read."""
    apart = program.parts.prefetch.apart
    ids, nameless = await apart.ids(), apart.nameless
    if not ids and not nameless:
        return Check("unreadable rows", Status.OK, (found("rows_readable"),))
    named = ", ".join((*ids[:NAMED], "…") if len(ids) > NAMED else ids)
    unread = found("rows_apart", n=len(ids) + nameless, ids=f"({named})" if named else "")
    return Check("unreadable rows", Status.WARNING, (unread,))


async def _check_destinations(program: Program) -> Check:
    places = program.parts.destinations
    await places.load()
    return Check("destinations", Status.OK if places.is_on else Status.WARNING, (places.state,))


async def _check_version(program: Program) -> Check:
    updates = program.updates
    await updates.look()
    counts = await program.runtime.store.outbox.counts()
    running = Version.of(__version__)
    return check_version(running, updates.wanted, updates.problem, counts.kept + counts.sent)
