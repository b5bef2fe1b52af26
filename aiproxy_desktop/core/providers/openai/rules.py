"""A request as its model takes it: what is translated or left out by data, each with a note."""

from __future__ import annotations

import json
from collections.abc import Iterable, Set
from dataclasses import replace
from typing import Any, get_args

from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Effort,
    MediaPart,
    Message,
    NativeTool,
    ResponseFormat,
    Tool,
    ToolChoice,
)
from aiproxy_desktop.core.model_rules import (
    CHAT_ONLY_FIELDS,
    RESPONSES_ONLY_FIELDS,
    RESPONSES_TOOLS,
    SAMPLING_FIELDS,
    openai_model,
)
from aiproxy_desktop.core.providers.openai.dialect import ChatDialect
from aiproxy_desktop.core.providers.openai.responses import LEAST_OUTPUT_TOKENS

_EFFORTS: tuple[Effort, ...] = get_args(Effort)

# Names that the bound of an answer goes by.
_BOUNDS = ("max_tokens", "max_completion_tokens", "max_output_tokens")

# What is learnt of a model that only the other interface serves.
CHAT_COMPLETIONS = "chat/completions"


def uses_responses(request: CompletionRequest, dialect: ChatDialect, refused: Set[str] = frozenset()) -> bool:
    """Whether the Responses interface answers this request."""
    if dialect.responses != "by_model":
        return dialect.responses == "always"
    facts = openai_model(request.model)
    if facts.responses_only or CHAT_COMPLETIONS in refused or _needs_responses(request):
        return True
    if not facts.summaries or request.effort == "none":
        return False
    # It shows the model's thoughts, where nothing in the request speaks for the other.
    wanted = request.effort is not None or facts.always_reasons
    return wanted and CHAT_ONLY_FIELDS.isdisjoint(request.extra) and not _holds_sound(request)


def adapt(
    request: CompletionRequest, dialect: ChatDialect, refused: Set[str] = frozenset()
) -> tuple[CompletionRequest, tuple[Noted, ...]]:
    """The request as the model takes it. `refused` names what it was found not to take."""
    work = _Adaptation(request, dialect, refused)
    work.own_words()
    work.safety()
    work.tools()
    work.effort()
    work.sampling()
    work.format()
    work.images()
    work.fields()
    work.limit()
    return work.request, tuple(work.notes)


