"""What ai-proxy-core and the SDKs do with the same services: `peer_client.py TASK URL COUNT AT_ONCE`.

Runs in .venv-peer, which holds nothing of this project; see `core_client.py` for the tasks.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

MODELS = {"openai": "gpt-4.1", "gemini": "gemini-2.5-flash", "ollama": "llama2"}


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


def _client() -> Any:
    return importlib.import_module("ai_proxy_core").CompletionClient()


async def requests(provider: str, _url: str, count: int, at_once: int) -> dict[str, float]:
    """Seconds of CPU and of the clock for `count` completions of twenty tokens."""
    client = _client()

    async def one() -> None:
        answer = await client.create_completion(_messages("tokens=20"), MODELS[provider], temperature=0.7)
        assert answer["choices"][0]["message"]["content"] == " token" * 20

    return await _timed(count, at_once, one)


async def tokens(provider: str, url: str, count: int, _at_once: int) -> dict[str, float]:
    """Seconds for one stream of so many tokens through the vendor's SDK."""
    one = _openai_stream(count) if provider == "openai" else _gemini_stream(url, count)
    assert await one() == count
    cpu, wall = time.process_time(), time.perf_counter()
    assert await one() == count
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}


def _openai_stream(count: int) -> Callable[[], Awaitable[int]]:
    client = importlib.import_module("openai").AsyncOpenAI()

    async def one() -> int:
        found = 0
        stream = await client.chat.completions.create(
            messages=_messages(f"tokens={count}"),
            model=MODELS["openai"],
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                found += 1
        return found

    return one


def _gemini_stream(url: str, count: int) -> Callable[[], Awaitable[int]]:
    genai = importlib.import_module("google.genai")
    client = genai.Client(api_key="bench", http_options={"base_url": url})

    async def one() -> int:
        found = 0
        stream = await client.aio.models.generate_content_stream(
            model=MODELS["gemini"],
            contents=f"tokens={count}",
            config={"system_instruction": "You are brief."},
        )
        async for chunk in stream:
            if chunk.text:
                found += 1
        return found

    return one


async def stall(_provider: str, _url: str, _count: int, _at_once: int) -> dict[str, float]:
    """The longest that the loop stood still while a list of models took a second."""
    client = _client()
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
    models = await client.list_models("ollama")
    wall = time.perf_counter() - began
    await asyncio.sleep(0.005)
    heart.cancel()
    assert [model["id"] for model in models] == ["llama2"]
    return {"longest": longest, "wall": wall}


if __name__ == "__main__":
    task, url, count, at_once = sys.argv[1:]
    kind, _, provider = task.partition("-")
    os.environ |= {
        "OPENAI_API_KEY": "sk-bench",
        "OPENAI_BASE_URL": f"{url}/v1",
        "GEMINI_API_KEY": "bench",
        "OLLAMA_HOST": url,
    }
    logging.disable(logging.CRITICAL)
    run = {"requests": requests, "tokens": tokens, "stall": stall}[kind]
    sys.stdout.write(json.dumps(asyncio.run(run(provider, url, int(count), int(at_once)))))
