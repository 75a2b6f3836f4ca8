"""Wires the bench to the services, without a window: its presenter, and the path of every scan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from loopdesk.app.compose import Parts
from loopdesk.presenters.bench.presenter import BenchPresenter
from loopdesk.presenters.bench.runner import BenchCamera, BenchParts
from loopdesk.services.bench.intake import CommandCodes, Intake


def compose_bench(
    parts: Parts,
    codes: CommandCodes,
    *,
    play: Callable[[str], None],
    keep_photo: Callable[[str], Awaitable[str]],
    photo_path: Callable[[str], str] = str,
    double_read_seconds: Callable[[], float] = lambda: 1.5,
    practice: bool = False,
    camera: BenchCamera | None = None,
) -> tuple[BenchPresenter, Intake]:
    """Wire them.

    Args:
        codes: Recognizes command codes.
        play: Plays a sound of that name.
        keep_photo, photo_path, double_read_seconds, practice, camera: As ``BenchParts``.
    """
    ports = parts.ports

    def receive(raw: str, source: str) -> None:
        intake.receive(raw, source)

    bench_parts = _bench_parts(parts, codes, keep_photo, photo_path, double_read_seconds, practice)
    if camera is not None:
        bench_parts = replace(bench_parts, camera=camera)
    presenter = BenchPresenter(bench_parts, parts.line, play, receive)
    intake = Intake(
        openings=ports.store.openings,
        feed=parts.feed,
        clock=ports.clock,
        line=parts.line,
        station=ports.station,
        taker=presenter,
        codes=codes,
    )
    return presenter, intake


def _bench_parts(
    parts: Parts,
    codes: CommandCodes,
    keep_photo: Callable[[str], Awaitable[str]],
    photo_path: Callable[[str], str],
    double_read_seconds: Callable[[], float],
    practice: bool,
) -> BenchParts:
    ports = parts.ports
    return BenchParts(
        inspection=parts.inspection,
        lookup=parts.lookup,
        mysteries=parts.mysteries,
        labels=parts.labels,
        parcels=parts.parcels,
        openings=ports.store.openings,
        outbox=ports.store.outbox,
        drafts=ports.store.drafts,
        photo_queue=ports.store.photo_queue,
        pictures=parts.pictures,
        destinations=parts.destinations,
        connection=parts.connection,
        feed=parts.feed,
        tasks=parts.tasks,
        clock=ports.clock,
        zone=ports.zone,
        classify=ports.classify,
        codes=codes,
        station=ports.station,
        synced_at=lambda: parts.prefetch.synced_at,
        shop=parts.shop,
        read_notes=parts.read_notes,
        hold_left=parts.sender.hold_left,
        keep_photo=keep_photo,
        photos_stay=lambda: ports.photos.public() is None,
        photo_path=photo_path,
        double_read_seconds=double_read_seconds,
        practice=practice,
        shared=lambda: parts.shared_drafts,
        hub_contact=parts.hub_contact,
    )
