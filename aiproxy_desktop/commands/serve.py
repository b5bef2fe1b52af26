"""The local API without a window."""

from __future__ import annotations

import argparse
import asyncio
import os

from aiproxy_desktop.commands.common import note, open_runtime
from aiproxy_desktop.commands.serve_one import answer, own_log
from aiproxy_desktop.commands.serve_plan import plan_of
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.server.sockets import listen_for
from aiproxy_desktop.services.local_api.listening import address_error, url_of
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.system import leave_at_once, on_termination, tell_service_manager


async def serve_requests(options: argparse.Namespace, redactor: Redactor) -> None:
    """Serve until it is told to stop: SIGTERM or SIGINT lets answers end, a second one does not.

    Raises:
        AIProxyError: what was given cannot be used.
    """
    stop = asyncio.Event()

    def told_to_stop() -> None:
        if stop.is_set():
            leave_at_once(1)
        tell_service_manager("STOPPING=1", os.environ)
        stop.set()

    on_termination(told_to_stop)
    paths = AppPaths.resolve(options.data_dir, os.environ)
    with own_log(paths, redactor, 0):
        async with open_runtime(options, redactor, for_others=True) as runtime:
            plan = await plan_of(options, runtime.settings.current.api, runtime.keys, redactor)
            settings = plan.settings
            try:
                sockets = listen_for(settings.host, settings.port, plan.workers)
            except OSError as error:
                raise address_error(error, settings.host, settings.port) from error
            url = url_of(settings.host, sockets[0].getsockname()[1])

            def ready() -> None:
                note(f"The local API is at {url}")
                tell_service_manager("READY=1", os.environ)

            if plan.workers == 1:
                await answer(runtime, settings, plan.token, sockets[0], stop, ready)
                return
            from aiproxy_desktop.commands.serve_model import lent_model
            from aiproxy_desktop.commands.serve_workers import Supervisor

            async with lent_model(runtime) as model:
                await Supervisor(options.data_dir, plan, sockets, model, ready).run(stop)
