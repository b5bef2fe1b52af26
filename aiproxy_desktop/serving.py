"""The local API over the application's settings, keys and providers: for a command, and for the window."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from aiproxy_desktop import __version__
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.fetching import MediaFetcher
from aiproxy_desktop.core.retry import INTERACTIVE
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.rules import Rules
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.names import ModelNames

# Lists of models are asked for again after so many seconds, when somebody wants to see one.
_FRESH = 60.0


def api_backend(runtime: Runtime, rules: Callable[[], Rules], log: RequestLog) -> ApiBackend:
    """What the server stands on, on the loop of `runtime`.

    Args:
        runtime: started; its settings say what is offered under which names.
        rules: what holds at this moment.
        log: where requests are written down.
    """
    client = CompletionClient(
        runtime.registry, retries=INTERACTIVE, allow_files=False, fetcher=MediaFetcher(runtime.http)
    )
    client.watch_outcomes(runtime.providers.note_outcome)

    def names() -> ModelNames:
        api = runtime.settings.current.api
        default = runtime.settings.current.model or ""
        return ModelNames(api.aliases, default, frozenset(api.offered) if api.only_offered else None)

    asked = -_FRESH
    asking = asyncio.Lock()

    async def refresh() -> None:
        nonlocal asked
        async with asking:
            if time.monotonic() - asked >= _FRESH:
                await runtime.providers.refresh(quiet=True)
                asked = time.monotonic()

    return ApiBackend(client, runtime.registry, rules, names, log, refresh, __version__)
