"""``loopdesk queue --machine``: how many actions wait at this machine, whoever kept them.

For installers and IT, before the program is taken away or a machine is set up anew. It reads the stores of
all users that it may read, opens no profile and writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from loopdesk.app.commands.console import say
from loopdesk.app.commands.exits import Exit
from loopdesk.domain.errors import StoreError
from loopdesk.store.database import FILE_NAME
from loopdesk.store.outbox.waiting import count_waiting
from loopdesk.system.host.every_user import bench_profiles, homes
from loopdesk.system.host.paths import Profile


def run(profiles: Iterable[Profile] | None = None) -> int:
    """Print the sum, then one line for each store that holds something or cannot be read.

    Args:
        profiles: Those of all users by default.

    Returns:
        0 when nothing waits and every store was read, else 1.
    """
    total, lines = 0, []
    for profile in bench_profiles(homes()) if profiles is None else profiles:
        try:
            count = count_waiting(profile.store_folder / FILE_NAME)
        except StoreError as failure:
            lines.append(f"{profile.folder}: cannot be read ({failure.detail})")
            continue
        total += count
        if count:
            lines.append(f"{profile.folder}: {_waiting(count)}")
    say(f"{_waiting(total)} at this machine", *lines)
    return Exit.ATTENTION if lines else Exit.DONE


def _waiting(count: int) -> str:
    return "1 action is still waiting" if count == 1 else f"{count} actions are still waiting"
