"""Each provider's dialect in bytes: the rows of the parity matrix."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers.gemini import GeminiProvider, GenerateContentDecoder
from aiproxy_desktop.core.providers.ollama import OllamaChatDecoder, OllamaProvider
from aiproxy_desktop.core.providers.openai import ChatCompletionDecoder, OpenAICompatibleProvider
from tests.wire import Reply

KEY = "sk-test-0123456789abcdefghij"
USAGE = Usage(11, 7)


@dataclass(frozen=True)
class Dialect:
    """How one provider says each thing.

    `error_body` makes the body of a refusal from its status, message and the dialect's own code for
    it ("key", "model", "rate", "server", "context").
    """

    name: str
    path: str
    key_header: str | None
    build: Callable[[HttpClient, str, str | None], Provider]
    decoder: Callable[[Fail], AnswerDecoder]
    text: Callable[[str], bytes]
    reasoning: Callable[[str], bytes]
    finish: Callable[[str], bytes]
    error_body: Callable[[int, str, str], Any]
    error_frame: Callable[[str], bytes]
    blocked: tuple[bytes, ...]
    models: Any

    def reply(self, *pieces: bytes, ending: Any = "end", delay: float = 0.0) -> Reply:
        """A streamed answer, cut as given."""
        make = Reply.lines if self.name == "ollama" else Reply.events
        return make(*pieces, ending=ending, delay=delay)

    def refusal(
        self, status: int, code: str, message: str = "", headers: dict[str, str] | None = None
    ) -> Reply:
        """A refusal before the stream."""
        return Reply.json(self.error_body(status, message, code), status, headers)


def sse(value: Any, name: str = "") -> bytes:
    """One server-sent event, with characters outside ASCII as they are."""
    event = f"event: {name}\n" if name else ""
    return f"{event}data: {json.dumps(value, ensure_ascii=False)}\n\n".encode()


def line(value: Any) -> bytes:
    """One JSON line."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


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


def _gemini_chunk(parts: list[Any], reason: str | None = None, **more: Any) -> bytes:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return sse({"candidates": [candidate], "modelVersion": "m", **more})


def _gemini_finish(reason: str) -> bytes:
    usage = {
        "promptTokenCount": 11,
        "candidatesTokenCount": 4,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 18,
    }
    names = {"stop": "STOP", "length": "MAX_TOKENS"}
    return _gemini_chunk([{"text": ""}], names[reason], usageMetadata=usage)


def _gemini_error(status: int, message: str, code: str) -> Any:
    names = {
        "key": "INVALID_ARGUMENT",
        "model": "NOT_FOUND",
        "rate": "RESOURCE_EXHAUSTED",
        "server": "INTERNAL",
        "context": "INVALID_ARGUMENT",
    }
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    messages = {
        "model": "models/m is not found for API version v1beta.",
        "context": "The input token count (1000001) exceeds the maximum number of tokens allowed (1000000).",
    }
    error: dict[str, Any] = {
        "code": status,
        "message": messages.get(code, "") + message,
        "status": names[code],
    }
    return {"error": {**error, "details": details} if code == "key" else error}


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

GEMINI = Dialect(
    name="gemini",
    path="/v1beta/models/m:streamGenerateContent?alt=sse",
    key_header="x-goog-api-key",
    build=lambda http, url, key: GeminiProvider(
        http, StaticCredentials({"gemini": key} if key is not None else {}), url
    ),
    decoder=GenerateContentDecoder,
    text=lambda text: _gemini_chunk([{"text": text}]),
    reasoning=lambda text: _gemini_chunk([{"text": text, "thought": True}]),
    finish=_gemini_finish,
    error_body=_gemini_error,
    error_frame=lambda message: sse({"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}}),
    blocked=(sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "m"}),),
    models={
        "models": [
            {
                "name": "models/gemini-3.8-flash",
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            },
            {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
        ]
    },
)

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

DIALECTS = (OPENAI, GEMINI, OLLAMA)
KEYED = (OPENAI, GEMINI)
