from __future__ import annotations

from typing import Any

import pytest

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.messages import NativeTool, ResponseFormat, SafetySetting, Tool, ToolChoice
from aiproxy_desktop.core.reading import Options, read_options
from aiproxy_desktop.core.timeouts import Timeouts

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOL = {"type": "function", "function": {"name": "get_weather"}}


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, Options()),
        ({"temperature": None, "tools": None}, Options()),
        ({"temperature": 0}, Options(temperature=0)),
        ({"max_tokens": 512.0}, Options(max_tokens=512)),
        ({"max_completion_tokens": 9}, Options(max_tokens=9)),
        ({"response_format": "text"}, Options()),
        ({"response_format": {"type": "text"}}, Options()),
        ({"response_format": "json"}, Options(response_format=ResponseFormat("json_object"))),
        (
            {"response_format": {"type": "json_object"}},
            Options(response_format=ResponseFormat("json_object")),
        ),
        (
            {
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "n", "schema": SCHEMA, "strict": True},
                }
            },
            Options(response_format=ResponseFormat("json_schema", SCHEMA, "n", True)),
        ),
        (
            {"response_format": {"type": "json_schema", "schema": SCHEMA}},
            Options(response_format=ResponseFormat("json_schema", SCHEMA)),
        ),
        (
            {"safety_settings": {"HARM_CATEGORY_HARASSMENT": "OFF"}},
            Options(safety_settings=(SafetySetting("HARM_CATEGORY_HARASSMENT", "OFF"),)),
        ),
        ({"tools": [TOOL]}, Options(tools=(Tool("get_weather"),))),
        ({"tools": []}, Options()),
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "name": "f",
                        "description": "d",
                        "parameters": SCHEMA,
                        "strict": True,
                    }
                ]
            },
            Options(tools=(Tool("f", "d", SCHEMA, True),)),
        ),
        ({"tools": [{"name": "f", "input_schema": SCHEMA}]}, Options(tools=(Tool("f", "", SCHEMA),))),
        ({"tools": [{"google_search": {}}]}, Options(tools=(NativeTool({"google_search": {}}),))),
        (
            {"tools": [TOOL], "tool_choice": "any"},
            Options(tools=(Tool("get_weather"),), tool_choice=ToolChoice("required")),
        ),
        (
            {"tools": [TOOL], "tool_choice": TOOL},
            Options(tools=(Tool("get_weather"),), tool_choice=ToolChoice("required", "get_weather")),
        ),
        ({"tool_choice": "none"}, Options()),
        ({"reasoning_effort": "high"}, Options(effort="high")),
        ({"modalities": ["text", "image"]}, Options(images=True)),
        ({"return_images": True, "modalities": ["text"]}, Options(images=True)),
        ({"timeout": 5}, Options(timeouts=Timeouts(5, 5, None, 5))),
        ({"timeout": Timeouts(1, 2)}, Options(timeouts=Timeouts(1, 2))),
        ({"client_context": {"app": "a", "ip": None}}, Options(context=ClientContext(app="a"))),
        ({"n": 1, "stream_options": {"include_usage": True}}, Options()),
        ({"top_p": 0.5, "extra_body": {"seed": 1}}, Options(extra={"top_p": 0.5, "seed": 1})),
    ],
)
def test_options_are_read(given: dict[str, Any], read: Options) -> None:
    assert read_options(given) == read


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"temperature": float("nan")}, "“temperature” is NaN, infinite or too large"),
        ({"temperature": float("inf")}, "“temperature” is NaN, infinite or too large"),
        ({"temperature": 10**400}, "“temperature” is NaN, infinite or too large"),
        ({"temperature": True}, "“temperature” is true or false, not a number"),
        ({"temperature": "0.5"}, "“temperature” is a text, not a number"),
        ({"temperature": -0.1}, "“temperature” is negative"),
        ({"max_tokens": 0}, "“max_tokens” is 0, not a number of tokens"),
        ({"max_tokens": -5}, "“max_tokens” is -5"),
        ({"max_tokens": 1.5}, "“max_tokens” is 1.5"),
        ({"max_tokens": float("inf")}, "“max_tokens”"),
        ({"response_format": "yaml"}, "“response_format” is “yaml”"),
        ({"response_format": 5}, "“response_format” is a number"),
        ({"response_format": {"type": "json_schema"}}, "“response_format” has no schema"),
        ({"safety_settings": "BLOCK_NONE"}, "“safety_settings” is a text"),
        ({"safety_settings": [{"category": "x"}]}, "threshold is null"),
        ({"tools": {"type": "function"}}, "“tools” is an object, not a list"),
        ({"tools": [5]}, "Tool 1 is a number"),
        ({"tools": [{}]}, "Tool 1 is empty"),
        ({"tools": [TOOL, TOOL]}, "Tool 2 has the name “get_weather” of another"),
        ({"tools": [{"type": "function", "function": {"name": ""}}]}, "Tool 1 has no name"),
        (
            {"tools": [{"type": "function", "function": {"name": "f", "parameters": []}}]},
            "Tool 1, “parameters” of “f”, is a list",
        ),
        ({"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "g"}}}, "names “g”"),
        ({"tools": [TOOL], "tool_choice": "get_weather"}, "is “get_weather”, which is no choice"),
        ({"tools": [TOOL], "tool_choice": {"type": ["auto"]}}, "is a list, which is no choice"),
        ({"tool_choice": "required"}, "asks for a tool, and there are none"),
        ({"effort": "extreme"}, "“effort” is “extreme”"),
        ({"effort": ["low"]}, "“effort” is a list"),
        ({"return_images": "yes"}, "“return_images” is a text"),
        ({"modalities": ["audio"]}, "“modalities” asks for what no answer here can hold"),
        ({"timeout": 0}, "“timeout” is not a time"),
        ({"timeout": Timeouts(first_token=float("nan"))}, "“timeout”, first_token, is NaN"),
        ({"timeout": Timeouts(idle=-1)}, "“timeout”, idle, is not a time"),
        ({"client_context": {"color": "red"}}, "“client_context” holds “color”"),
        ({"n": 2}, "“n” asks for several answers"),
        ({"top_p": float("nan")}, "option “top_p” holds NaN"),
        ({"stop": {1, 2}}, "option “stop” holds a value of the type set"),
        ({"metadata": {"a": "\ud800"}}, "lone surrogate"),
        ({"stream": True}, "“stream” cannot be passed on"),
        ({"contents": []}, "“contents” cannot be passed on"),
        ({"extra_body": {"model": "x"}}, "“model” cannot be passed on"),
    ],
)
def test_bad_options_are_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said) as caught:
        read_options(given)
    assert caught.value.advice


def test_what_is_read_does_not_change_with_what_was_given() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    read = read_options({"tools": [{"name": "f", "input_schema": schema}], "stop": (stop := ["a"])})
    schema["properties"]["late"] = {}
    stop.append("b")
    assert read.tools == (Tool("f", "", {"type": "object", "properties": {}}),)
    assert read.extra == {"stop": ["a"]}


def test_a_value_that_holds_itself_is_refused() -> None:
    knot: dict[str, Any] = {}
    knot["again"] = knot
    with pytest.raises(InvalidRequestError, match="deep"):
        read_options({"metadata": knot})
    ladder: list[Any] = []
    for _ in range(60):
        ladder = [ladder, ladder]
    with pytest.raises(InvalidRequestError, match="more than 1000000 values"):
        read_options({"metadata": ladder})
