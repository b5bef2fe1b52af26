"""Gemini Live in a process of its own that tells when things happened: a JSON line each, `time.monotonic`.

It obeys lines of its standard input: `interrupt` cuts the answer off, `go away 2` ends the connection after
two seconds.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
import zlib
from typing import Any

from tests.live_servers import Behaviour, GeminiLive
from tests.live_servers.connected import Connected

ANSWER_SECONDS = 8.0


def _tell(what: str, **more: Any) -> None:
    sys.stdout.write(json.dumps({"what": what, "at": time.monotonic(), **more}) + "\n")
    sys.stdout.flush()


class _Telling(GeminiLive):
    async def _audio(self, connected: Connected, blob: dict[str, Any], manual: bool) -> None:
        _tell("audio", sum=zlib.crc32(base64.b64decode(blob["data"])))
        await super()._audio(connected, blob, manual)

    async def _set_up(self, connected: Connected, setup: dict[str, Any]) -> None:
        await super()._set_up(connected, setup)
        _tell("ready", connection=connected.number)

    async def obey(self, order: str) -> None:
        """One line of the standard input."""
        connected = self.connection
        if order == "interrupt":
            _tell("interrupted")
            await self._stop_answer(connected)
        elif order.startswith("go away"):
            _tell("going")
            await self.go_away(float(order.rsplit(maxsplit=1)[-1]))
            await connected.closed.wait()
            _tell("gone", connection=connected.number)


async def _serve() -> None:
    async with _Telling(Behaviour(length=ANSWER_SECONDS, pace=1.5)) as server:
        _tell("url", url=server.url)
        orders: set[asyncio.Task[None]] = set()
        while line := await asyncio.to_thread(sys.stdin.readline):
            task = asyncio.ensure_future(server.obey(line.strip()))
            orders.add(task)
            task.add_done_callback(orders.discard)


if __name__ == "__main__":
    asyncio.run(_serve())
