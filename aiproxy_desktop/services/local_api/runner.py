"""Who serves, for the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from aiproxy_desktop.storage.api_settings import ApiSettings


class ApiRunner(Protocol):
    """Who serves, on a thread and a loop of its own.

    Its methods are awaited on the window's loop, by one task, one after the other: `start` and `stop` take
    turns, `apply` comes in between. None of them may block that loop.
    """

    on_ended: Callable[[str], None] | None
    """Called on the loop that awaited `start`, with one sentence, where the server ended without `stop`."""

    async def start(self, settings: ApiSettings, token: str | None) -> str:
        """Listen.

        Args:
            settings: where, and for whom.
            token: what clients have to show; None asks for none.

        Returns:
            where it answers, without a path: `http://127.0.0.1:8000`.

        Raises:
            OSError: as `socket.bind` and `socket.listen` raise it; nothing listens then.
            AIProxyError: the settings contradict one another; nothing listens then.
        """
        ...

    async def apply(self, settings: ApiSettings, token: str | None) -> None:
        """From the next request on, hold to these; the address is the same. Answers under way go on.

        Raises:
            AIProxyError: the settings contradict one another; what held before still holds.
        """
        ...

    async def stop(self) -> None:
        """Take no more, let what is being answered end within a few seconds, then close. Raises nothing.

        Harmless where nothing runs; it also ends what a `start` that was cancelled or refused had begun.
        """
        ...
