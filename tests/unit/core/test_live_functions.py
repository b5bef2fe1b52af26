"""Plain Python functions as tools of a live session."""

from __future__ import annotations

import asyncio
import enum
import threading
from typing import Annotated, Any, Literal

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.functions import call_function, function_of


class Unit(enum.Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


def weather(
    city: str,
    days: int = 1,
    unit: Unit = Unit.CELSIUS,
    tags: list[str] | None = None,
    detail: Literal["short", "long"] = "short",
    near: Annotated[float | None, "kilometres"] = None,
) -> dict[str, Any]:
    """Tells the weather.

    Asked of a station.

    Args:
        city: where,
            by its name
        days (int): how many
        unit: of the temperature
        tags: what else
        detail: how much is told
        near: how far away the station may be

    Returns:
        What it is.
    """
    return {"city": city, "days": days, "unit": unit, "tags": tags, "detail": detail, "near": near}


def test_a_function_is_told_by_its_types_and_its_docstring() -> None:
    told = function_of(weather)
    assert told.name == "weather"
    assert told.description == "Tells the weather.\n\nAsked of a station."
    assert told.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "where, by its name"},
            "days": {"type": "integer", "description": "how many"},
            "unit": {"type": "string", "enum": ["C", "F"], "description": "of the temperature"},
            "tags": {"type": "array", "items": {"type": "string"}, "description": "what else"},
            "detail": {
                "type": "string",
                "enum": ["short", "long"],
                "description": "how much is told",
            },
            "near": {"type": "number", "description": "kilometres"},
        },
        "required": ["city"],
    }


def test_what_a_model_cannot_call_is_no_tool() -> None:
    def positional(first: int, /) -> None: ...

    for function in (positional, lambda: None):
        with pytest.raises(InvalidRequestError):
            function_of(function)


async def test_arguments_are_fitted_and_results_are_json() -> None:
    result = await call_function(weather, {"city": "Oslo", "days": 2.0, "unit": "F", "near": 3})
    assert result == {
        "city": "Oslo", "days": 2, "unit": "F", "tags": None, "detail": "short", "near": 3.0
    }  # fmt: skip
    assert await call_function(lambda: [1, object], {}) == {"result": [1, "<class 'object'>"]}


async def test_a_coroutine_function_runs_here_and_others_on_a_thread() -> None:
    def where() -> str:
        return threading.current_thread().name

    async def here() -> str:
        return threading.current_thread().name

    assert await call_function(where, {}) == {"result": "tool where"}
    assert await call_function(here, {}) == {"result": threading.current_thread().name}


async def test_what_goes_wrong_is_one_sentence_for_the_model() -> None:
    def fails() -> None:
        raise ValueError("no station")

    def long() -> str:
        return "x" * 300_000

    async def never() -> None:
        await asyncio.Event().wait()

    released = threading.Event()
    for function, arguments, words in (
        (fails, {}, "fails failed: ValueError: no station"),
        (long, {}, "too long to be told"),
        (never, {}, "never took longer than 0.05 s."),
        (released.wait, {}, "wait took longer than 0.05 s."),
        (weather, {}, "weather was called wrongly: missing a required argument: 'city'."),
        (weather, {"city": "Oslo", "planet": "Mars"}, "unexpected keyword argument 'planet'"),
    ):
        result = await call_function(function, arguments, 0.05 if "longer" in words else 30.0)
        assert words in result["error"]
    released.set()
