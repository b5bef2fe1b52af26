"""The built-in model, really run: answers, crashes, hangs, bad files, many requests."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import psutil
import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import (
    LocalModelError,
    RequestTooLargeError,
    UnknownModelError,
)
from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta, UsageReported
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.builtin.provider import (
    BuiltinProvider,
    LocalModel,
    default_model,
    local_model,
)
from aiproxy_desktop.core.timeouts import Timeouts
from aiproxy_desktop.system import MODEL_PROCESS_ARGUMENT
from tests.waiting import until

LONG = "Write a very long story about a fox, a river and a mountain."


@pytest.fixture
def model() -> LocalModel:
    found = default_model()
    assert found is not None
    return found


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


@pytest.fixture
async def provider(http: HttpClient, model: LocalModel) -> AsyncIterator[BuiltinProvider]:
    built_in = BuiltinProvider(http, [model])
    yield built_in
    await built_in.aclose()


def asks(text: str, model: str = "smollm2-135m", max_tokens: int | None = 12) -> CompletionRequest:
    return CompletionRequest(model, (Message.of("user", text),), max_tokens=max_tokens)


async def events_of(provider: BuiltinProvider, request: CompletionRequest) -> list[StreamEvent]:
    async with aclosing(provider.stream(request)) as events:
        return [event async for event in events]


async def answer_of(provider: BuiltinProvider, request: CompletionRequest) -> str:
    events = await events_of(provider, request)
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@dataclass(slots=True)
class Listener:
    """Someone who reads an answer and keeps what came."""

    provider: BuiltinProvider
    text: str = ""
    error: Exception | None = None
    events: list[StreamEvent] = field(default_factory=list)

    async def listen(self, request: CompletionRequest) -> None:
        try:
            async with aclosing(self.provider.stream(request)) as events:
                async for event in events:
                    self.events.append(event)
                    if isinstance(event, TextDelta):
                        self.text += event.text
        except LocalModelError as error:
            self.error = error


def gone(pid: int) -> bool:
    """Whether a process has ended, even if nobody has asked for its exit code yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_an_answer_has_a_beginning_counts_and_an_end(provider: BuiltinProvider) -> None:
    events = await events_of(provider, asks("Say hello."))
    assert events[0] == Started("builtin", "smollm2-135m")
    assert "".join(event.text for event in events if isinstance(event, TextDelta)).strip()
    (counted,) = [event.usage for event in events if isinstance(event, UsageReported)]
    assert counted.input_tokens
    assert counted.output_tokens
    assert isinstance(events[-1], Finished)


async def test_an_answer_is_cut_where_the_request_says(provider: BuiltinProvider) -> None:
    events = await events_of(provider, asks(LONG, max_tokens=5))
    assert events[-1] == Finished("length")


async def test_a_client_without_any_setting_answers() -> None:
    async with CompletionClient() as client:
        answer = await client.create_completion([{"role": "user", "content": "Say hello."}], max_tokens=8)
    assert answer["choices"][0]["message"]["content"].strip()


async def test_its_models_are_known_without_starting_anything(
    provider: BuiltinProvider, model: LocalModel
) -> None:
    (shown,) = await provider.list_models()
    assert (shown.reference, shown.display_name) == ("builtin:smollm2-135m", "SmolLM2 135M")
    assert (shown.size_bytes, shown.context_window, shown.local) == (model.size_bytes, 8192, True)
    assert provider.pids == ()


async def test_a_crash_in_the_middle_keeps_what_came(provider: BuiltinProvider) -> None:
    await provider.warm()
    (first,) = provider.pids
    listener = Listener(provider)
    listening = asyncio.create_task(listener.listen(asks(LONG, max_tokens=None)))
    await until(lambda: len(listener.text) > 20 or listening.done(), "some text")
    os.kill(first, signal.SIGKILL)
    await listening
    assert isinstance(listener.error, LocalModelError)
    assert "What came is kept" in listener.error.advice
    assert len(listener.text) > 20
    assert (await answer_of(provider, asks("Say hello."))).strip()
    assert provider.pids != (first,)


async def test_a_crash_between_two_requests_goes_unnoticed(provider: BuiltinProvider) -> None:
    await provider.warm()
    (first,) = provider.pids
    os.kill(first, signal.SIGKILL)
    # At once, while nobody may have seen yet that it is gone.
    assert (await answer_of(provider, asks("Say hello."))).strip()
    assert provider.pids != (first,)


async def test_a_process_that_hangs_is_replaced(model: LocalModel) -> None:
    http = HttpClient(timeouts=Timeouts(idle=2.0))
    provider = BuiltinProvider(http, [model])
    await provider.warm()
    (first,) = provider.pids
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(LocalModelError, match="does not answer"):
        await answer_of(provider, asks("Say hello."))
    await until(lambda: gone(first), "the hanging process to end")
    await provider.warm()
    assert provider.pids != (first,)
    await provider.aclose()
    await http.aclose()


