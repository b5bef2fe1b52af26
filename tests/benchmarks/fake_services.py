"""OpenAI, Gemini and Ollama as fast as loopback allows, in a process of their own: bytes made beforehand.

    with fake_services() as url: ...

The prompt says what to answer: `tokens=20` words; `together=1000` waits for so many requests and sends all
of their answers side by side, ten tokens at a time, `every=50` milliseconds; `fault=500`, `fault=abort` and
`fault=silence` fail. A list of models takes a second where its path begins with /slow. Each token is an HTTP
chunk of its own, as live services send them.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.benchmarks.harness import REPOSITORY

_WORD = " token"
_GROUP = 10


def _sse(value: Any) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def _openai(choice: dict[str, Any], kind: str, usage: int | None = None) -> dict[str, Any]:
    count = {"prompt_tokens": 12, "completion_tokens": usage, "total_tokens": 12 + (usage or 0)}
    return {
        "id": "chatcmpl-CPx1Q2w3e4r5t6y7u8i9o0p",
        "object": kind,
        "created": 1770000000,
        "model": "gpt-4.1-2025-04-14",
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [{"index": 0, **choice, "logprobs": None}] if choice else [],
        "usage": None if usage is None else count,
    }


def _openai_frames(tokens: int) -> list[bytes]:
    kind = "chat.completion.chunk"
    first = {"delta": {"role": "assistant", "content": "", "refusal": None}, "finish_reason": None}
    word = _sse(_openai({"delta": {"content": _WORD}, "finish_reason": None}, kind))
    last = _sse(_openai({"delta": {}, "finish_reason": "stop"}, kind))
    end = _sse(_openai({}, kind, tokens)) + b"data: [DONE]\n\n"
    return [_sse(_openai(first, kind)), *[word] * tokens, last, end]


def _gemini(text: str, tokens: int, reason: str | None = None) -> bytes:
    candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
    if reason:
        candidate["finishReason"] = reason
    usage = {
        "promptTokenCount": 12,
        "candidatesTokenCount": tokens,
        "totalTokenCount": 12 + tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}],
    }
    value = {
        "candidates": [candidate],
        "usageMetadata": usage,
        "modelVersion": "gemini-2.5-flash",
        "responseId": "Q2w3e4r5t6y7u8i9o0p",
    }
    return b"data: " + json.dumps(value).encode() + b"\r\n\r\n"


def _gemini_frames(tokens: int) -> list[bytes]:
    return [_gemini(_WORD, number + 1) for number in range(tokens - 1)] + [_gemini(_WORD, tokens, "STOP")]


def _ollama(text: str, done: int | None = None) -> bytes:
    value: dict[str, Any] = {
        "model": "llama2",
        "created_at": "2026-02-02T02:02:02.123456789Z",
        "message": {"role": "assistant", "content": text},
        "done": done is not None,
    }
    if done is not None:
        value |= {
            "done_reason": "stop",
            "total_duration": 174560334,
            "load_duration": 101397084,
            "prompt_eval_count": 12,
            "prompt_eval_duration": 13074791,
            "eval_count": done,
            "eval_duration": 52479709,
        }
    return json.dumps(value).encode() + b"\n"


def _chunked(frames: list[bytes]) -> list[bytes]:
    return [b"%x\r\n%b\r\n" % (len(frame), frame) for frame in frames] + [b"0\r\n\r\n"]


def _head(content_type: str, length: int | None = None) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\n{size}\r\n\r\n".encode()


def _json(value: Any) -> tuple[bytes, list[bytes]]:
    body = json.dumps(value).encode() if not isinstance(value, bytes) else value
    return _head("application/json", len(body)), [body]


@cache
def _answer(dialect: str, streamed: bool, tokens: int) -> tuple[bytes, list[bytes]]:
    """Head and chunks of an answer."""
    if dialect == "openai" and streamed:
        return _head("text/event-stream; charset=utf-8"), _chunked(_openai_frames(tokens))
    if dialect == "openai":
        message: dict[str, Any] = {
            "role": "assistant",
            "content": _WORD * tokens,
            "refusal": None,
            "annotations": [],
        }
        return _json(_openai({"message": message, "finish_reason": "stop"}, "chat.completion", tokens))
    if dialect == "gemini":
        return _head("text/event-stream"), _chunked(_gemini_frames(tokens))
    if streamed:
        return _head("application/x-ndjson"), _chunked([*[_ollama(_WORD)] * tokens, _ollama("", tokens)])
    return _json(_ollama(_WORD * tokens, tokens))


def _models(path: str) -> tuple[bytes, list[bytes]]:
    if "/api/" in path:
        return _json({"models": [{"name": "llama2", "model": "llama2", "digest": "78e26419b446"}]})
    return _json({"object": "list", "data": [{"id": "gpt-4.1", "object": "model"}]})


class _Connection(asyncio.Protocol):
    """Requests in order, each answered at once or together with the others."""

    waiting: list[tuple[_Connection, bytes, list[bytes]]]

    def __init__(self, waiting: list[tuple[_Connection, bytes, list[bytes]]]) -> None:
        self.waiting = waiting
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        if not mark:
            return
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        size = int(length[1]) if length else 0
        if len(rest) >= size:
            self._received = rest[size:]
            self._reply(head.split(b" ", 2)[1].decode(), rest[:size])

    def write(self, data: bytes) -> None:
        """To the client, if it is still there."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _reply(self, path: str, body: bytes) -> None:
        if not body:
            head, chunks = _models(path)
            delay = 1.0 if path.startswith("/slow") else 0.0
            asyncio.get_running_loop().call_later(delay, self.write, head + b"".join(chunks))
            return
        fault = re.search(rb"fault=(\w+)", body)
        if fault:
            self._fail(fault[1].decode())
            return
        dialect = "ollama" if "/api/" in path else "gemini" if "enerateContent" in path else "openai"
        head, chunks = _answer(dialect, bool(re.search(rb'"stream": ?true', body)), _asked(b"tokens", body))
        together = _asked(b"together", body)
        if together <= 1:
            self.write(head + b"".join(chunks))
            return
        self.waiting.append((self, head, chunks))
        if len(self.waiting) == together:
            asyncio.get_running_loop().call_soon(
                _send_together, self.waiting[:], 0, _asked(b"every", body) / 1000
            )
            self.waiting.clear()

    def _fail(self, fault: str) -> None:
        """What services do on a bad day; `silence` says nothing at all."""
        if fault == "abort":
            head, chunks = _answer("openai", streamed=True, tokens=50)
            self.write(head + b"".join(chunks[:20]))
            if self._transport is not None:
                self._transport.close()
        elif fault != "silence":
            kind = {"400": "invalid_request_error", "429": "rate_limit_error"}.get(fault, "server_error")
            body = json.dumps({"error": {"message": "Not now.", "type": kind}}).encode()
            line = f"HTTP/1.1 {int(fault)} No\r\nContent-Type: application/json\r\n"
            self.write(f"{line}Retry-After: 0\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def _asked(name: bytes, body: bytes) -> int:
    found = re.search(name + rb"=(\d+)", body)
    return int(found[1]) if found else 1


def _send_together(waiting: list[tuple[_Connection, bytes, list[bytes]]], sent: int, every: float) -> None:
    for connection, head, chunks in waiting:
        connection.write((b"" if sent else head) + b"".join(chunks[sent : sent + _GROUP]))
    if any(len(chunks) > sent + _GROUP for _, _, chunks in waiting):
        asyncio.get_running_loop().call_later(every, _send_together, waiting, sent + _GROUP, every)


async def _serve() -> None:
    waiting: list[tuple[_Connection, bytes, list[bytes]]] = []
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(waiting), "127.0.0.1", 0, backlog=2048
    )
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def fake_services() -> Iterator[str]:
    """The address of a server that lives as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.fake_services"],
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
