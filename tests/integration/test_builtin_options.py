"""How a built-in model is run is changed while others, or it itself, are answering."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import LocalModelError, RequestTooLargeError, UnknownModelError
from aiproxy_desktop.core.events import Finished, TextDelta
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider, LocalModel, default_model
from aiproxy_desktop.system import physical_cores
from tests.local_desk import local_desk
from tests.waiting import until

LONG = "Write a very long story about a fox, a river and a mountain."


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


@pytest.fixture
def models() -> list[LocalModel]:
    found = default_model()
    assert found is not None
    return [replace(found, id="one"), replace(found, id="two")]


def asks(text: str, model: str, max_tokens: int = 12) -> CompletionRequest:
    return CompletionRequest(model, (Message.of("user", text),), max_tokens=max_tokens)


async def read(provider: BuiltinProvider, request: CompletionRequest) -> None:
    async with aclosing(provider.stream(request)) as events:
        async for _ in events:
            pass


class Reader:
    """Someone who reads a long answer."""

    def __init__(self, provider: BuiltinProvider, model: str) -> None:
        self.text = ""
        self.ended = ""
        self.task = asyncio.create_task(self._read(provider, model))

    async def _read(self, provider: BuiltinProvider, model: str) -> None:
        async with aclosing(provider.stream(asks(LONG, model, 150))) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    self.text += event.text
                elif isinstance(event, Finished):
                    self.ended = event.reason

    async def begun(self) -> None:
        await until(lambda: self.text or self.task.done(), "the answer has begun")


async def test_an_answer_goes_on_when_another_model_is_changed_or_removed(
    http: HttpClient, models: list[LocalModel]
) -> None:
    provider = BuiltinProvider(http, models)
    try:
        reader = Reader(provider, "one")
        await reader.begun()
        (pid,) = provider.pids
        provider.set_models([models[0], replace(models[1], context=2048)])
        provider.set_models([models[0]])
        assert provider.pids == (pid,)
        await reader.task
        assert reader.ended in {"stop", "length"}
        with pytest.raises(UnknownModelError):
            await provider.warm("two")
    finally:
        await provider.aclose()


async def test_a_change_holds_from_the_next_request_on_and_the_answer_under_way_ends_well(
    http: HttpClient, models: list[LocalModel]
) -> None:
    provider = BuiltinProvider(http, models[:1])
    try:
        reader = Reader(provider, "one")
        await reader.begun()
        (former,) = provider.pids
        provider.set_models([replace(models[0], context=256, threads=1)])
        with pytest.raises(RequestTooLargeError, match="256 tokens at once"):
            await read(provider, asks("word " * 1000, "one"))
        assert former not in provider.pids
        await reader.task
        assert reader.ended in {"stop", "length"}
    finally:
        await provider.aclose()


async def test_an_idle_process_ends_at_the_change_and_an_unchanged_one_stays(
    http: HttpClient, models: list[LocalModel]
) -> None:
    provider = BuiltinProvider(http, models)
    try:
        await provider.warm("one")
        (pid,) = provider.pids
        provider.set_models(list(models))
        assert list(provider.pids) == [pid]
        provider.set_models([replace(models[0], threads=1), models[1]])
        assert not list(provider.pids)
        await provider.warm("one")
        assert pid not in provider.pids
    finally:
        await provider.aclose()


# Says what it was told and that it cannot.
_TELLS = """
import json, sys
order = json.loads(sys.stdin.readline())
print(order["mark"] + json.dumps({"error": "not_loaded", "detail": json.dumps(order)}), flush=True)
"""


@pytest.mark.parametrize(
    ("context", "threads", "told"),
    [
        (None, None, (8192, max(1, min(physical_cores(), 8) - 1), min(physical_cores(), 8))),
        (2048, 1, (2048, 1, 1)),
        (10**6, 10**6, (32768, physical_cores(), physical_cores())),
    ],
)
async def test_the_process_is_told_context_and_threads(
    http: HttpClient, context: int | None, threads: int | None, told: tuple[int, int, int]
) -> None:
    model = LocalModel("m", "M", "/nowhere/m.gguf", 1, 32768, context=context, threads=threads)
    provider = BuiltinProvider(http, [model], (sys.executable, "-I", "-S", "-c", _TELLS))
    with pytest.raises(LocalModelError) as caught:
        await provider.warm()
    order = json.loads(caught.value.detail)
    assert (order["context"], order["threads"], order["reading_threads"]) == told
    await provider.aclose()


async def test_settings_change_the_provider_in_place(tmp_path: Path) -> None:
    async with local_desk(tmp_path) as desk:
        provider = desk.builtin
        reader = Reader(provider, "smollm2-135m")
        await reader.begun()
        (file,) = await desk.service.files()
        # What the model holds itself comes back when it is loaded anew.
        assert file.fit.available is not None
        assert desk.memory.available is not None
        assert file.fit.available > desk.memory.available
        await desk.service.set_options("", 2048, 1)
        assert desk.builtin is provider
        assert desk.offered["smollm2-135m"].context_window == 2048
        await reader.task
        assert reader.ended in {"stop", "length"}


async def test_a_file_tells_its_licence_when_it_is_asked(http: HttpClient) -> None:
    """Without a process: what it says stands at the head of the file."""
    model = default_model()
    assert model is not None
    provider = BuiltinProvider(http, [model])
    told = await provider.show(model.id)
    assert (told.license, told.author) == ("apache-2.0", "HuggingFaceTB")
    assert (told.info,) == await provider.list_models()
    assert provider.pids == ()
    with pytest.raises(UnknownModelError):
        await provider.show("another")
    await provider.aclose()
