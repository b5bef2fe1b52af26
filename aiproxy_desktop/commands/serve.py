"""The local API without a window."""

from __future__ import annotations

import argparse
import asyncio

from aiproxy_desktop.commands.common import note, open_runtime
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.server.rules import Rules, hosts_of
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.serving import api_backend


async def serve_requests(options: argparse.Namespace, redactor: Redactor) -> None:
    """Serve until it is told to stop.

    Raises:
        AIProxyError: what was given cannot be used.
    """
    from aiproxy_desktop.server.application import build_application
    from aiproxy_desktop.server.running import RunningServer, listen

    async with open_runtime(options, redactor, allow_files=False) as runtime:
        rules = Rules(None, hosts_of(options.host, options.port))
        backend = api_backend(runtime, lambda: rules, RequestLog())
        sock = listen(options.host, options.port)
        server = RunningServer(build_application(backend), [sock], rules.limits)
        await server.start()
        note(f"The local API is at http://{options.host}:{options.port}")
        try:
            await asyncio.Event().wait()
        finally:
            await server.stop()
