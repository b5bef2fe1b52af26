"""The seed-shaped face: dictionaries in, dictionaries out. Inside, only values go round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.events import Finished, ReasoningDelta, StreamEvent, TextDelta, Usage, UsageReported
from aiproxy_desktop.core.messages import CompletionRequest, Message, Role
from aiproxy_desktop.core.models import ModelInfo

_ROLES: dict[str, Role] = {role: role for role in get_args(Role)} | {
    "developer": "system",
    "model": "assistant",
}


def read_messages(
    messages: Iterable[Message | Mapping[str, Any]], system_instruction: str | None = None
) -> tuple[Message, ...]:
    """Messages as values; dictionaries are `{"role", "content"}` with text or a list of text parts.

    Raises:
        RequestError: a role or a kind of content that cannot be sent.
    """
    found = [message if isinstance(message, Message) else _read_message(message) for message in messages]
    if system_instruction:
        found.insert(0, Message.of("system", system_instruction))
    return tuple(found)


def completion(
    request: CompletionRequest, identity: str, created: int, answer: MessageAssembler
) -> dict[str, Any]:
    """A whole answer: id, object, created (seconds since the epoch), model, choices, usage."""
    message: dict[str, Any] = {"role": "assistant", "content": answer.text}
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    return {
        "id": identity,
        "object": "chat.completion",
        "created": created,
        "model": request.model,
        "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
        "usage": _usage(answer.usage),
    }


def chunk(request: CompletionRequest, identity: str, created: int, event: StreamEvent) -> dict[str, Any]:
    """One event as a chunk of a streamed answer."""
    delta: dict[str, str] = {}
    choices: list[dict[str, Any]] = [{"index": 0, "delta": delta, "finish_reason": None}]
    whole: dict[str, Any] = {
        "id": identity,
        "object": "chat.completion.chunk",
        "created": created,
        "model": request.model,
        "choices": choices,
    }
    if isinstance(event, TextDelta):
        delta["content"] = event.text
    elif isinstance(event, ReasoningDelta):
        delta["reasoning_content"] = event.text
    elif isinstance(event, Finished):
        choices[0]["finish_reason"] = event.reason
    elif isinstance(event, UsageReported):
        choices.clear()
        whole["usage"] = _usage(event.usage)
    else:
        delta |= {"role": "assistant", "content": ""}
    return whole


def model_entry(model: ModelInfo) -> dict[str, Any]:
    """A model as a dictionary; what is unknown is None."""
    return {
        "id": model.id,
        "provider": model.provider,
        "display_name": model.display_name,
        "context_limit": model.context_window,
        "output_limit": model.output_limit,
        "size_bytes": model.size_bytes,
        "local": model.local,
    }


def _read_message(message: Mapping[str, Any]) -> Message:
    role = _ROLES.get(str(message.get("role")))
    if role is None:
        raise RequestError(
            f"A message cannot have the role “{str(message.get('role'))[:40]}”",
            "Use system, user or assistant.",
        )
    content = message.get("content")
    parts = content if isinstance(content, list | tuple) else [content]
    return Message.of(role, "".join(_read_part(part) for part in parts))


def _read_part(part: Any) -> str:
    if part is None:
        return ""
    if isinstance(part, str):
        return part
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    text = part.get("text") if isinstance(part, Mapping) else None
    if kind == "text" and isinstance(text, str):
        return text
    raise RequestError(f"Content of the type “{str(kind)[:40]}” cannot be sent", "Messages hold text.")


def _usage(usage: Usage | None) -> dict[str, int | None]:
    given = usage.input_tokens if usage else None
    answered = usage.output_tokens if usage else None
    total = given + answered if given is not None and answered is not None else None
    return {"prompt_tokens": given, "completion_tokens": answered, "total_tokens": total}