async def test_requests_are_answered_side_by_side(provider: BuiltinProvider) -> None:
    requests = [asks(f"Count to {number}.") for number in range(6)]
    answers = await asyncio.gather(*(answer_of(provider, request) for request in requests))
    assert all(answer.strip() for answer in answers)
    assert len(provider.pids) == 1


async def test_requests_that_would_not_fit_together_take_turns(http: HttpClient, model: LocalModel) -> None:
    provider = BuiltinProvider(http, [replace(model, context_window=1024)])
    requests = [asks(f"Repeat after me: {number} " + "word " * 500, max_tokens=50) for number in range(3)]
    answers = await asyncio.gather(*(events_of(provider, request) for request in requests))
    assert all(isinstance(events[-1], Finished) for events in answers)
    await provider.aclose()


async def test_an_answer_ends_where_the_context_does(http: HttpClient, model: LocalModel) -> None:
    provider = BuiltinProvider(http, [replace(model, context_window=256)])
    events = await events_of(provider, asks(LONG, max_tokens=2000))
    assert events[-1] == Finished("length")
    await provider.aclose()


async def test_a_file_may_have_any_name(http: HttpClient, model: LocalModel, tmp_path: Path) -> None:
    path = tmp_path / "Ünï cödé 模型.gguf"
    path.symlink_to(model.path)
    named = local_model(path)
    provider = BuiltinProvider(http, [named])
    assert (await answer_of(provider, asks("Say hello.", model=named.id))).strip()
    await provider.aclose()


async def test_the_application_can_be_its_own_model_process(http: HttpClient, model: LocalModel) -> None:
    """As in a frozen build, where there is no other interpreter."""
    command = (sys.executable, "-m", "aiproxy_desktop", MODEL_PROCESS_ARGUMENT)
    provider = BuiltinProvider(http, [model], command)
    assert (await answer_of(provider, asks("Say hello."))).strip()
    await provider.aclose()


async def test_cancelling_frees_the_model(provider: BuiltinProvider) -> None:
    listeners = [Listener(provider) for _ in range(4)]
    tasks = [asyncio.create_task(one.listen(asks(LONG, max_tokens=1900))) for one in listeners]
    await until(lambda: all(one.text for one in listeners), "text from all four")
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    child = psutil.Process(provider.pids[0])

    async def busy_for() -> float:
        before = child.cpu_times()
        await asyncio.sleep(0.5)
        after = child.cpu_times()
        return after.user + after.system - before.user - before.system

    # So many tokens for each of four would keep it at work for a minute and more.
    for _ in range(60):
        if await busy_for() < 0.05:
            break
    else:
        pytest.fail("it goes on although nobody listens")
    assert (await answer_of(provider, asks("Say hello."))).strip()


async def test_cancelling_while_it_loads_leaves_it_usable(provider: BuiltinProvider) -> None:
    waiting = asyncio.create_task(provider.warm())
    await until(lambda: provider.pids, "a process")
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert (await answer_of(provider, asks("Say hello."))).strip()


