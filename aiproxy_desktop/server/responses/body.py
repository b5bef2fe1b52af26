"""The body of `POST /v1/responses` (openai-python 3.57.0, `response_create_params`), for the core."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.core.model_rules import RESPONSES_TOOLS
from aiproxy_desktop.server.clients import NO_PROVIDERS
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.field_types import check_types, is_usual, kinds
from aiproxy_desktop.server.responses.input import read_input
from aiproxy_desktop.services.web_search import web_search_of

# Read here; `include` asks for what comes in any case, or is not to be had.
_READ = frozenset(
    {"model", "input", "instructions", "stream", "stream_options", "store", "background", "metadata"}
    | {"include", "text", "reasoning", "tools", "tool_choice", "temperature", "max_output_tokens"}
    | {"top_logprobs", "previous_response_id", "conversation", "prompt"}
)

_REFUSED = {
    "previous_response_id": "No answers are kept here. Send the whole conversation as “input”.",
    "conversation": "No conversations are kept here. Send the whole one as “input”.",
    "prompt": "No prompts are kept here. Send its text as “instructions” and “input”.",
    "store": "Nothing is kept here. Leave out “store”, or set it to false.",
    "background": "Answers are not kept here to be fetched later. Leave out “background”.",
}
_KINDS = kinds(
    text="instructions service_tier truncation user safety_identifier prompt_cache_key",
    number="temperature top_p",
    whole="max_output_tokens max_tool_calls",
    flag="stream store background parallel_tool_calls",
    object="text reasoning metadata",
    list="tools include",
)
# Who speaks other dialects than OpenAI's: they have none of its tools, and of these fields no use.
_OTHERS = frozenset({"gemini", "anthropic", "ollama", "builtin"})
_HINTS = frozenset(
    {"user", "safety_identifier", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"}
    | {"service_tier", "truncation", "verbosity", "max_tool_calls", "moderation", "context_management"}
)


@dataclass(frozen=True, slots=True)
class ResponsesAsked:
    """What a client wants.

    Attributes:
        messages: values of the core's and dictionaries that it reads.
        options: for `CompletionClient.stream`; the provider's own fields among them as `extra_body`.
        stream: whether the answer comes piece by piece.
        echo: the fields of the request that every response repeats.
        notes: what was left out of the request, and why.
    """

    messages: list[Message | dict[str, Any]]
    options: dict[str, Any]
    stream: bool
    echo: dict[str, Any]
    notes: tuple[Noted, ...] = ()


def read_responses(body: Mapping[str, Any], provider: str) -> ResponsesAsked:
    """What a body asks for. Fields that nothing here knows go to the provider as they are.

    Args:
        body: the JSON object.
        provider: id of whoever is to answer, on whom it depends how some tools are called.

    Raises:
        Refusal: a field is wrong, or asks for what is not to be had here.
        InvalidRequestError: an item of the input is wrong.
    """
    check_types(body, _KINDS)
    for name, sentence in _REFUSED.items():
        if body.get(name):
            raise Refusal(400, sentence, param=name, code="unsupported_parameter")
    if body.get("top_logprobs"):
        sentence = "The field “top_logprobs” asks for what is not told here. Leave it out."
        raise Refusal(400, sentence, param="top_logprobs", code="unsupported_parameter")
    text, reasoning = body.get("text") or {}, body.get("reasoning") or {}
    extra, notes = _extra(body, text, provider)
    options: dict[str, Any] = {
        "system_instruction": body.get("instructions"),
        "temperature": body.get("temperature"),
        "max_tokens": body.get("max_output_tokens"),
        "response_format": text.get("format"),
        "effort": reasoning.get("effort"),
        **_tools(body, provider),
        "extra_body": extra or None,
    }
    given = {name: value for name, value in options.items() if value is not None}
    messages, echo = read_input(body.get("input")), _echo(body, text, reasoning)
    return ResponsesAsked(messages, given, bool(body.get("stream")), echo, notes)


def _extra(
    body: Mapping[str, Any], text: Mapping[str, Any], provider: str
) -> tuple[dict[str, Any], tuple[Noted, ...]]:
    """The provider's own fields, and notes about those that are left out."""
    given = {**body, "verbosity": text.get("verbosity")}
    beside = given.keys() - _READ - NO_PROVIDERS
    extra = {name: given[name] for name in sorted(beside) if not is_usual(name, given[name])}
    without = [name for name in extra if name in _HINTS] if provider in _OTHERS else []
    notes = [Noted(name, "It means nothing to this model, so it was left out.") for name in without]
    included = [one for one in body.get("include") or () if one != "reasoning.encrypted_content"]
    if included:
        notes.append(Noted("include", "Only reasoning.encrypted_content is to be had, and always comes."))
    return {name: value for name, value in extra.items() if name not in without}, tuple(notes)


def _tools(body: Mapping[str, Any], provider: str) -> dict[str, Any]:
    """The options about tools: those of the client, and of OpenAI's own those that the provider has."""
    tools = body.get("tools") or []
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping) and choice.get("type") == "allowed_tools":
        allowed = choice.get("tools")
        if not isinstance(allowed, list):
            raise Refusal(400, "The field “tool_choice” allows no list of tools.", param="tool_choice")
        names = [one.get("name") for one in allowed if isinstance(one, Mapping)]
        tools = [one for one in tools if not isinstance(one, Mapping) or one.get("name") in names]
        choice = choice.get("mode", "auto")
    found: list[Any] = []
    pictures = False
    for tool in tools:
        kind = tool.get("type") if isinstance(tool, Mapping) else None
        if kind == "image_generation" and (provider in _OTHERS or len(tool) == 1):
            pictures = True
        elif isinstance(kind, str) and kind != "function":
            found.append(_hosted(tool, kind, provider))
        else:
            found.append(tool)
    return {
        "tools": found or None,
        "tool_choice": choice if found or not pictures else None,
        "return_images": pictures or None,
    }


def _hosted(tool: Mapping[str, Any], kind: str, provider: str) -> Mapping[str, Any]:
    """A tool that the provider runs itself, in its own words."""
    if kind in {"web_search", "web_search_preview"} and provider in _OTHERS:
        search = web_search_of(provider)
        if search is not None and search.tool is not None:
            return search.tool.spec
    if kind in RESPONSES_TOOLS and provider not in _OTHERS:
        return tool
    if kind == "custom" or kind in RESPONSES_TOOLS:
        raise Refusal(400, f"This model has no tool “{kind}”. Give it functions instead.", param="tools")
    return tool  # a provider's own


def _echo(body: Mapping[str, Any], text: Mapping[str, Any], reasoning: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "background": False,
        "instructions": body.get("instructions"),
        "max_output_tokens": body.get("max_output_tokens"),
        "max_tool_calls": body.get("max_tool_calls"),
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls") is not False,
        "previous_response_id": None,
        "reasoning": {"effort": reasoning.get("effort"), "summary": reasoning.get("summary")},
        "service_tier": body.get("service_tier"),
        "store": False,
        "temperature": body.get("temperature"),
        "text": {"format": {"type": "text"}, **{name: one for name, one in text.items() if one is not None}},
        "tool_choice": body.get("tool_choice") or "auto",
        "tools": body.get("tools") or [],
        "top_p": body.get("top_p"),
        "truncation": body.get("truncation") or "disabled",
        "user": body.get("user"),
    }
