"""One process that answers, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from aiproxy_desktop.commands.common import note
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.server.rules import rules_of
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.serving import api_backend
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.folders_in_use import folders_to_use
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths

# Seconds in which answers under way may end by themselves, once it is told to stop.
PATIENCE = 20

# New objects until the youngest are looked through, and after how many such rounds the older ones.
_THRESHOLDS = (20_000, 20, 20)


async def answer(
    runtime: Runtime,
    settings: ApiSettings,
    token: str | None,
    sock: socket.socket,
    stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:
    """Serve on a socket until `stop`, then let what is being answered end.

    Args:
        runtime: its settings loaded; closed by its owner.
        settings: for whom.
        token: what clients have to show; None asks for none.
        sock: listens; closed at the end.
        stop: ends it.
        ready: called once it answers.

    Raises:
        AIProxyError: the settings contradict one another.
        RuntimeError: the server ended by itself.
    """
    from aiproxy_desktop.server.application import build_application
    from aiproxy_desktop.server.running import RunningServer

    rules = rules_of(settings, token)
    scope = TaskScope("local API", _unexpected)
    backend = api_backend(runtime, lambda: rules, RequestLog())
    server = RunningServer(build_application(backend), [sock], rules.limits, PATIENCE)
    try:
        await runtime.providers.load_known()
        await runtime.http.warm()
        await server.start()
        scope.start(runtime.providers.find_plug_ins(), "plug-ins")
        _spare_the_collector()
        ready()
        ended = scope.start(server.wait(), "ended")
        stopping = scope.start(stop.wait(), "stop")
        await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not stop.is_set():
            raise RuntimeError("the server ended by itself")
    finally:
        await server.stop()
        await scope.close()
        sock.close()


def _spare_the_collector() -> None:
    """What is loaded stays loaded, and of what requests make nearly nothing lies in circles.

    Thousands of tokens that wait for their turn would otherwise be looked through again and again.
    """
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)


@contextmanager
def own_log(paths: AppPaths, redactor: Redactor, number: int) -> Iterator[None]:
    """What goes wrong is written down, apart from the window's log and from other workers'.

    Args:
        paths: of the application.
        redactor: takes keys out.
        number: of the worker, from 1; 0 is the only process.

    Raises:
        StorageError: the log cannot be opened.
    """
    name = f"local-api-{number}" if number else "local-api"
    with folders_to_use(paths) as usable:
        apart = replace(usable, logs=usable.logs / name)
        apart.ensure()
        if usable.instead_of is not None and not number:
            note(f"Nothing can be written to {paths.data}, so this run leaves no log.")
        with logging_to_file(apart, redactor):
            yield


def _unexpected(error: Exception) -> None:
    import logging

    logging.getLogger(__name__).error("unexpected in the local API", exc_info=error)
