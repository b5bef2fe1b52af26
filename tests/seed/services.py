"""OpenAI, Gemini, Anthropic and Ollama on loopback, as far as the examples call them."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.certificates import signed_by_itself
from tests.dialects import ANTHROPIC, GEMINI, OLLAMA, OPENAI, Call, Dialect, line, sse
from tests.seed.run import PNG
from tests.wire import Exchange, Reply

GREETING = "Hello from loopback"


# What an Ollama server has; another model can be pulled, and answers.
PULLED = "llama3.2:latest"
# Where Anthropic stands, whose paths are otherwise OpenAI's.
ANTHROPIC_FOLDER = "/anthropic"
_DIALECTS = {"chat/completions": OPENAI, "messages": ANTHROPIC, "chat": OLLAMA}


def answer(exchange: Exchange) -> Reply:
    """What each service says to a request; one that it does not understand is refused, never left waiting."""
    try:
        return _answer(exchange)
    except (AssertionError, LookupError, ValueError) as error:
        return Reply.json({"error": {"message": f"{exchange.path}: {error!r}"}}, 400)


def _answer(exchange: Exchange) -> Reply:
    path = exchange.path.partition("?")[0]
    if path.endswith(":streamGenerateContent"):
        asked = exchange.json.get("generationConfig", {}).get("responseModalities", [])
        return _picture() if "IMAGE" in asked else _completion(GEMINI, exchange.json)
    for end, dialect in _DIALECTS.items():
        if path.endswith(f"/{end}"):
            return _completion(dialect, exchange.json)
    if path == "/api/pull":
        return Reply.lines(*_PULL)
    if path == "/api/show" and exchange.json["model"] not in (PULLED, PULLED.partition(":")[0]):
        return Reply.json({"error": f"model '{exchange.json['model']}' not found"}, 404)
    return Reply.json(_LISTS[path.rpartition("/")[2]](exchange))


def _completion(dialect: Dialect, body: Any) -> Reply:
    """A call of the first tool, until its result is there; JSON where it is asked for; else the greeting."""
    if body.get("model") == "no-such-model:1b":
        return dialect.refusal(404, "model", "model 'no-such-model:1b' not found")
    assert dialect.read is not None
    assert dialect.tool_calls is not None
    sent = dialect.read(body)
    if sent.tools and sent.turns[-1][0] != "tool":
        call = Call("call_1", sent.tools[0][0], '{"city": "Boston"}')
        # Gemini and Ollama have no word of their own for this end.
        reason = "tool_calls" if dialect in (OPENAI, ANTHROPIC) else "stop"
        return dialect.reply(dialect.tool_calls([call]), dialect.finish(reason))
    text = '{"name": "Ada Lovelace", "born": 1815}' if sent.json else GREETING
    return dialect.reply(dialect.text(text), dialect.finish("stop"))


def _picture() -> Reply:
    data = base64.b64encode(PNG).decode()
    part = {"inlineData": {"mimeType": "image/png", "data": data}}
    candidate = {"content": {"parts": [part], "role": "model"}, "index": 0, "finishReason": "STOP"}
    return Reply.events(sse({"candidates": [candidate]}))


def _images(exchange: Exchange) -> Any:
    row = {"b64_json": base64.b64encode(PNG).decode()}
    counted = b'"n":5' in exchange.body or b"\r\n\r\n2\r\n" in exchange.body
    usage = {"input_tokens": 10, "output_tokens": 20, "total_tokens": 30}
    return {"created": 1, "data": [row, row] if counted else [row], "usage": usage}


def _models(exchange: Exchange) -> Any:
    if exchange.path.startswith(ANTHROPIC_FOLDER):
        return ANTHROPIC.models
    if exchange.path.startswith("/v1beta"):
        row = {
            "name": "models/gemini-3.8-flash",
            "displayName": "Gemini 3.8 Flash",
            "inputTokenLimit": 1_000_000,
            "outputTokenLimit": 64_000,
            "supportedGenerationMethods": ["generateContent"],
        }
        return {"models": [row]}
    return {
        "object": "list",
        "data": [{"id": "gpt-5.5", "object": "model", "created": 1, "owned_by": "openai"}],
    }


def _tags(_exchange: Exchange) -> Any:
    row = {
        "name": PULLED,
        "model": PULLED,
        "size": 5,
        "details": {"context_length": 131_072},
        "capabilities": ["completion", "tools"],
    }
    return {"models": [row]}


def _show(_exchange: Exchange) -> Any:
    details = {"family": "llama", "parameter_size": "3.2B", "quantization_level": "Q4_K_M"}
    about = {"general.architecture": "llama", "llama.context_length": 131_072}
    return {
        "details": details,
        "model_info": about,
        "capabilities": ["completion", "tools"],
        "license": "MIT",
    }


def _running(_exchange: Exchange) -> Any:
    return {"models": [{"name": PULLED, "model": PULLED, "size": 5, "size_vram": 0}]}


def _loaded(exchange: Exchange) -> Any:
    """To a request that only loads or unloads a model."""
    return {"model": exchange.json["model"], "response": "", "done": True, "done_reason": "unload"}


_LISTS = {
    "models": _models,
    "tags": _tags,
    "generations": _images,
    "edits": _images,
    "show": _show,
    "ps": _running,
    "generate": _loaded,
}

_LAYER = {"status": "pulling 970aa74c0a90", "digest": "sha256:970aa74c0a90", "total": 1000}
_PULL = tuple(
    line(step)
    for step in (
        {"status": "pulling manifest"},
        {**_LAYER, "completed": 300},
        {**_LAYER, "completed": 1000},
        {"status": "verifying sha256 digest"},
        {"status": "success"},
    )
)


@dataclass
class Authority:
    """A certificate for localhost and a key, made for this run, in files."""

    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, *hosts: str) -> Authority:
        """A self-signed one, good for the hosts named and for this machine."""
        made, key = signed_by_itself(("localhost", *hosts), ("127.0.0.1",))
        certificate, secret = folder / "certificate.pem", folder / "key.pem"
        certificate.write_bytes(made)
        secret.write_bytes(key)
        return cls(certificate, secret)

    def context(self) -> ssl.SSLContext:
        """For a server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        """For a client that trusts nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))


@dataclass
class LiveServer:
    """Gemini Live: every message of a client is kept; a turn in writing is answered."""

    url: str = ""
    paths: list[str] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    calls_a_function: bool = False
    closes_with: int | None = None

    async def converse(self, connection: ServerConnection) -> None:
        """One session."""
        assert connection.request is not None
        self.paths.append(connection.request.path)
        async for raw in connection:
            message = json.loads(raw)
            self.messages.append(message)
            if "setup" in message:
                await connection.send(json.dumps({"setupComplete": {}}))
            elif self.closes_with is not None:
                await connection.close(self.closes_with, "The service says why.")
                return
            elif _asks(message):
                # A client may leave before it has heard everything.
                with suppress(ConnectionClosed):
                    await self._answer(connection)

    async def _answer(self, connection: ServerConnection) -> None:
        sound = {
            "inlineData": {"mimeType": "audio/pcm;rate=24000", "data": base64.b64encode(bytes(480)).decode()}
        }
        if self.calls_a_function:
            call = {"id": "call-1", "name": "get_weather", "args": {"location": "Boston"}}
            await connection.send(json.dumps({"toolCall": {"functionCalls": [call]}}))
        for content in (
            {"modelTurn": {"role": "model", "parts": [{"text": GREETING}]}},
            {"modelTurn": {"role": "model", "parts": [sound]}},
            {"outputTranscription": {"text": GREETING}},
            {"generationComplete": True},
            {"turnComplete": True},
        ):
            await connection.send(json.dumps({"serverContent": content}))


def _asks(message: dict[str, Any]) -> bool:
    """Whether it ends a turn: as Google's own client writes it, or as we do."""
    sent = message.get("realtimeInput", {})
    return (
        "clientContent" in message or "client_content" in message or "text" in sent or "activityEnd" in sent
    )


@asynccontextmanager
async def live_server(authority: Authority) -> AsyncIterator[LiveServer]:
    """Gemini Live behind TLS, which Google's client insists on."""
    server = LiveServer()
    async with serve(server.converse, "127.0.0.1", 0, ssl=authority.context()) as running:
        port = next(iter(running.sockets)).getsockname()[1]
        server.url = f"https://localhost:{port}"
        yield server
