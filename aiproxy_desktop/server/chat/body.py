"""The body of a chat completion in OpenAI's words: what the core takes, what goes on, what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.server.chat.tool_arguments import with_readable_calls
from aiproxy_desktop.server.clients import NO_PROVIDERS
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.field_types import is_usual

# Fields that the core knows for every provider; it checks them itself.
_CORE = frozenset(
    {"temperature", "max_tokens", "max_completion_tokens", "tools", "tool_choice", "response_format"}
    | {"reasoning_effort", "modalities"}
)
# Read here, or by whoever reads the client of a request.
_READ = frozenset({"model", "messages", "stream", "stream_options", "n", "logprobs", "top_logprobs"})


@dataclass(frozen=True, slots=True)
class ChatAsked:
    """What a client wants.

    Attributes:
        messages: as they came; the core reads them.
        options: for `CompletionClient`; the provider's own fields among them as `extra_body`.
        stream: whether the answer comes piece by piece.
        include_usage: whether a stream tells the tokens at its end.
    """

    messages: list[Any]
    options: dict[str, Any]
    stream: bool
    include_usage: bool


def read_chat(body: Mapping[str, Any]) -> ChatAsked:
    """What a body asks for. Fields that nothing here knows go to the provider as they are.

    Raises:
        Refusal: a field is wrong, or asks for what is not to be had here.
    """
    messages = body.get("messages")
    if not isinstance(messages, list):
        raise _wrong("messages", "has to be a list of messages")
    stream = _flag(body, "stream")
    _refuse_what_cannot_be_had(body)
    include_usage = _stream_options(body.get("stream_options"), stream)
    options = {name: body[name] for name in _CORE & body.keys() if body[name] is not None}
    beside = body.keys() - _CORE - _READ - NO_PROVIDERS
    # Not as options by name: those hold what only the owner of this machine may ask for, as `auto_pull`.
    extra = {name: body[name] for name in sorted(beside) if not is_usual(name, body[name])}
    if extra:
        options["extra_body"] = extra
    messages = with_a_turn([with_readable_calls(one) for one in messages])
    return ChatAsked(messages, options, stream, include_usage)


def with_a_turn(messages: list[Any]) -> list[Any]:
    """OpenAI answers instructions alone, as some programs send them; others want something said by a user.

    Args:
        messages: as they came, or the core's own.

    Returns:
        the same, the last one as a user's where nobody has said anything.
    """
    roles = {one.get("role") if isinstance(one, dict) else None for one in messages}
    if not messages or not roles <= {"system", "developer"}:
        return messages
    return [*messages[:-1], {**messages[-1], "role": "user"}]


def _refuse_what_cannot_be_had(body: Mapping[str, Any]) -> None:
    number = body.get("n")
    if number not in (None, 1) or isinstance(number, bool):
        raise Refusal(400, "The field “n” can only be 1 here. Ask once for each answer.", param="n")
    if _flag(body, "logprobs") or body.get("top_logprobs"):
        name = "logprobs" if body.get("logprobs") else "top_logprobs"
        raise Refusal(400, f"The field “{name}” asks for what is not told here. Leave it out.", param=name)


def _stream_options(given: Any, stream: bool) -> bool:
    if given is None:
        return False
    if not isinstance(given, dict):
        raise _wrong("stream_options", "has to be an object")
    if not stream:
        raise _wrong("stream_options", "is only allowed where “stream” is true")
    return _flag(given, "include_usage", "stream_options.include_usage")


def _flag(body: Mapping[str, Any], name: str, shown: str = "") -> bool:
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise _wrong(shown or name, "has to be true or false")


def _wrong(name: str, sentence: str) -> Refusal:
    return Refusal(400, f"The field “{name}” {sentence}.", param=name)
