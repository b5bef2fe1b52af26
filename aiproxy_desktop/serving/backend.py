"""What the server stands on, over a runtime of its own loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from aiproxy_desktop import __version__
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.rules import Rules
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.names import ModelNames
from aiproxy_desktop.services.provider_states import closed

# Lists of models are asked for again after so many seconds, when somebody wants to see one.
_FRESH = 60.0


def api_backend(
    runtime: Runtime,
    rules: Callable[[], Rules],
    log: RequestLog,
    refresh: Callable[[], Awaitable[None]] | None = None,
    shut: Callable[[], frozenset[str]] | None = None,
) -> ApiBackend:
    """What the server stands on, on the loop of `runtime`.

    Args:
        runtime: started, and allowing no files; its settings say what is offered under which names.
        rules: what holds at this moment.
        log: where requests are written down.
        refresh: sees to it that the lists of models are fresh; None asks the providers of `runtime`, at most
            once a minute.
        shut: which providers answer nobody; None looks at the states of `runtime`.
    """

    def names() -> ModelNames:
        api = runtime.settings.current.api
        default = runtime.settings.current.model or ""
        return ModelNames(api.aliases, default, frozenset(api.offered) if api.only_offered else None)

    return ApiBackend(
        *(runtime.client, runtime.registry, rules, names, log),
        *(refresh or _asking(runtime), __version__, shut or (lambda: closed(runtime.providers.states()))),
    )


def _asking(runtime: Runtime) -> Callable[[], Awaitable[None]]:
    asked = -_FRESH
    asking = asyncio.Lock()

    async def refresh() -> None:
        nonlocal asked
        async with asking:
            if time.monotonic() - asked >= _FRESH:
                await runtime.providers.refresh(quiet=True)
                asked = time.monotonic()

    return refresh
