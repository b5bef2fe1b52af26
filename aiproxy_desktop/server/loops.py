"""The event loop of a server: uvloop's where there is one, which does a request in half the time."""

from __future__ import annotations

import asyncio


def server_loop() -> asyncio.AbstractEventLoop:
    """A new loop, for `asyncio.Runner` or a thread."""
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()
