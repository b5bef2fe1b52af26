"""The server of the window's process: on a thread of its own, and as the window is."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from aiproxy_desktop.core.events import Finished, Started, StreamEvent, TextDelta
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.serving import Hosted
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.paths import AppPaths
from tests.api_parts import TOKEN, hello, streamed
from tests.dialects import OPENAI
from tests.ports import free_port
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

_KEYS = ("sk-first-0123456789abcdef", "sk-second-0123456789abcd")
_WORDS = 2000


def _service(exchange: Exchange) -> Reply:
    if exchange.headers.get("authorization") == "Bearer sk-refused-0123456789":
        return Reply.json({"error": {"message": "No.", "code": "invalid_api_key"}}, 401)
    return Reply.json(OPENAI.models) if exchange.method == "GET" else streamed(OPENAI, ["Hel", "lo"])


@dataclass
class _Desk:
    """A window without a window, the server in its process, and the service behind both."""

    window: Runtime
    hosted: Hosted
    upstream: ByteServer
    log: RequestLog
    url: str = ""

    async def start(self, token: str = TOKEN, port: int = 0) -> None:
        self.url = await self.hosted.start(ApiSettings(port=port or free_port()), token)

    async def ask(self, model: str = "openai:m", token: str = TOKEN) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=60) as http:
            answer = await http.post("/v1/chat/completions", json=hello(model=model))
            return answer.status_code, answer.json()

    async def listed(self) -> set[str]:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=60) as http:
            return {model["id"] for model in (await http.get("/v1/models")).json()["data"]}


@asynccontextmanager
async def _desk(folder: Path) -> AsyncIterator[_Desk]:
    async with ByteServer(_service) as upstream:
        environ = {"OLLAMA_HOST": "127.0.0.1:1", "OPENAI_BASE_URL": f"{upstream.url}/v1"}
        paths = AppPaths.resolve(str(folder), environ)
        paths.ensure()
        window = Runtime.build(paths, environ, Redactor())
        await window.providers.start()
        log = RequestLog()
        hosted = Hosted(paths, environ, window, log)
        try:
            yield _Desk(window, hosted, upstream, log)
        finally:
            await hosted.stop()
            await window.aclose()


async def test_keys_aliases_and_endpoints_are_the_windows_at_every_moment(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        await desk.start()
        providers = desk.window.providers
        status, told = await desk.ask()
        assert status == 503
        assert "key" in told["error"]["message"]
        for key in _KEYS:
            await providers.set_key("openai", key)
            await _until_answered_with(desk, key)
        await providers.remove_key("openai")
        await _until_status(desk, 503)
        added = await providers.add_endpoint("Team", f"{desk.upstream.url}/v1", "sk-team-0123456789abcdef")
        api = msgspec.structs.replace(desk.window.settings.current.api, aliases={"fast": f"{added.id}:m"})
        await desk.window.settings.update(api=api)
        await _until_status(desk, 200, "fast")
        assert desk.upstream.exchanges[-1].headers["authorization"] == "Bearer sk-team-0123456789abcdef"
        assert desk.log.recent()[-1].model == f"{added.id}:m"


async def test_models_are_listed_once_there_is_a_key_for_them(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        providers = desk.window.providers
        await asyncio.gather(providers.refresh("openai"), providers.refresh("gemini"))
        await desk.start()
        assert await desk.listed() == set()
        await providers.set_key("openai", _KEYS[0])
        await providers.refresh("openai")
        listed: set[str] = set()
        async with asyncio.timeout(60):
            while "openai:gpt-5.4" not in listed:
                listed = await desk.listed()
        assert not any(name.startswith("gemini:") for name in listed)


async def test_a_key_that_is_refused_shows_in_the_window(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        await desk.window.providers.set_key("openai", "sk-refused-0123456789")
        await desk.window.providers.refresh("builtin")
        await desk.start()
        await desk.window.providers.set_key("openai", _KEYS[0])
        await desk.window.providers.refresh("openai")
        assert (await desk.ask())[0] == 200
        await desk.window.providers.set_key("openai", "sk-refused-0123456789")
        await _until_status(desk, 502)

        def status() -> str:
            return next(one.status for one in desk.window.providers.states() if one.id == "openai")

        await until(lambda: status() == "rejected", "the window knows")


async def test_the_built_in_model_is_asked_on_the_windows_loop(tmp_path: Path) -> None:
    events: list[StreamEvent] = [Started("builtin", "script")]
    events += [TextDelta(f"{number} ") for number in range(_WORDS)]
    model = _WhereItRuns([*events, Finished("stop")], id="builtin")
    async with _desk(tmp_path) as desk:
        await desk.window.registry.replace(model)
        await desk.start()
        status, told = await desk.ask("builtin:script")
        assert status == 200
        assert told["choices"][0]["message"]["content"] == "".join(f"{number} " for number in range(_WORDS))
        assert model.threads == {threading.get_ident()}
        # One that leaves frees the model, although there is much more to say than anybody holds.
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            httpx.AsyncClient(base_url=desk.url, headers=headers, trust_env=False) as http,
            http.stream(
                "POST", "/v1/chat/completions", json=hello(model="builtin:script", stream=True)
            ) as answer,
        ):
            async for line in answer.aiter_lines():
                if '"content":"5 "' in line:
                    break
        await until(lambda: model.closed_streams == 2, "the model is free")


async def test_another_token_another_start_and_a_port_that_is_taken(tmp_path: Path) -> None:
    async with _desk(tmp_path) as desk:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            with pytest.raises(OSError, match="in use"):
                await desk.start(port=other.getsockname()[1])
        await desk.window.providers.set_key("openai", _KEYS[0])
        await desk.start()
        port = int(desk.url.rpartition(":")[2])
        assert (await desk.ask())[0] == 200
        newer = TOKEN[::-1]
        await desk.hosted.apply(ApiSettings(port=port), newer)
        assert [(await desk.ask(token=token))[0] for token in (TOKEN, newer)] == [401, 200]
        await desk.hosted.stop()
        with pytest.raises(httpx.ConnectError):
            await desk.ask()
        await desk.start(port=port)
        assert (await desk.ask())[0] == 200
        assert not [one for one in desk.log.recent() if TOKEN in json.dumps(str(one))]


class _WhereItRuns(ScriptedProvider):
    """Remembers on which threads it was asked."""

    threads: set[int] = set()  # noqa: RUF012 - there is one of it

    async def stream(self, request: Any) -> Any:
        self.threads.add(threading.get_ident())
        async for event in super().stream(request):
            yield event


async def _until_answered_with(desk: _Desk, key: str) -> None:
    for _ in range(200):
        status, _body = await desk.ask()
        if status == 200 and desk.upstream.exchanges[-1].headers["authorization"] == f"Bearer {key}":
            return
    raise AssertionError("never answered with that key")


async def _until_status(desk: _Desk, wanted: int, model: str = "openai:m") -> None:
    status = 0
    for _ in range(200):
        status, _body = await desk.ask(model)
        if status == wanted:
            return
    raise AssertionError(f"{status} in place of {wanted}")
