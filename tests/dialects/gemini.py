"""Gemini's generateContent in bytes: a row of the parity matrix."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.gemini.decoding import GenerateContentDecoder
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from tests.dialects.base import Call, Dialect, Piece, Sent, sse


def _gemini_chunk(parts: list[Any], reason: str | None = None, **more: Any) -> bytes:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return sse({"candidates": [candidate], "modelVersion": "m", **more})


def _gemini_finish(reason: str) -> bytes:
    usage = {
        "promptTokenCount": 11,
        "candidatesTokenCount": 7,
        "totalTokenCount": 18,
    }
    names = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP"}
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


def _gemini_tool_calls(calls: Sequence[Call]) -> bytes:
    """A chunk for each call, whole as Gemini sends them, with the arguments as the model wrote them."""
    frames = b""
    for call in calls:
        part = {"functionCall": {"id": call.id, "name": call.name, "args": "ARGUMENTS"}}
        frames += _gemini_chunk([part]).replace(b'"ARGUMENTS"', call.arguments.encode())
    return frames


def _gemini_image(mime: str, data: bytes) -> bytes:
    return _gemini_chunk([{"inlineData": {"mimeType": mime, "data": base64.b64encode(data).decode()}}])


def _gemini_read(body: Any) -> Sent:
    config = body.get("generationConfig", {})
    schema = config.get("responseJsonSchema", "object")
    return Sent(
        system="".join(part["text"] for part in body.get("systemInstruction", {}).get("parts", ())),
        turns=[_read_turn(content) for content in body["contents"]],
        tools=[
            (tool["name"], tool.get("description", ""), tool.get("parametersJsonSchema"))
            for group in body.get("tools", ())
            for tool in group.get("functionDeclarations", ())
        ],
        tool_choice=_read_choice(body.get("toolConfig", {}).get("functionCallingConfig")),
        json=schema if config.get("responseMimeType") == "application/json" else None,
        temperature=config.get("temperature"),
        max_tokens=config.get("maxOutputTokens"),
    )


def _read_turn(content: Mapping[str, Any]) -> tuple[str, list[Piece]]:
    pieces = [_read_part(part) for part in content["parts"]]
    if any(piece[0] == "result" for piece in pieces):
        return "tool", pieces
    return {"model": "assistant", "user": "user"}[content["role"]], pieces


def _read_part(part: Mapping[str, Any]) -> Piece:
    if "text" in part:
        return "text", part["text"]
    if "functionCall" in part:
        call = part["functionCall"]
        return "call", call.get("id", ""), call["name"], call["args"]
    if "functionResponse" in part:
        result = part["functionResponse"]
        response = result["response"]
        text = response.get("output", response.get("error"))
        shown = text if isinstance(text, str) else json.dumps(response, ensure_ascii=False)
        return "result", result.get("id") or result["name"], shown
    blob = part.get("inlineData") or part["fileData"]
    kind = blob["mimeType"].partition("/")[0]
    data = base64.b64decode(blob["data"], validate=True) if "data" in blob else blob["fileUri"]
    return kind if kind in {"image", "audio", "video"} else "document", blob["mimeType"], data


def _read_choice(config: Mapping[str, Any] | None) -> str | None:
    if config is None:
        return None
    names = config.get("allowedFunctionNames")
    return names[0] if names else {"AUTO": "auto", "NONE": "none", "ANY": "required"}[config["mode"]]


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
    tool_calls=_gemini_tool_calls,
    image=_gemini_image,
    read=_gemini_read,
)
