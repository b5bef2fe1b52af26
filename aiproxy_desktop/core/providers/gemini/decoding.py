"""Answers in Gemini's words: chunks of generateContent to events."""

from __future__ import annotations

import os
from typing import Any

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.events import (
    FinishReason,
    ImageReceived,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import MAX_FRAME_BYTES, SseDecoder
from aiproxy_desktop.core.providers.gemini.writing import PROVIDER, Opaque
from aiproxy_desktop.core.wire_json import decode_json, encode_json

# google-genai 3.4.0, `types.FinishReason`.
_FINISH_REASONS: dict[str, FinishReason] = {"STOP": "stop", "MAX_TOKENS": "length", "CONTINUATION": "length"}
_UNSPECIFIED = "FINISH_REASON_UNSPECIFIED"
_BLOCKED = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}
    | {"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"}
    | {"JAILBREAK", "MODEL_ARMOR", "ESCALATION", "PUP_LIMITED_DISABLED"}
)
# The model tried something that was not asked for; asking again often helps.
_FAILED = frozenset(
    {"OTHER", "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL"}
    | {"TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "NO_IMAGE", "IMAGE_OTHER"}
)
_NOTHING = (b"", b"null")


class _Blob(msgspec.Struct, gc=False, rename="camel"):
    mime_type: str = ""
    data: bytes = b""


class _FunctionCall(msgspec.Struct, gc=False):
    id: str | None = None
    name: str = ""
    args: msgspec.Raw = msgspec.Raw()


class _Code(msgspec.Struct, gc=False):
    code: str = ""
    language: str = ""


class _CodeResult(msgspec.Struct, gc=False):
    outcome: str = ""
    output: str = ""


class _Part(msgspec.Struct, gc=False, rename="camel"):
    text: str | None = None
    thought: bool | None = None
    thought_signature: str | None = None
    function_call: _FunctionCall | None = None
    inline_data: _Blob | None = None
    executable_code: _Code | None = None
    code_execution_result: _CodeResult | None = None
    # What a provider's own tools did, which it wants to see again as it was.
    tool_call: msgspec.Raw = msgspec.Raw()
    tool_response: msgspec.Raw = msgspec.Raw()


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None
    finish_message: str | None = None
    index: int | None = None


class _Feedback(msgspec.Struct, gc=False, rename="camel"):
    block_reason: str | None = None


class _Modality(msgspec.Struct, gc=False, rename="camel"):
    modality: str = ""
    token_count: int = 0


class _Usage(msgspec.Struct, gc=False, rename="camel"):
    prompt_token_count: int | None = None
    tool_use_prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None
    cached_content_token_count: int | None = None
    candidates_tokens_details: list[_Modality] | None = None


class _Chunk(msgspec.Struct, gc=False, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    error: Any = None


_chunk_decoder = msgspec.json.Decoder(_Chunk)
_chunks_decoder = msgspec.json.Decoder(list[_Chunk])


class GenerateContentDecoder(AnswerDecoder):
    """Chunks of generateContent to events. A finish reason is the only mark of the end."""

    def __init__(self, fail: Fail, frame_limit: int = MAX_FRAME_BYTES) -> None:
        super().__init__(SseDecoder(frame_limit), fail, frame_limit)
        self._heard = False
        self._candidate = False
        self._answered = False
        self._calls = 0
        self._counted: _Usage | None = None

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one chunk."""
        if not data or data.isspace():
            return
        chunk = decode_json(_chunk_decoder, data)
        if chunk.error:
            raise self._fail(read_refusal(data) or Refusal())
        self._take(chunk, events)

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read the JSON array, or the one object, that a proxy without server-sent events gives."""
        if body.lstrip().startswith(b"["):
            for chunk in decode_json(_chunks_decoder, body):
                self._take(chunk, events)
        else:
            self.decode_frame(body, events)

    def end(self) -> list[StreamEvent]:
        """The last events; an answer without any candidate is a failure, not a stream that broke off."""
        events = super().end()
        if self.failure is None and self._heard and not self._candidate:
            self.failure = self._fail(Refusal("It sent neither an answer nor a reason for having none."))
        return events

    def _closing(self) -> list[StreamEvent]:
        if self._counted is not None:
            self.usage = _usage(self._counted)
        return super()._closing()

    def _take(self, chunk: _Chunk, events: list[StreamEvent]) -> None:
        self._heard = True
        if chunk.usage_metadata is not None:
            self._counted = chunk.usage_metadata  # so far: every chunk has a count
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            raise self.blocked(chunk.prompt_feedback.block_reason)
        for candidate in chunk.candidates or ():
            if not candidate.index:  # the first one; others come only where they were asked for
                self._take_candidate(candidate, events)

    def _take_candidate(self, candidate: _Candidate, events: list[StreamEvent]) -> None:
        self._candidate = True
        for part in (candidate.content.parts if candidate.content is not None else None) or ():
            if part.text:
                self._answered = True
                events.append(ReasoningDelta(part.text) if part.thought else TextDelta(part.text))
                if part.thought_signature:
                    events.append(_signature(part))
            else:
                self._take_other(part, events)
        if candidate.finish_reason and candidate.finish_reason != _UNSPECIFIED:
            self._finish(candidate.finish_reason, candidate.finish_message or "")

    def _take_other(self, part: _Part, events: list[StreamEvent]) -> None:
        """Whatever is not text."""
        if part.function_call is not None:
            self._take_call(part.function_call, events)
        elif part.inline_data is not None:
            if not _add_image(part.inline_data, bool(part.thought), events):
                return
        elif part.executable_code is not None or part.code_execution_result is not None:
            text = _code_text(part)
            if text:
                events.append(TextDelta(text if not self._answered else f"\n\n{text}"))
        elif _holds(part.tool_call) or _holds(part.tool_response) or part.thought_signature:
            events.append(_whole_part(part))
            return
        else:
            return
        self._answered = True
        if part.thought_signature:
            events.append(_signature(part))

    def _take_call(self, call: _FunctionCall, events: list[StreamEvent]) -> None:
        arguments = bytes(call.args).decode("utf-8", "replace") if _holds(call.args) else "{}"
        name = call.id or f"call_{os.urandom(12).hex()}"
        events.append(ToolCallDelta(self._calls, name, call.name, arguments))
        self._calls += 1
        if self.finish == "stop":
            self.finish = "tool_calls"

    def _finish(self, reason: str, message: str) -> None:
        if reason in _BLOCKED:
            raise self.blocked(reason)
        if reason in _FAILED or (reason not in _FINISH_REASONS and not self._answered):
            said = f" {message[:300]}" if message else ""
            raise self._fail(Refusal(f"It ended the answer with the reason {reason[:60]}.{said}"))
        self.finish = _FINISH_REASONS.get(reason, "stop")
        if self._calls and self.finish == "stop":
            self.finish = "tool_calls"


def _holds(raw: msgspec.Raw) -> bool:
    return bytes(raw) not in _NOTHING


def _signature(part: _Part) -> OpaqueReceived:
    opaque = Opaque(thought_signature=part.thought_signature or "")
    return OpaqueReceived(PROVIDER, encode_json(opaque).decode())


def _whole_part(part: _Part) -> OpaqueReceived:
    """A part that means something to Gemini alone: what its tools did, or a signature of nothing."""
    written: dict[str, Any] = {
        name: raw
        for name, raw in (("toolCall", part.tool_call), ("toolResponse", part.tool_response))
        if _holds(raw)
    }
    if not written:
        written["text"] = ""
        if part.thought:
            written["thought"] = True
    if part.thought_signature:
        written["thoughtSignature"] = part.thought_signature
    return OpaqueReceived(PROVIDER, encode_json(Opaque(part=msgspec.Raw(encode_json(written)))).decode())


def _add_image(blob: _Blob, thought: bool, events: list[StreamEvent]) -> bool:
    """Whether there was an image that stays; one among the thoughts is replaced by the answer's."""
    mime = blob.mime_type.partition(";")[0].strip().lower() or "image/png"
    if not blob.data or not mime.startswith("image/"):
        return False
    events.append(ImageReceived(mime, blob.data, preview=thought))
    return not thought


def _code_text(part: _Part) -> str:
    """Code that was run, or what it gave, as Markdown shows it."""
    if part.executable_code is not None:
        language = part.executable_code.language.lower()
        return _fenced(part.executable_code.code, "" if "unspecified" in language else language)
    assert part.code_execution_result is not None
    result = part.code_execution_result
    outcome = "" if result.outcome in {"", "OUTCOME_OK"} else result.outcome.removeprefix("OUTCOME_")
    return _fenced("\n".join(text for text in (outcome, result.output) if text), "text")


def _fenced(text: str, language: str) -> str:
    if not text.strip():
        return ""
    fence = "```"
    while fence in text:
        fence += "`"
    end = "" if text.endswith("\n") else "\n"
    return f"{fence}{language}\n{text}{end}{fence}\n\n"


def _usage(usage: _Usage) -> Usage:
    """What tools gave is read like the prompt; thoughts are counted apart and paid for as answer."""
    given, answered = usage.prompt_token_count, usage.candidates_token_count
    if usage.tool_use_prompt_token_count is not None:
        given = (given or 0) + usage.tool_use_prompt_token_count
    if usage.thoughts_token_count is not None:
        answered = (answered or 0) + usage.thoughts_token_count
    details = usage.candidates_tokens_details
    images = sum(one.token_count for one in details if one.modality == "IMAGE") if details else None
    return Usage(given, answered, usage.cached_content_token_count, usage.thoughts_token_count, images)
