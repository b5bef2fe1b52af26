"""Lists of models over loopback, in a process of its own: `/40/models` has 40, `/slow/models` takes 10 s.

with list_server() as url: ...
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from tests.benchmarks.harness import REPOSITORY
from tests.wire import ByteServer, Exchange, Reply

SLOW_SECONDS = 10.0


@cache
def _list(models: int) -> bytes:
    """As a router lists them, whose rows are the longest."""
    rows = [
        {
            "id": f"vendor-{number % 40}/model-{number}-instruct",
            "name": f"Vendor: Model {number} Instruct",
            "created": 1_770_000_000,
            "description": "A model that is described at some length. " * 6,
            "context_length": 131_072,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.0000002", "completion": "0.0000006"},
            "top_provider": {"context_length": 131_072, "max_completion_tokens": 16_384},
            "supported_parameters": ["tools", "temperature", "response_format", "structured_outputs"],
        }
        for number in range(models)
    ]
    return json.dumps({"data": rows}).encode()


def _reply(exchange: Exchange) -> Reply:
    name = exchange.path.split("/")[1]
    if name == "slow":
        return Reply(pieces=(_list(1),), delay=SLOW_SECONDS)
    content = _list(int(name.partition("-")[0]))
    return Reply(pieces=tuple(content[at : at + 65_536] for at in range(0, len(content), 65_536)))


async def _serve() -> None:
    async with ByteServer(_reply) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


@contextmanager
def list_server() -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.list_server"],
        cwd=REPOSITORY,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(_serve())
