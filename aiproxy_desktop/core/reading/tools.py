"""Tools and the choice among them, in the shapes that are in use for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from aiproxy_desktop.core.messages import NativeTool, Tool, ToolChoice
from aiproxy_desktop.core.reading.checks import (
    flag,
    invalid,
    json_object,
    optional_text,
    quoted,
    sound_text,
    type_name,
)

_MODES: dict[str, Literal["auto", "none", "required"]] = {
    "auto": "auto",
    "none": "none",
    "required": "required",
    "any": "required",
}
_NAMED = ("function", "tool")
_ADVICE = "Give “auto”, “none”, “required” or {“type”: “function”, “function”: {“name”: …}}."


def read_tools(value: Any, where: str) -> tuple[Tool | NativeTool, ...]:
    """Tools as values: functions of the caller's, and a provider's own in that provider's words.

    Raises:
        InvalidRequestError: it is no list, one of them is no tool, or two have one name.
    """
    if not isinstance(value, list | tuple):
        raise invalid(where, f"is {type_name(value)}, not a list", "Give a list of tools.")
    tools = tuple(_tool(tool, f"Tool {place}") for place, tool in enumerate(value, 1))
    names: set[str] = set()
    for place, tool in enumerate(tools, 1):
        if isinstance(tool, Tool):
            if tool.name in names:
                raise invalid(f"Tool {place}", f"has the name {quoted(tool.name)} of another", "Rename one.")
            names.add(tool.name)
    return tools


def read_tool_choice(value: Any, tools: Sequence[Tool | NativeTool]) -> ToolChoice | None:
    """Which tool must, may or must not be called.

    Raises:
        InvalidRequestError: it is no choice, or names a tool that is not there.
    """
    where = "The option “tool_choice”"
    choice = value if isinstance(value, ToolChoice) else _choice(value, where)
    if choice.name and not any(isinstance(tool, Tool) and tool.name == choice.name for tool in tools):
        known = ", ".join(tool.name for tool in tools if isinstance(tool, Tool)) or "none"
        raise invalid(
            where, f"names {quoted(choice.name)}, which is not among the tools", f"There are: {known}."
        )
    if tools:
        return choice
    if choice.mode == "required":
        raise invalid(where, "asks for a tool, and there are none", "Give tools, too.")
    return None


def _choice(value: Any, where: str) -> ToolChoice:
    mode = value.get("type") if isinstance(value, Mapping) else value
    if isinstance(mode, str) and mode in _MODES:
        return ToolChoice(_MODES[mode])
    if isinstance(value, Mapping) and mode in _NAMED:
        inner = value.get("function", value)
        name = inner.get("name") if isinstance(inner, Mapping) else None
        if isinstance(name, str) and name:
            return ToolChoice("required", sound_text(name, where))
    raise invalid(where, f"is {quoted(mode)}, which is no choice", _ADVICE)


def _tool(value: Any, where: str) -> Tool | NativeTool:
    if isinstance(value, Tool | NativeTool):
        return value
    if not isinstance(value, Mapping):
        raise invalid(
            where, f"is {type_name(value)}, not a tool", "Give {“type”: “function”, “function”: {…}}."
        )
    function = value.get("function")
    if value.get("type", "function") == "function" and isinstance(function, Mapping):
        return _function(function, "parameters", where)
    if value.get("type") == "function":
        return _function(value, "parameters", where)
    if "name" in value and "input_schema" in value:
        return _function(value, "input_schema", where)
    if not value:
        raise invalid(where, "is empty", "Give {“type”: “function”, “function”: {…}}.")
    return NativeTool(json_object(value, where))


def _function(spec: Mapping[str, Any], schema_field: str, where: str) -> Tool:
    name = sound_text(spec.get("name"), f"{where}: its name")
    if not name.strip():
        raise invalid(where, "has no name", "Name the function.")
    schema, strict = spec.get(schema_field), spec.get("strict")
    return Tool(
        name,
        optional_text(spec.get("description"), f"{where}: its description"),
        None if schema is None else json_object(schema, f"{where}, “{schema_field}” of {quoted(name)},"),
        None if strict is None else flag(strict, f"{where}: “strict”"),
    )
