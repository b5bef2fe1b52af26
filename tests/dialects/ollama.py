"""Ollama's /api/chat in bytes: a row of the parity matrix."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.core.providers.ollama import OllamaChatDecoder, OllamaProvider
from tests.dialects.base import Dialect, line


def _ollama_line(message: dict[str, Any], **more: Any) -> bytes:
    return line(
        {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": message, "done": False, **more}
    )


def _ollama_finish(reason: str) -> bytes:
    return _ollama_line(
        {"role": "assistant", "content": ""},
        done=True,
        done_reason=reason,
        prompt_eval_count=11,
        eval_count=7,
    )


def _ollama_error(_status: int, message: str, code: str) -> Any:
    messages = {
        "model": "model 'm' not found",
        "context": "the input length exceeds the context length",
        "key": "unauthorized",
        "rate": "too many requests",
        "server": "llama runner process has terminated",
    }
    return {"error": f"{messages[code]} {message}".strip()}


OLLAMA = Dialect(
    name="ollama",
    path="/api/chat",
    key_header=None,
    build=lambda http, url, _key: OllamaProvider(http, url),
    decoder=OllamaChatDecoder,
    text=lambda text: _ollama_line({"role": "assistant", "content": text}),
    reasoning=lambda text: _ollama_line({"role": "assistant", "content": "", "thinking": text}),
    finish=_ollama_finish,
    error_body=_ollama_error,
    error_frame=lambda message: line({"error": message}),
    blocked=(),
    models={
        "models": [
            {
                "name": "llama3.2:latest",
                "model": "llama3.2:latest",
                "size": 5,
                "capabilities": ["completion"],
            },
            {
                "name": "nomic-embed-text:latest",
                "model": "nomic-embed-text:latest",
                "capabilities": ["embedding"],
            },
        ]
    },
)