async def test_it_knows_nobodys_key(provider: BuiltinProvider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-for-children")
    await provider.warm()
    assert "sk-not-for-children" not in repr(psutil.Process(provider.pids[0]).environ())


async def test_nobody_else_can_use_it(provider: BuiltinProvider) -> None:
    endpoint = await provider.endpoint()
    child = psutil.Process(provider.pids[0])
    listening = [one.laddr for one in child.net_connections() if one.status == psutil.CONN_LISTEN]
    assert [address.ip for address in listening] == ["127.0.0.1"]
    assert endpoint.key not in " ".join(child.cmdline())
    assert endpoint.key not in repr(child.environ())
    assert endpoint.key not in repr(endpoint)
    async with httpx.AsyncClient(trust_env=False) as stranger:
        url = f"{endpoint.base_url}/chat/completions"
        body = {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 2}
        assert (await stranger.post(url, json=body)).status_code == 401
        wrong = {"authorization": "Bearer wrong"}
        assert (await stranger.post(url, json=body, headers=wrong)).status_code == 401


async def test_each_process_has_a_key_and_a_port_of_its_own(provider: BuiltinProvider) -> None:
    first = await provider.endpoint()
    os.kill(provider.pids[0], signal.SIGKILL)
    await until(lambda: not provider.pids, "the end of the process")
    second = await provider.endpoint()
    assert first.key != second.key
    assert first.base_url != second.base_url


async def test_native_code_prints_nothing_here(
    http: HttpClient, model: LocalModel, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = cut_copy(model, tmp_path)
    provider = BuiltinProvider(http, [model, local_model(damaged)])
    await answer_of(provider, asks("Say hello."))
    with pytest.raises(LocalModelError):
        await provider.warm(damaged.stem)
    await provider.aclose()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("words", [20_000, 2_000_000], ids=["counted by the model", "ten megabytes"])
async def test_a_prompt_that_does_not_fit_is_refused(provider: BuiltinProvider, words: int) -> None:
    with pytest.raises(RequestTooLargeError, match="too long for SmolLM2 135M") as refused:
        await answer_of(provider, asks("word " * words))
    assert "8,192 tokens" in refused.value.advice


async def test_a_model_it_does_not_have_is_refused(provider: BuiltinProvider) -> None:
    with pytest.raises(UnknownModelError) as refused:
        await answer_of(provider, asks("Hello", model="nothing"))
    assert refused.value.near == ("smollm2-135m",)


def cut_copy(model: LocalModel, folder: Path) -> Path:
    path = folder / "damaged.gguf"
    with Path(model.path).open("rb") as source:
        path.write_bytes(source.read(4 * 1024 * 1024))
    return path


async def test_a_damaged_file_does_not_disturb_the_others(
    http: HttpClient, model: LocalModel, tmp_path: Path
) -> None:
    damaged = local_model(cut_copy(model, tmp_path))
    provider = BuiltinProvider(http, [model, damaged])
    with pytest.raises(LocalModelError, match=r"damaged\.gguf could not be loaded") as refused:
        await answer_of(provider, asks("Hello", model="damaged"))
    assert "corrupted or incomplete" in refused.value.detail
    assert (await answer_of(provider, asks("Say hello."))).strip()
    await provider.aclose()


async def test_a_file_that_went_away_is_named(http: HttpClient, tmp_path: Path) -> None:
    provider = BuiltinProvider(http, [LocalModel("away", "Away", str(tmp_path / "away.gguf"), 1)])
    with pytest.raises(LocalModelError, match=r"away\.gguf cannot be read"):
        await answer_of(provider, asks("Hello", model="away"))
    await provider.aclose()


async def test_a_file_that_became_something_else_is_named(http: HttpClient, tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("my notes")
    provider = BuiltinProvider(http, [LocalModel("notes", "Notes", str(path), 8)])
    with pytest.raises(LocalModelError, match="is not a model file"):
        await answer_of(provider, asks("Hello", model="notes"))
    await provider.aclose()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("/does/not/exist",), "could not be started"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended while it was loading"),
    ],
)
async def test_a_process_that_cannot_start_is_an_error(
    http: HttpClient, model: LocalModel, command: tuple[str, ...], words: str
) -> None:
    provider = BuiltinProvider(http, [model], command)
    with pytest.raises(LocalModelError, match=words):
        await provider.warm()
    await provider.aclose()


async def test_only_models_in_use_stay_in_memory(http: HttpClient, model: LocalModel, tmp_path: Path) -> None:
    twin = tmp_path / "twin.gguf"
    twin.symlink_to(model.path)
    provider = BuiltinProvider(http, [model, local_model(twin)])
    await provider.warm()
    (first,) = provider.pids
    assert (await answer_of(provider, asks("Say hello.", model="twin"))).strip()
    await until(lambda: gone(first), "the idle model to leave")
    assert len(provider.pids) == 1
    await provider.aclose()


async def test_two_models_can_answer_at_once(http: HttpClient, model: LocalModel, tmp_path: Path) -> None:
    twin = tmp_path / "twin.gguf"
    twin.symlink_to(model.path)
    provider = BuiltinProvider(http, [model, local_model(twin)])
    answers = await asyncio.gather(
        answer_of(provider, asks("Say hello.")), answer_of(provider, asks("Say hello.", model="twin"))
    )
    assert all(answer.strip() for answer in answers)
    await provider.aclose()


async def test_a_model_that_rests_leaves_memory_and_comes_back(http: HttpClient, model: LocalModel) -> None:
    provider = BuiltinProvider(http, [model], sleep_seconds=1)
    await provider.warm()
    (child,) = provider.pids
    loaded = psutil.Process(child).memory_info().rss
    await until(lambda: psutil.Process(child).memory_info().rss < loaded / 2, "the model to leave memory")
    assert (await answer_of(provider, asks("Say hello."))).strip()
    assert provider.pids == (child,)
    await provider.aclose()


async def test_files_of_one_name_are_told_apart(http: HttpClient, model: LocalModel) -> None:
    provider = BuiltinProvider(http, [model, model, model])
    names = [shown.id for shown in await provider.list_models()]
    assert names == ["smollm2-135m", "smollm2-135m-2", "smollm2-135m-3"]


async def test_closing_ends_the_process_and_the_answer(http: HttpClient, model: LocalModel) -> None:
    provider = BuiltinProvider(http, [model])
    listener = Listener(provider)
    listening = asyncio.create_task(listener.listen(asks(LONG, max_tokens=None)))
    await until(lambda: listener.text, "some text")
    (child,) = provider.pids
    await provider.aclose()
    assert gone(child)
    await listening
    assert isinstance(listener.error, LocalModelError)
    with pytest.raises(LocalModelError, match="has been closed"):
        await provider.warm()
