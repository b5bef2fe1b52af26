"""The local API inside the window's process, on a thread and a loop of its own.

Nothing of the server's belongs to the window's loop: it has providers and connections of its own, built from
the same settings, and is told of changes by values. What there can be only one of is asked for over there:
keys, and the built-in model.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.loops import server_loop
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.loop_thread import LoopThread
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.serving.crossing import Crossing
from aiproxy_desktop.serving.inside import Inside
from aiproxy_desktop.serving.mirror import BorrowedKeys, Follower, snapshot_of
from aiproxy_desktop.serving.relayed import RelayedProvider
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.settings import SettingsStore

# The window hears of a provider's failures at most so often, in seconds.
_TOLD_EVERY = 1.0

_log = logging.getLogger(__name__)


class Hosted:
    """Serves for the window: a `services.local_api.service.ApiRunner`. Used on the loop of the window.

    Attributes:
        on_ended: called on that loop, with one sentence, where the server ended without `stop`.
    """

    def __init__(self, paths: AppPaths, environ: Mapping[str, str], window: Runtime, log: RequestLog) -> None:
        """Describe it; nothing runs.

        Args:
            paths: of the window's settings.
            environ: as the window's runtime has it.
            window: what is mirrored; it outlives this.
            log: where requests are written down.
        """
        self._paths, self._environ = paths, environ
        self._window = window
        self._log = log
        self._running: _Running | None = None
        self.on_ended: Callable[[str], None] | None = None

    async def start(self, settings: ApiSettings, token: str | None) -> str:
        """Listen, and serve from then on.

        Args:
            settings: where, and for whom.
            token: what clients have to show; None asks for none.

        Returns:
            where it answers, without a path.

        Raises:
            OSError: nobody can listen there.
            AIProxyError: the settings contradict one another.
        """
        await self.stop()
        crossing = Crossing()
        running = _Running(LoopThread("local API", server_loop), crossing, self._inside(crossing))
        self._running = running
        await on_thread(running.thread.start, "local API")
        url = await running.thread.run(running.inside.open(settings, token))
        self._follow(running)
        return url

    async def apply(self, settings: ApiSettings, token: str | None) -> None:
        """From the next request on, hold to these; the address is the same. Answers under way go on.

        Raises:
            AIProxyError: they contradict one another; what held before still does.
        """
        running = self._running
        if running is None:
            return

        async def there() -> None:
            running.inside.hold(settings, token)

        await running.thread.run(there())

    async def stop(self) -> None:
        """Take no more, let what is being answered end within a few seconds, then close. Raises nothing."""
        running, self._running = self._running, None
        if running is None:
            return
        for unsubscribe in running.subscriptions:
            unsubscribe()
        try:
            with suppress(RuntimeError):  # the thread never came up
                await running.thread.run(running.inside.close())
        except Exception as error:  # noqa: BLE001 - what does not close well is no reason to keep the thread
            _log.error("the local API did not close well", exc_info=error)
        finally:
            await running.crossing.close()
            await running.thread.close()

    def _inside(self, crossing: Crossing) -> Inside:
        window = self._window
        first = snapshot_of(window)
        keys = BorrowedKeys(window.redactor, window.keys, crossing)
        runtime = Runtime.over(
            # Nobody changes them here, so that the file is the window's alone.
            SettingsService(SettingsStore(self._paths.settings_file), first.settings),
            keys,
            self._environ,
            window.redactor,
            stand_ins=(
                RelayedProvider("builtin", "Built in", lambda: window.registry.get("builtin"), crossing),
            ),
            for_others=True,
        )
        outcomes = _Outcomes(crossing, window.providers.note_outcome)
        return Inside(
            *(runtime, Follower(runtime, keys, first), self._log, outcomes.note),
            lambda sentence: crossing.call(self._ended, sentence),
        )

    def _follow(self, running: _Running) -> None:
        """Tell the server of the window's changes; of several at a time once."""
        loop = asyncio.get_running_loop()
        coming = False

        def tell() -> None:
            nonlocal coming
            coming = False
            running.thread.call(running.inside.take, snapshot_of(self._window))

        def changed(*_: object) -> None:
            nonlocal coming
            if not coming:
                coming = True
                loop.call_soon(tell)

        window = self._window
        running.subscriptions = (
            window.settings.subscribe(changed),
            window.providers.subscribe(changed),
            window.keys.subscribe(changed),
        )
        changed()  # there may have been some while it started

    def _ended(self, sentence: str) -> None:
        if self._running is not None and self.on_ended is not None:
            self.on_ended(sentence)


@dataclass(slots=True)
class _Running:
    """What there is while it runs."""

    thread: LoopThread
    crossing: Crossing
    inside: Inside
    subscriptions: tuple[Callable[[], None], ...] = field(default=())


class _Outcomes:
    """What became of answers, for the window's states: what is news, and not each of a thousand a second."""

    def __init__(self, crossing: Crossing, note: Callable[[str, AIProxyError | None], None]) -> None:
        self._crossing = crossing
        self._note = note
        self._failed: dict[str, float] = {}

    def note(self, provider_id: str, error: AIProxyError | None) -> None:
        """Called on the server's loop after each attempt at an answer."""
        if error is None:
            if self._failed.pop(provider_id, None) is not None:
                self._crossing.call(self._note, provider_id, None)
            return
        now = time.monotonic()
        if now - self._failed.get(provider_id, -_TOLD_EVERY) >= _TOLD_EVERY:
            self._failed[provider_id] = now
            self._crossing.call(self._note, provider_id, error)
