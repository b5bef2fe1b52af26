"""A request as its Claude model takes it, with a note for each thing changed or left out."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Effort,
    Message,
    ResponseFormat,
    Tool,
    ToolCallPart,
    ToolChoice,
)
from aiproxy_desktop.core.providers.anthropic.models import EFFORTS, ModelRules
from aiproxy_desktop.core.providers.anthropic.thoughts import PROVIDER, is_own_thought
from aiproxy_desktop.core.providers.anthropic.writing import answer_limit, one_at_a_time, thinking_of
from aiproxy_desktop.core.wire_json import encode_json

_SAMPLING = ("top_p", "top_k")
# Fields of other dialects that have no counterpart here.
_NOT_HERE = frozenset(
    {"frequency_penalty", "logit_bias", "logprobs", "n", "presence_penalty", "seed", "top_logprobs"}
)
# What structured outputs do not enforce (`lib/_parse/_transform.py` of anthropic 2.14.0); the service refuses
# a schema that holds them.
_NOT_ENFORCED = frozenset(
    {"exclusiveMaximum", "exclusiveMinimum", "maxItems", "maxLength", "maxProperties", "maximum"}
    | {"minLength", "minProperties", "minimum", "multipleOf", "pattern", "uniqueItems"}
)
_MOST_DEPTH = 200


class Adapted:
    """A request on its way to what its model takes."""

    def __init__(
        self, request: CompletionRequest, rules: ModelRules, refused_thoughts: Container[str] = ()
    ) -> None:
        self.request = request
        self.notes: list[Noted] = []
        self._rules = rules
        self._refused = refused_thoughts
        self._format()
        self._tools()
        self._effort()
        self._limit()
        self._room_to_think()
        self._sampling()
        self._rest()

    def _note(self, parameter: str, sentence: str) -> None:
        """The last word on a parameter is the one that holds."""
        self.notes = [note for note in self.notes if note.parameter != parameter]
        self.notes.append(Noted(parameter, sentence))

    def _change(self, **fields: Any) -> None:
        self.request = replace(self.request, **fields)

    @property
    def _model(self) -> str:
        return self.request.model[:80]

    def _format(self) -> None:
        wanted = self.request.response_format
        if wanted is None:
            return
        if wanted.kind == "json_schema" and wanted.schema is not None and self._rules.schemas:
            self._close_schema(wanted)
            return
        told = Message.of("system", _instruction(wanted))
        self._change(response_format=None, messages=(*self.request.messages, told))
        self._note(
            "response_format",
            f"{self._model} has no such mode: it was told to answer in JSON, and nothing enforces that.",
        )

    def _close_schema(self, wanted: ResponseFormat) -> None:
        left_out: set[str] = set()
        closed = _closed(wanted.schema, left_out)
        if closed != wanted.schema:
            self._change(response_format=replace(wanted, schema=closed))
        if left_out:
            words = ", ".join(sorted(left_out))
            self._note("response_format", f"{self._model} does not enforce {words}, so that was left out.")

    def _tools(self) -> None:
        choice = self.request.tool_choice
        if choice is not None and not self.request.tools:
            self._change(tool_choice=None)
            if choice.mode != "none":
                self._note("tool_choice", "There are no tools to choose from, so it was left out.")
        elif choice is not None and _forces(choice) and not self._rules.forced_tools:
            self._change(tool_choice=ToolChoice("auto"))
            self._note("tool_choice", f"{self._model} cannot be made to call a tool, so it may choose.")
        strict = any(isinstance(tool, Tool) and tool.strict for tool in self.request.tools)
        if strict and not self._rules.schemas:
            tools = tuple(
                replace(one, strict=None) if isinstance(one, Tool) else one for one in self.request.tools
            )
            self._change(tools=tools)
            self._note("tools", f"{self._model} does not enforce the schemas of tools.")

    def _effort(self) -> None:
        effort = self.request.effort
        if self._must_not_think():
            self._change(effort="none")
            if effort != "none":
                self._note("effort", f"{self._model} does not think first where a tool must be called.")
            return
        if effort is None:
            return
        level = _nearest(effort, self._rules)
        if level == effort:
            return
        self._change(effort=level)
        if level is None:
            self._note("effort", f"{self._model} knows no effort, so it was left out.")
        elif effort == "none":
            self._note("effort", f"{self._model} always thinks; its effort is “{level}”.")
        else:
            self._note("effort", f"{self._model} has no effort “{effort}”; it is “{level}” instead.")

    def _must_not_think(self) -> bool:
        """Thinking and a tool that must be called exclude each other, where thinking can be left out."""
        choice = self.request.tool_choice
        rules = self._rules
        if choice is None or not _forces(choice) or rules.thinking == "none" or rules.off is None:
            return False
        return rules.off != "" or self.request.effort not in {None, "none"}

    def _limit(self) -> None:
        asked, most = self.request.max_tokens, self._rules.output_limit
        if asked is not None and most is not None and asked > most:
            self._change(max_tokens=most)
            self._note("max_tokens", f"{self._model} answers with at most {most:,} tokens.")

    def _room_to_think(self) -> None:
        """A budget needs room, and a turn with tools that began without thoughts cannot go on with them."""
        effort, rules = self.request.effort, self._rules
        if rules.thinking != "budget" or effort in {None, "none"}:
            return
        if thinking_of(self.request, rules, answer_limit(self.request, rules)) is None:
            reason = "as there is no room for thoughts in so short an answer"
        elif self._calls_without_thoughts():
            reason = "as the tools were called without thinking"
        else:
            return
        self._change(effort="none")
        self._note("effort", f"{self._model} does not think this time, {reason}.")

    def _calls_without_thoughts(self) -> bool:
        if not self.request.messages or self.request.messages[-1].role != "tool":
            return False
        asked = next((one for one in reversed(self.request.messages) if one.role == "assistant"), None)
        if asked is None or not any(isinstance(part, ToolCallPart) for part in asked.parts):
            return False
        return not any(is_own_thought(part, self.request.model, self._refused) for part in asked.parts)

    def _sampling(self) -> None:
        temperature = self.request.temperature
        if not self._rules.sampling:
            dropped = [name for name in _SAMPLING if name in self.request.extra]
            if dropped:
                self._drop_extra(dropped)
            if temperature is not None:
                self._change(temperature=None)
                self._note("temperature", f"{self._model} takes no temperature, so it was left out.")
        elif temperature is not None and temperature != 1 and self._thinks():
            self._change(temperature=None)
            self._note("temperature", f"{self._model} takes no temperature while it thinks.")
        elif temperature is not None and temperature > 1:
            self._change(temperature=1.0)
            self._note("temperature", f"{self._model} takes at most 1; that is what was sent.")

    def _thinks(self) -> bool:
        limit = answer_limit(self.request, self._rules)
        thinking = thinking_of(self.request, self._rules, limit)
        return thinking is not None and thinking["type"] in {"adaptive", "enabled"}

    def _rest(self) -> None:
        if self.request.safety_settings:
            self._change(safety_settings=())
            self._note("safety_settings", "Anthropic has no such settings, so they were left out.")
        if self.request.images:
            self._change(images=False)
            self._note("images", f"{self._model} makes no images.")
        extra = dict(self.request.extra)
        stop = extra.pop("stop", None)
        if stop is not None:
            extra.setdefault("stop_sequences", [stop] if isinstance(stop, str) else stop)
            self._change(extra=extra)
        parallel = extra.pop("parallel_tool_calls", None)
        if parallel is not None:
            if parallel is False and self.request.tools:
                extra.setdefault("tool_choice", one_at_a_time(self.request.tool_choice))
            self._change(extra=extra)
        foreign = sorted(_NOT_HERE.intersection(extra))
        if foreign:
            self._drop_extra(foreign)

    def _drop_extra(self, names: list[str]) -> None:
        self._change(extra={name: value for name, value in self.request.extra.items() if name not in names})
        for name in names:
            self._note(name, f"{self._model} does not take it, so it was left out.")


def _forces(choice: ToolChoice) -> bool:
    return choice.mode == "required" or bool(choice.name)


def _nearest(effort: Effort, rules: ModelRules) -> Effort | None:
    """The level that a model has for the one asked for: the same, else the next below, else its lowest."""
    if effort == "none":
        return "none" if rules.off is not None else (rules.efforts[:1] or (None,))[0]
    if not rules.efforts:
        return effort if rules.thinking == "budget" else None
    if effort in rules.efforts:
        return effort
    rank = EFFORTS.index(effort) if effort in EFFORTS else -1
    below = [level for level in rules.efforts if EFFORTS.index(level) <= rank]
    return below[-1] if below else rules.efforts[0]


def _instruction(wanted: ResponseFormat) -> str:
    words = "Answer with one JSON object and nothing else: no other text, no code fence."
    if wanted.schema is None:
        return words
    try:
        schema = encode_json(wanted.schema).decode()
    except (TypeError, ValueError, RecursionError):
        raise _unreadable_schema() from None
    return f"{words} It must be valid for this JSON schema:\n{schema}"


def _closed(schema: Any, left_out: set[str], depth: int = 0) -> Any:
    """The schema as structured outputs take it: objects without further properties, no open bounds.

    Raises:
        InvalidRequestError: it is nested too deep.
    """
    if depth > _MOST_DEPTH:
        raise _unreadable_schema()
    if isinstance(schema, list | tuple):
        return [_closed(item, left_out, depth + 1) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept: dict[str, Any] = {}
    for name, value in schema.items():
        if name in _NOT_ENFORCED or (name == "minItems" and value not in (0, 1)):
            left_out.add(name)
        elif name == "additionalProperties":
            # False is all that is taken, and is put in below.
            left_out.update({name} if value not in (False, None) else ())
        elif name in {"properties", "$defs", "definitions"} and isinstance(value, Mapping):
            kept[name] = {key: _closed(item, left_out, depth + 1) for key, item in value.items()}
        elif name in {"enum", "const", "default", "examples", "required"}:
            kept[name] = value
        else:
            kept[name] = _closed(value, left_out, depth + 1)
    if kept.get("type") == "object" or "properties" in kept:
        kept["additionalProperties"] = False
    return kept


def _unreadable_schema() -> InvalidRequestError:
    return InvalidRequestError(
        "The schema of the answer cannot be sent", "It is not JSON, or is nested too deep.", provider=PROVIDER
    )


# What a refusal (400) says, to what the model is known not to take afterwards. A value out of its bounds is
# no such lesson: that is for whoever gave it to hear.
_NOT = r".{0,80}(?:not (?:be )?(?:supported|permitted|allowed|compatible|available)|deprecated|may only)"
_LESSONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"(?:thinking\.type\.enabled|budget_tokens){_NOT}"), "adaptive"),
    (re.compile(rf"(?:adaptive thinking|thinking\.type\.adaptive){_NOT}"), "budget"),
    (re.compile(rf"thinking\.type\.(?:disabled|between_tools){_NOT}"), "always"),
    (re.compile(rf"(?:temperature|top_p|top_k){_NOT}"), "sampling"),
    (re.compile(rf"(?:tool_choice|forced tool){_NOT}"), "forced_tools"),
    (re.compile(rf"(?:output_config\.format|output format|structured output){_NOT}"), "schemas"),
    (re.compile(rf"effort{_NOT}|not support the effort"), "efforts"),
    (re.compile(r"max_tokens: \d+ > (\d+)"), "limit"),
)


def learned(rules: ModelRules, detail: str) -> ModelRules:
    """The rules after a refusal in these words; the same ones where it teaches nothing."""
    words = detail[:2000].lower()
    for pattern, lesson in _LESSONS:
        found = pattern.search(words)
        if found is not None:
            changed = _apply(rules, lesson, found)
            if changed != rules:
                return changed
    return rules


def _apply(rules: ModelRules, lesson: str, found: re.Match[str]) -> ModelRules:
    if lesson == "adaptive" and rules.thinking == "budget":
        return replace(rules, thinking="adaptive", efforts=rules.efforts or EFFORTS)
    if lesson == "budget" and rules.thinking == "adaptive":
        return replace(rules, thinking="budget", off="")
    if lesson == "always":
        return replace(rules, off=None)
    if lesson == "limit":
        return replace(rules, output_limit=int(found[1]))
    if lesson == "efforts":
        return replace(rules, efforts=())
    if lesson == "sampling":
        return replace(rules, sampling=False)
    if lesson == "forced_tools":
        return replace(rules, forced_tools=False)
    return replace(rules, schemas=False) if lesson == "schemas" else rules
