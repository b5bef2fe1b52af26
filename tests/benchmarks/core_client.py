"""What the benchmarks run of the routing core, apart from them: `core_client.py TASK URL COUNT AT_ONCE`."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from aiproxy_desktop.core import CompletionClient, TextDelta

_STREAMS = 1000


def _setting(url: str) -> None:
    os.environ |= {
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": f"{url}/v1",
        "GEMINI_API_KEY": "bench",
        "GOOGLE_GEMINI_BASE_URL": url,
        "OLLAMA_HOST": url,
    }


def _messages(text: str) -> list[dict[str, Any]]:
    return [{"role": "system", "content": "You are brief."}, {"role": "user", "content": text}]


async def _timed(count: int, at_once: int, one: Callable[[], Awaitable[object]]) -> dict[str, float]:
    async def several(times: int) -> None:
        for _ in range(times):
            await one()

    await asyncio.gather(*(several(2) for _ in range(at_once)))
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(several(count // at_once) for _ in range(at_once)))
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


async def requests(client: CompletionClient, model: str, count: int, at_once: int) -> dict[str, float]:
    """Seconds of CPU and of the clock for `count` completions of twenty tokens."""

    async def one() -> None:
        answer = await client.create_completion(_messages("tokens=20"), model, temperature=0.7)
        assert answer["choices"][0]["message"]["content"] == " token" * 20

    return await _timed(count, at_once, one)


async def tokens(client: CompletionClient, model: str, count: int, at_once: int) -> dict[str, float]:
    """Seconds for one stream of so many tokens, as typed events."""

    async def one() -> None:
        found = 0
        async with client.stream(_messages(f"tokens={count}"), model) as events:
            async for event in events:
                if type(event) is TextDelta:
                    found += 1
        assert found == count

    await one()
    cpu, wall = time.process_time(), time.perf_counter()
    await one()
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


async def stall(client: CompletionClient, _model: str, _count: int, _at_once: int) -> dict[str, float]:
    """The longest that the loop stood still while a list of models took a second."""
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)

    heart = asyncio.get_running_loop().create_task(beat())
    await asyncio.sleep(0.05)
    longest = 0.0
    began = time.perf_counter()
    models = await client.models("ollama")
    wall = time.perf_counter() - began
    heart.cancel()
    assert [model.id for model in models] == ["llama2"]
    return {"longest": longest, "wall": wall}


async def streams(client: CompletionClient, model: str, count: int, at_once: int) -> dict[str, Any]:
    """Rounds of a thousand streams, all open at once; how many came whole, and the memory after each."""
    prompt = _messages(f"tokens={count} together={_STREAMS}")

    async def one() -> bool:
        async with client.stream(prompt, model) as events:
            text = [event.text async for event in events if type(event) is TextDelta]
        return len(text) == count

    whole, memory = 0, []
    wall = time.perf_counter()
    for _ in range(at_once):
        whole += sum(await asyncio.gather(*(one() for _ in range(_STREAMS))))
        memory.append(_memory())
    return {"whole": whole, "memory": memory, "wall": time.perf_counter() - wall}


def _memory() -> int:
    import psutil

    gc.collect()  # what only waits for the collector is no growth
    with suppress(OSError, AttributeError):  # nor is what glibc keeps for the next time
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


async def start(_url: str) -> dict[str, float]:
    """CPU of a client and its first list of models, with nothing configured."""
    for name in ("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "ANTHROPIC_API_KEY", "OLLAMA_HOST"):
        os.environ.pop(name, None)
    cpu = time.process_time()
    client = CompletionClient()
    models = await client.list_models()
    cpu = time.process_time() - cpu
    await client.aclose()
    return {"cpu": cpu, "models": len(models)}


_MODELS = {"openai": "openai:gpt-4.1", "gemini": "gemini:gemini-2.5-flash", "ollama": "ollama:llama2"}
_TASKS = {"requests": requests, "tokens": tokens, "stall": stall, "streams": streams}


async def _main(task: str, url: str, count: int, at_once: int) -> dict[str, Any]:
    if task == "start":
        return await start(url)
    kind, _, provider = task.partition("-")
    _setting(url)
    async with CompletionClient() as client:
        return await _TASKS[kind](client, _MODELS[provider], count, at_once)


if __name__ == "__main__":
    task, url, count, at_once = sys.argv[1:]
    sys.stdout.write(json.dumps(asyncio.run(_main(task, url, int(count), int(at_once)))))
