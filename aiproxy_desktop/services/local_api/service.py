"""The local API as the window sees it: wanted by the settings, run by someone else, told of by values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.local_api.listening import address_error
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.token import TokenKeeper
from aiproxy_desktop.services.local_api.values import ApiRequest, ApiStatus
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.keys import KeyStore, KnownKey
from aiproxy_desktop.storage.settings import Settings

# Seconds between two tellings of the log: live figures tick at most four times a second.
_TICK = 0.25


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
        """From the next request on, hold to these; the address is the same. Answers under way go on."""
        ...

    async def stop(self) -> None:
        """Take no more, let what is being answered end within a few seconds, then close. Raises nothing."""
        ...
