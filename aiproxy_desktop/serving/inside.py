"""The server of the window's process, on its own thread's loop."""

from __future__ import annotations

import gc
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.rules import Rules, rules_of
from aiproxy_desktop.services.local_api.listening import url_of
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.serving.backend import api_backend
from aiproxy_desktop.serving.mirror import Follower, Snapshot
from aiproxy_desktop.storage.api_settings import ApiSettings

_log = logging.getLogger(__name__)


class Inside:
    """One run of the server. Everything is called on the loop that serves."""

    def __init__(
        self,
        runtime: Runtime,
        follower: Follower,
        log: RequestLog,
        heard: Callable[[str, AIProxyError | None], None],
        ended: Callable[[str], None],
    ) -> None:
        """Describe it; nothing runs, and nothing of a server's has been imported.

        Args:
            runtime: of this loop; closed by `close`.
            follower: keeps it as the window's is.
            log: where requests are written down.
            heard: told what became of each answer (see `CompletionClient.watch_outcomes`).
            ended: told with one sentence when the server ends by itself.
        """
        self._runtime, self._follower = runtime, follower
        self._log = log
        self._heard, self._ended = heard, ended
        self._rules: Rules | None = None
        self._opened = AsyncExitStack()
        self._closing = False

    async def open(self, settings: ApiSettings, token: str | None) -> str:
        """Listen, and serve from then on.

        Returns:
            where it answers, without a path.

        Raises:
            OSError: nobody can listen there.
            AIProxyError: the settings contradict one another.
        """
        rules = rules_of(settings, token)
        gc.freeze()  # or what is imported here has the collector look through all of the window's objects
        from aiproxy_desktop.server.application import build_application
        from aiproxy_desktop.server.running import RunningServer, listen

        async with AsyncExitStack() as opened:
            opened.push_async_callback(self._runtime.aclose)
            sock = listen(settings.host, settings.port)
            opened.callback(sock.close)
            self._rules = rules
            await self._follower.take_up()
            await self._runtime.http.warm()
            self._runtime.client.watch_outcomes(self._heard)
            scope = TaskScope("local API", _unexpected)
            opened.push_async_callback(scope.close)
            follower = self._follower
            backend = api_backend(
                self._runtime,
                lambda: self._rules or rules,
                self._log,
                refresh=_nothing,
                shut=lambda: follower.closed,
            )
            server = RunningServer(build_application(backend), [sock], rules.limits)
            await server.start()
            opened.push_async_callback(server.stop)
            scope.start(self._follower.follow(), "follow the window")
            scope.start(self._runtime.providers.find_plug_ins(), "plug-ins")
            scope.start(self._watch(server.wait), "watch")
            gc.freeze()  # and what was imported, again and again
            self._opened = opened.pop_all()
            return url_of(settings.host, sock.getsockname()[1])
        raise AssertionError("the block above returns or raises")

    def hold(self, settings: ApiSettings, token: str | None) -> None:
        """From the next request on, hold to these; the address is the same.

        Raises:
            AIProxyError: they contradict one another; what held before still does.
        """
        self._rules = rules_of(settings, token)

    def take(self, snapshot: Snapshot) -> None:
        """The window's state has changed."""
        self._follower.take(snapshot)

    async def close(self) -> None:
        """Take no more, let what is being answered end, close everything."""
        self._closing = True
        await self._opened.aclose()

    async def _watch(self, wait: Callable[[], Awaitable[None]]) -> None:
        try:
            await wait()
        except Exception as error:  # noqa: BLE001 - whatever a server ends with, the window has to say so
            _unexpected(error)
        if not self._closing:
            self._ended("The server ended by itself. The log says why.")


async def _nothing() -> None:
    """The window keeps the lists of models fresh."""


def _unexpected(error: Exception) -> None:
    _log.error("unexpected in the local API", exc_info=error)
