"""OpenAI's chat completions in bytes: a row of the parity matrix."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.openai import ChatCompletionDecoder, OpenAICompatibleProvider
from tests.dialects.base import Dialect, sse


def _openai_delta(delta: dict[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return sse({**head, "choices": [choice], "usage": None})


def _openai_finish(reason: str) -> bytes:
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    return _openai_delta({}, reason) + sse({"choices": [], "usage": usage}) + b"data: [DONE]\n\n"


def _openai_error(_status: int, message: str, code: str) -> Any:
    codes = {
        "key": "invalid_api_key",
        "model": "model_not_found",
        "rate": "rate_limit_exceeded",
        "server": "server_error",
        "context": "context_length_exceeded",
    }
    return {"error": {"message": message, "type": "some_error", "param": None, "code": codes[code]}}


OPENAI = Dialect(
    name="openai",
    path="/v1/chat/completions",
    key_header="authorization",
    build=lambda http, url, key: OpenAICompatibleProvider(
        "openai", "OpenAI", f"{url}/v1", http, StaticCredentials({"openai": key} if key is not None else {})
    ),
    decoder=ChatCompletionDecoder,
    text=lambda text: _openai_delta({"content": text}),
    reasoning=lambda text: _openai_delta({"reasoning_content": text}),
    finish=_openai_finish,
    error_body=_openai_error,
    error_frame=lambda message: sse({"error": {"message": message, "type": "server_error", "code": None}}),
    blocked=(_openai_delta({"content": ""}, "content_filter"),),
    models={"object": "list", "data": [{"id": "gpt-5.4"}, {"id": "text-embedding-3-small"}]},
)
