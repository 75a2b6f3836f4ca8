"""A desk that practices: the window before the built-in shop, which has pictures of its products."""

from __future__ import annotations

import asyncio

from PySide6.QtGui import QPixmap

from loopdesk.app.faults import Faults
from loopdesk.app.practice import Practice
from loopdesk.app.runtime import Options, open_profile, open_runtime
from loopdesk.app.session import Session
from loopdesk.domain.pictures import PictureState
from loopdesk.ui.pictures import pictures
from tests.scenarios.desk import Body, Desk


class PracticeDesk(Desk):
    """A desk that practices."""

    async def _live(self, faults: Faults, body: Body, environ: dict[str, str]) -> list[str]:
        practice = Practice()
        await practice.start()
        options = Options(profile=str(self.folder), practice=True).in_practice(practice.api_url, {})
        runtime = await open_runtime(
            open_profile(options, environ), options, environ, key_store=lambda: self.key_store
        )
        try:
            await self._work(Session(self._app, runtime, faults, practice=practice), body)
        finally:
            await runtime.close()
            await practice.stop()
        me = asyncio.current_task()
        return [task.get_name() for task in asyncio.all_tasks() if task is not me]

    async def pictured(self) -> None:
        """Wait until every line of the open return has its picture, and the window holds it."""
        await self.hand.until(
            "the pictures",
            lambda: {row.picture.state for row in self.screen.lines} == {PictureState.HERE},
        )
        keys = {row.picture.key for row in self.screen.lines[:3]}
        await self.hand.until(
            "the drawn pictures", lambda: all(not self.thumbnail(key).isNull() for key in keys)
        )

    @staticmethod
    def thumbnail(key: str) -> QPixmap:
        """Return a picture as the list draws it."""
        return pictures().pixmap(key, 48)
