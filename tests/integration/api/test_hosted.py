"""The server of the window's process: on a thread of its own, and as the window is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.serving import Hosted
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.paths import AppPaths
from tests.api_parts import TOKEN, hello, streamed
from tests.dialects import OPENAI
from tests.wire import ByteServer, Exchange, Reply


def _service(exchange: Exchange) -> Reply:
    return Reply.json(OPENAI.models) if exchange.method == "GET" else streamed(OPENAI, ["Hel", "lo"])


@asynccontextmanager
async def _window(folder: Path, upstream: str) -> AsyncIterator[tuple[Runtime, Hosted]]:
    environ = {"OLLAMA_HOST": "127.0.0.1:1", "OPENAI_BASE_URL": f"{upstream}/v1"}
    paths = AppPaths.resolve(str(folder), environ)
    paths.ensure()
    window = Runtime.build(paths, environ, Redactor())
    await window.providers.start()
    hosted = Hosted(paths, environ, window, RequestLog())
    try:
        yield window, hosted
    finally:
        await hosted.stop()
        await window.aclose()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_it_answers(tmp_path: Path) -> None:
    async with ByteServer(_service) as upstream, _window(tmp_path, upstream.url) as (window, hosted):
        await window.providers.set_key("openai", "sk-test-0123456789abcdef")
        url = await hosted.start(ApiSettings(port=_free_port()), TOKEN)
        async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
            answer = await http.post("/v1/chat/completions", json=hello(model="openai:m"))
            assert answer.status_code == 200
