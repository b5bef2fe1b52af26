"""Every Python example of the seed's document runs, with only the package's name in its imports changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from aiproxy_desktop.core.http import HttpCall, HttpClient
from tests.dialects import OPENAI
from tests.seed.examples import Example, examples
from tests.seed.processes import Application, environment, python
from tests.seed.proxy import proxy_for
from tests.seed.services import GREETING, Authority, LiveServer, answer, live_server
from tests.wire import ByteServer

EXAMPLES = {example.name: example for example in examples()}

SERVED = {"chat-completions-api", "websocket-for-gemini-live-fixed-in-v0-3-3"}
THROUGH_A_PROXY = {"openai-compatible-endpoints"}

# What each one prints, or part of it; those that print nothing show it in what they send.
PRINTED = {
    "unified-interface-recommended": GREETING,
    "model-discovery": "gpt-5.5 (openai)",
    "using-ollama-with-completionclient": "llama3.2:latest",
    "direct-ollama-usage": "llama3.2:latest",
    "generate-images-with-explicit-model-selection": "Tokens used: 30",
    "available-models": "Model: dall-e-3",
}

# Paths that each one must have asked for.
ASKED = {
    "intelligent-model-selection": "streamGenerateContent",
    "gemini-2-5-flash-image-preview": "gemini-2.5-flash-image-preview:streamGenerateContent",
    "edit-images-dall-e-2-only": "/v1/images/edits",
    "model-specific-features": "/v1/images/generations",
    "provider-specific-completions": "/v1/chat/completions",
}


@pytest.fixture
async def services() -> AsyncIterator[ByteServer]:
    async with ByteServer(answer) as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path, "api.groq.com")


async def run(example: Example, folder: Path, environ: Mapping[str, str]) -> str:
    """What it prints. A warning or anything on standard error fails it."""
    (folder / "example.py").write_text(example.code)
    (folder / "sample.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(64))
    return await python("-m", "tests.seed.run", "example.py", folder=folder, environ=environ)


def application(name: str, folder: Path, environ: Mapping[str, str]) -> Application:
    """The example's own web application, in a process, listening."""
    file = folder / "example.py"
    file.write_text(EXAMPLES[name].code)
    return Application(file, folder, environ)


def test_the_document_holds_all_its_examples() -> None:
    assert len(EXAMPLES) == 15
    assert set(PRINTED) | set(ASKED) | SERVED | THROUGH_A_PROXY | {"gemini-live-session"} == set(EXAMPLES)


@pytest.mark.parametrize("name", [*PRINTED, *ASKED])
async def test_it_runs_as_written(name: str, services: ByteServer, tmp_path: Path) -> None:
    output = await run(EXAMPLES[name], tmp_path, environment(services.url))
    assert PRINTED.get(name, "") in output
    assert name not in ASKED or any(ASKED[name] in path for path in services.paths)


async def test_the_pictures_are_in_its_files(services: ByteServer, tmp_path: Path) -> None:
    await run(EXAMPLES["gemini-2-5-flash-image-preview"], tmp_path, environment(services.url))
    assert (tmp_path / "gemini_banana.jpg").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "gemini_edit.jpg").read_bytes().startswith(b"\x89PNG")
    await run(EXAMPLES["generate-images-with-explicit-model-selection"], tmp_path, environment(services.url))
    assert (tmp_path / "icon.png").read_bytes().startswith(b"\x89PNG")


async def test_a_compatible_endpoint_on_the_internet(
    services: ByteServer, authority: Authority, tmp_path: Path
) -> None:
    reply = OPENAI.text(GREETING) + OPENAI.finish("stop")
    async with proxy_for(reply, authority.context()) as proxy:
        more = {"HTTPS_PROXY": proxy.url, "SSL_CERT_FILE": str(authority.certificate)}
        await run(EXAMPLES["openai-compatible-endpoints"], tmp_path, environment(services.url, more))
    assert proxy.targets == ["api.groq.com:443"]
    assert b"mixtral-8x7b-32768" in proxy.requests[0]
    assert b"Bearer your-groq-key" in proxy.requests[0]


async def test_a_live_session(services: ByteServer, authority: Authority, tmp_path: Path) -> None:
    async with live_server(authority) as live:
        more = {"GOOGLE_GEMINI_BASE_URL": live.url, "SSL_CERT_FILE": str(authority.certificate)}
        await run(EXAMPLES["gemini-live-session"], tmp_path, environment(services.url, more))
    setup = live.messages[0]["setup"]
    assert "weather information" in json.dumps(setup)
    assert "get_weather" in json.dumps(setup)
    assert _texts(live) == ["What's the weather in Boston?"]
    assert any("realtimeInput" in message or "realtime_input" in message for message in live.messages)


async def test_an_application_over_http(services: ByteServer, tmp_path: Path) -> None:
    async with application("chat-completions-api", tmp_path, environment(services.url)) as port:
        http = HttpClient()
        body = json.dumps({"messages": [{"role": "user", "content": "Hello"}]}).encode()
        headers = {"content-type": "application/json"}
        call = HttpCall("app", "App", "POST", f"http://127.0.0.1:{port}/api/chat/completions", headers, body)
        answered = json.loads(await http.fetch(call))
        await http.aclose()
    assert answered["choices"][0]["message"]["content"] == GREETING


async def test_an_application_over_a_web_socket(
    services: ByteServer, authority: Authority, tmp_path: Path
) -> None:
    name = "websocket-for-gemini-live-fixed-in-v0-3-3"
    async with live_server(authority) as live:
        more = {"GOOGLE_GEMINI_BASE_URL": live.url, "SSL_CERT_FILE": str(authority.certificate)}
        async with (
            application(name, tmp_path, environment(services.url, more)) as port,
            connect(f"ws://127.0.0.1:{port}/api/gemini/ws", proxy=None) as socket_,
        ):
            await socket_.send(json.dumps({"type": "text", "data": {"text": "Good morning"}}))
            said = json.loads(await socket_.recv())
    assert said == {"type": "response", "text": GREETING}
    assert _texts(live) == ["Good morning"]


def _texts(live: LiveServer) -> list[str]:
    """What was written to it: by us, or by Google's own client."""
    found: list[str] = []
    for message in live.messages:
        content = message.get("clientContent") or message.get("client_content") or {"turns": []}
        found += [part["text"] for turn in content["turns"] for part in turn["parts"]]
        found += [message["realtimeInput"]["text"]] if "text" in message.get("realtimeInput", {}) else []
    return found
