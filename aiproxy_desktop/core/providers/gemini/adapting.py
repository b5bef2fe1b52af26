"""Requests as one Gemini model takes them: what it would refuse is translated or left out, with a note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Message,
    NativeTool,
    ResponseFormat,
    TextPart,
    Tool,
)
from aiproxy_desktop.core.providers._base import split_system
from aiproxy_desktop.core.providers.gemini.config import SAMPLING, own_name
from aiproxy_desktop.core.providers.gemini.rules import GeminiRules
from aiproxy_desktop.core.wire_json import encode_json

_Step: TypeAlias = Callable[[CompletionRequest, GeminiRules, list[Noted]], CompletionRequest]


def adapted(request: CompletionRequest, rules: GeminiRules) -> tuple[CompletionRequest, tuple[Noted, ...]]:
    """The request as its model takes it, with a note for each thing changed or left out. Idempotent."""
    notes: list[Noted] = []
    for step in _STEPS:
        request = step(request, rules, notes)
    return request, tuple(notes)


def _images(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    if not request.images or rules.images_out is not False:
        return request
    notes.append(Noted("images", f"{request.model} answers in text only, so no images were asked for."))
    return replace(request, images=False)


def _sampling(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    if rules.sampling:
        return request
    given = {name for name in request.extra if own_name(name) in SAMPLING}
    if request.temperature is not None:
        given.add("temperature")
    notes += [
        Noted(name, f"{request.model} sets {name} itself, so it was left out.") for name in sorted(given)
    ]
    if not given:
        return request
    extra = {name: value for name, value in request.extra.items() if name not in given}
    return replace(request, temperature=None, extra=extra)


def _tools(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    functions = [tool for tool in request.tools if isinstance(tool, Tool)]
    native = [tool for tool in request.tools if isinstance(tool, NativeTool)]
    if functions and not rules.functions:
        notes.append(Noted("tools", f"{request.model} calls no functions, so the tools were left out."))
        return replace(request, tools=tuple(native), tool_choice=None)
    if functions and native and not rules.mixed_tools:
        notes.append(
            Noted(
                "tools",
                f"{request.model} does not take its own tools beside functions, so its own were left out.",
            )
        )
        return replace(request, tools=tuple(functions))
    return request


def _format(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    wanted = request.response_format
    if wanted is None or (rules.json and (rules.json_with_tools or not request.tools)):
        return request
    if rules.images_out:
        notes.append(Noted("response_format", f"{request.model} cannot be held to JSON, so it was left out."))
        return replace(request, response_format=None)
    beside = " while it has tools" if rules.json else ""
    notes.append(
        Noted(
            "response_format",
            f"{request.model} cannot be held to JSON{beside}, so it was asked for in words.",
        )
    )
    asked = Message.of("system", _in_words(wanted))
    return replace(request, response_format=None, messages=(*request.messages, asked))


def _in_words(wanted: ResponseFormat) -> str:
    text = "Answer with one JSON object and nothing else, without a code fence."
    if wanted.schema is not None:
        text += f" It must follow this JSON schema:\n{encode_json(wanted.schema).decode()}"
    return text


def _effort(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    effort = request.effort
    if effort is None or (rules.thinks and rules.takes(effort)):
        return request
    if not rules.thinks:
        notes.append(
            Noted("effort", f"How much {request.model} thinks cannot be set, so the effort was left out.")
        )
        return replace(request, effort=None)
    # Stays on the request: the nearest one is found again where it is written.
    nearest = rules.level(effort).lower() if rules.levels else f"{rules.tokens(effort):,} tokens"
    notes.append(Noted("effort", f"{request.model} does not know “{effort}”: {nearest} was asked for."))
    return request


def _system(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    system, turns = split_system(request.messages)
    if not system or rules.system:
        return request
    notes.append(
        Noted("system", f"{request.model} takes no system text, so it stands before the first message.")
    )
    first = next((place for place, turn in enumerate(turns) if turn.role == "user"), None)
    if first is None:
        return replace(request, messages=(Message.of("user", system), *turns))
    led = Message("user", (TextPart(f"{system}\n\n"), *turns[first].parts))
    return replace(request, messages=(*turns[:first], led, *turns[first + 1 :]))


def _last_turn(request: CompletionRequest, rules: GeminiRules, notes: list[Noted]) -> CompletionRequest:
    turns = [message for message in request.messages if message.role != "system"]
    if rules.prefill or not turns or turns[-1].role != "assistant":
        return request
    notes.append(
        Noted(
            "messages", f"{request.model} does not go on from a turn of its own, so it was asked to continue."
        )
    )
    return replace(request, messages=(*request.messages, Message.of("user", "Continue.")))


_STEPS: tuple[_Step, ...] = (_images, _sampling, _tools, _format, _effort, _system, _last_turn)
