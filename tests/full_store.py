"""A real store full of returns, for the tests of a module that only read it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.store import ReturnCache
from loopdesk.store.store import open_store
from tests.builders import AT, a_fetched, a_parcel, a_return, rebuild


async def fill(folder: Path, returns: Iterable[Return]) -> None:
    """Make a store of these returns in a folder."""
    store = await open_store(folder, rebuild)
    try:
        await store.returns.save([a_fetched(ret) for ret in returns], AT)
    finally:
        await store.close()


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[ReturnCache]:
    """Open the store of a folder for one test."""
    store = await open_store(folder, rebuild)
    yield store.returns
    await store.close()


def owned(return_id: str, number: str) -> Return:
    """A return whose one parcel has the number."""
    return a_return(return_id, order_name=f"#R{return_id}", provider_order_id="", parcels=(a_parcel(number),))


async def owners_found(returns: ReturnCache, scan: str) -> set[str]:
    """The returns that the bench would open or offer for a scan."""
    return {hit.return_id for hit in await returns.find(classify(scan).candidates)}