class _Adaptation:
    """One request on its way to what its model takes."""

    def __init__(self, request: CompletionRequest, dialect: ChatDialect, refused: Set[str]) -> None:
        self.request = request
        self.notes: list[Noted] = []
        self._dialect = dialect
        self._refused = refused
        self._facts = openai_model(request.model) if dialect.openai_models else None

    @property
    def _responses(self) -> bool:
        return uses_responses(self.request, self._dialect, self._refused)

    def own_words(self) -> None:
        """Fields that the request has a word for, so that the rules of OpenAI's models hold for them too."""
        if self._facts is None:
            return
        extra = dict(self.request.extra)
        for name in _BOUNDS:
            if isinstance(extra.get(name), int):
                self._change(max_tokens=extra.pop(name))
        if extra.get("reasoning_effort") in _EFFORTS:
            self._change(effort=extra.pop("reasoning_effort"))
        if len(extra) < len(self.request.extra):
            self._change(extra=extra)

    def safety(self) -> None:
        """Thresholds are Gemini's."""
        if self.request.safety_settings:
            self._change(safety_settings=())
            self._note("safety_settings", "has no safety settings, so they were left out")

    def tools(self) -> None:
        choice, tools = self.request.tool_choice, self.request.tools
        if choice is None:
            return
        if not tools and "tools" not in self.request.extra:
            self._change(tool_choice=None)
            if choice.mode == "required" or choice.name:
                self._note("tool_choice", "was given no tools, so the choice among them was left out")
        elif "tool_choice" in self._refused:
            self._change(tool_choice=None)
            self._note("tool_choice", "does not take it, so it was left out")
        elif choice.name and not self._dialect.named_choice and not self._responses:
            # With that one tool alone, "some tool" means the same.
            only = tuple(tool for tool in tools if isinstance(tool, Tool) and tool.name == choice.name)
            self._change(tools=only or tools, tool_choice=ToolChoice("required"))

    def effort(self) -> None:
        effort, facts = self.request.effort, self._facts
        if effort is None:
            return
        allowed = facts.efforts if facts is not None and facts.efforts else self._dialect.efforts
        if "reasoning_effort" in self._refused or not self._dialect.effort:
            self._drop_effort("takes no reasoning effort, so it was left out")
        elif facts is not None and facts.never_reasons:
            self._drop_effort(None if effort == "none" else "does not reason, so the effort was left out")
        elif allowed and effort not in allowed:
            nearest = _nearest(effort, allowed)
            self._change(effort=nearest)
            self._note("effort", f"does not take the effort {effort}, so {nearest} was asked for")
        elif effort == "none" and facts is not None and facts.always_reasons:
            self._drop_effort("always reasons, so the effort none was left out")

    def sampling(self) -> None:
        """What steers the choice of words, which models refuse while they reason."""
        names = [
            name for name in ("temperature", *SAMPLING_FIELDS) if name in self._refused or self._thinks()
        ]
        if self.request.temperature is not None and "temperature" in names:
            self._change(temperature=None)
            self._note("temperature", self._no_sampling("temperature"))
        for name in names:
            if name in self.request.extra:
                self._drop_extra(name, self._no_sampling(name))

    def format(self) -> None:
        wanted = self.request.response_format
        if wanted is None:
            return
        no_schema = not self._dialect.json_schema or (self._facts is not None and not self._facts.json_schema)
        if "response_format" in self._refused:
            self._instruct(wanted)
            self._change(response_format=None)
            self._note("response_format", "has no JSON mode, so the format was asked for in words")
        elif wanted.kind == "json_schema" and (no_schema or "json_schema" in self._refused):
            self._instruct(wanted)
            self._change(response_format=ResponseFormat("json_object"))
            self._note(
                "response_format", "cannot be held to a schema, so JSON was asked for and the schema in words"
            )
        elif wanted.kind == "json_object" and self._dialect.json_word and not self._speaks_of_json():
            self._instruct(wanted)
            self._note("response_format", "wants the word JSON in the messages, so an instruction was added")

    def images(self) -> None:
        if not self.request.images:
            return
        if self._responses:
            taken = self._facts is None or self._facts.image_tool or self._dialect.responses == "always"
        else:
            taken = self._dialect.images_out
        if not taken:
            self._change(images=False)
            self._note("images", "answers with text alone, so images were not asked for")

    def fields(self) -> None:
        """The caller's own fields."""
        responses = self._responses
        foreign: Iterable[str] = CHAT_ONLY_FIELDS if responses else self._dialect.unsupported
        for name in [name for name in self.request.extra if name in foreign or name in self._refused]:
            reason = "is asked over the Responses interface, which does not" if responses else "does not"
            self._drop_extra(name, f"{reason} take {name}, so it was left out")

    def limit(self) -> None:
        limit = self.request.max_tokens
        if limit is not None and limit < LEAST_OUTPUT_TOKENS and self._responses:
            self._change(max_tokens=LEAST_OUTPUT_TOKENS)
            self._note("max_tokens", f"takes no bound below {LEAST_OUTPUT_TOKENS} tokens, so that was set")

    def _thinks(self) -> bool:
        """Whether the model will reason, as far as that is known."""
        if self._facts is None or not self._facts.reasons or self.request.effort == "none":
            return False
        return self.request.effort is not None or self._facts.always_reasons

    def _no_sampling(self, name: str) -> str:
        if self._thinks():
            return f"takes no {name} while it reasons, so it was left out"
        return f"does not take {name}, so it was left out"

    def _drop_effort(self, reason: str | None) -> None:
        self._change(effort=None)
        if reason is not None:
            self._note("effort", reason)

    def _drop_extra(self, name: str, reason: str) -> None:
        self._change(extra={key: value for key, value in self.request.extra.items() if key != name})
        self._note(name, reason)

    def _speaks_of_json(self) -> bool:
        return any("json" in message.text.lower() for message in self.request.messages)

    def _instruct(self, wanted: ResponseFormat) -> None:
        """Say in words, behind the system text, what the answer must be."""
        words = "Answer with JSON alone."
        if wanted.kind == "json_schema":
            schema = json.dumps(wanted.schema or {}, ensure_ascii=False)
            words = f"Answer with JSON alone, valid against this JSON schema:\n{schema}"
        messages = self.request.messages
        place = next((n for n, message in enumerate(messages) if message.role != "system"), len(messages))
        if place:
            former = messages[place - 1].text
            instructed = (*messages[: place - 1], Message.of("system", f"{former}\n\n{words}"))
        else:
            instructed = (Message.of("system", words),)
        self._change(messages=instructed + messages[place:])

    def _change(self, **fields: Any) -> None:
        self.request = replace(self.request, **fields)

    def _note(self, parameter: str, reason: str) -> None:
        self.notes.append(Noted(parameter, f"{self.request.model} {reason}."))


def _needs_responses(request: CompletionRequest) -> bool:
    facts = openai_model(request.model)
    native = (tool.spec.get("type") for tool in request.tools if isinstance(tool, NativeTool))
    if not RESPONSES_TOOLS.isdisjoint(native):
        return True
    if request.images and facts.image_tool:
        return True
    if not RESPONSES_ONLY_FIELDS.isdisjoint(request.extra):
        return True
    return bool(request.tools) and facts.responses_for_tools and request.effort != "none"


def _holds_sound(request: CompletionRequest) -> bool:
    return any(
        isinstance(part, MediaPart) and part.kind == "audio"
        for message in request.messages
        for part in message.parts
    )


def _nearest(effort: Effort, allowed: tuple[str, ...]) -> str:
    """The allowed effort next to one that is not; of two, the smaller."""
    place = _EFFORTS.index(effort)
    return min(allowed, key=lambda one: abs(_EFFORTS.index(one) - place))
