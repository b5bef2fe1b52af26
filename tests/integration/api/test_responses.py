"""The Responses interface over the local API, asked with OpenAI's own client."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.api_parts import MODEL, TOKEN, Served, served
from tests.dialects import OPENAI, RESPONSES
from tests.dialects.base import Call
from tests.dialects.responses import thought
from tests.image_servers.painting import encoded, generated
from tests.waiting import until

WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "description": "Tells the weather.",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    "strict": False,
}


@asynccontextmanager
async def asking(*replies: Any, **more: Any) -> AsyncIterator[tuple[Served, openai.AsyncOpenAI]]:
    """The local API over one scripted service, and OpenAI's client of it."""
    async with (
        served(*replies, **more) as api,
        openai.AsyncOpenAI(base_url=f"{api.url}/v1", api_key=TOKEN, max_retries=0) as client,
    ):
        yield api, client


async def test_text_comes_whole_and_piece_by_piece() -> None:
    async with asking(["Hel", "lo"]) as (api, client):
        whole = await client.responses.create(
            model=MODEL,
            input="Say hello",
            instructions="Be brief.",
            temperature=0.5,
            max_output_tokens=50,
            metadata={"for": "us"},
        )
        assert (whole.output_text, whole.status, whole.model) == ("Hello", "completed", "m")
        assert (whole.instructions, whole.temperature, whole.metadata) == ("Be brief.", 0.5, {"for": "us"})
        assert whole.usage
        assert (whole.usage.input_tokens, whole.usage.output_tokens, whole.usage.total_tokens) == (11, 7, 18)
        sent = OPENAI.read(api.upstream.exchanges[0].json) if OPENAI.read else None
        assert sent
        assert (sent.system, sent.turns) == ("Be brief.", [("user", [("text", "Say hello")])])
        assert (sent.temperature, sent.max_tokens) == (0.5, 50)

        async with client.responses.stream(model=MODEL, input="Say hello") as stream:
            events = [event async for event in stream]
            final = await stream.get_final_response()
        assert [event.type for event in events] == [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
        assert [event.sequence_number for event in events] == list(range(10))
        assert final.output_text == "Hello"
        assert final.id.startswith("resp_")
        assert final.usage == whole.usage

        for line in api.log.recent():
            assert (line.status, line.model, line.path) == (200, MODEL, "/v1/responses")
            assert (line.input_tokens, line.output_tokens) == (11, 7)
            assert line.first_token_seconds is not None


async def test_functions_are_called_and_their_results_go_back() -> None:
    calls = [Call("call_1", "weather", '{"city":"Oslo"}'), Call("call_2", "weather", '{"city":"Rome"}')]
    assert OPENAI.tool_calls
    asked = OPENAI.reply(OPENAI.text("Let me see."), OPENAI.tool_calls(calls), OPENAI.finish("tool_calls"))
    async with asking(asked, "Cold.") as (api, client):
        async with client.responses.stream(
            model=MODEL, input="How is it in Oslo and Rome?", tools=[WEATHER], tool_choice="required"
        ) as stream:
            done = [event async for event in stream if event.type == "response.output_item.done"]
            first = await stream.get_final_response()
        assert [item.type for item in first.output] == ["message", "function_call", "function_call"]
        assert [event.item.type for event in done] == [item.type for item in first.output]
        made = [item for item in first.output if item.type == "function_call"]
        assert [(one.call_id, one.name, one.arguments) for one in made] == [
            (call.id, call.name, call.arguments) for call in calls
        ]
        items: list[Any] = [{"role": "user", "content": "How is it in Oslo and Rome?"}]
        items += [item.model_dump(exclude_none=True) for item in first.output]
        items += [
            {"type": "function_call_output", "call_id": one.call_id, "output": f"-{number}"}
            for number, one in enumerate(made)
        ]
        second = await client.responses.create(model=MODEL, input=items, tools=[WEATHER])
        assert second.output_text == "Cold."
        assert OPENAI.read
        sent = OPENAI.read(api.upstream.exchanges[0].json)
        assert sent.tools == [("weather", "Tells the weather.", WEATHER["parameters"])]
        assert sent.tool_choice == "required"
        assert OPENAI.read(api.upstream.exchanges[1].json).turns == [
            ("user", [("text", "How is it in Oslo and Rome?")]),
            (
                "assistant",
                [
                    ("text", "Let me see."),
                    ("call", "call_1", "weather", {"city": "Oslo"}),
                    ("call", "call_2", "weather", {"city": "Rome"}),
                ],
            ),
            ("tool", [("result", "call_1", "-0"), ("result", "call_2", "-1")]),
        ]


class Boat(BaseModel):
    name: str
    masts: int


async def test_answers_have_the_form_that_is_asked_for() -> None:
    async with asking('{"name": "Fram", "masts": 3}') as (api, client):
        parsed = await client.responses.parse(model=MODEL, input="A boat", text_format=Boat)
        assert parsed.output_parsed == Boat(name="Fram", masts=3)
        schema = api.upstream.exchanges[0].json["response_format"]["json_schema"]
        assert (schema["name"], schema["strict"]) == ("Boat", True)


async def test_images_go_in_and_earlier_turns_with_them() -> None:
    picture = encoded(generated("red", (8, 8)))
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    items: Any = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": [{"type": "output_text", "text": "Hi."}]},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "What is this?"},
                {"type": "input_image", "image_url": url, "detail": "auto"},
            ],
        },
    ]
    async with asking("Red.") as (api, client):
        assert (await client.responses.create(model=MODEL, input=items)).output_text == "Red."
        assert OPENAI.read
        sent = OPENAI.read(api.upstream.exchanges[0].json)
        assert (sent.system, sent.turns) == (
            "Be brief.",
            [
                ("user", [("text", "Hello")]),
                ("assistant", [("text", "Hi.")]),
                ("user", [("text", "What is this?"), ("image", "image/png", picture)]),
            ],
        )


async def test_what_a_function_shows_follows_its_results() -> None:
    picture = encoded(generated("red", (8, 8)))
    url = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
    call = {"type": "function_call", "name": "look", "arguments": "{}"}
    seen = [{"type": "input_image", "image_url": url, "detail": "auto"}]
    items: Any = [
        {"role": "user", "content": "Look twice"},
        call | {"call_id": "a"},
        call | {"call_id": "b"},
        {"type": "function_call_output", "call_id": "a", "output": seen},
        {"type": "function_call_output", "call_id": "b", "output": [{"type": "input_text", "text": "Dark."}]},
    ]
    async with asking("Red.") as (api, client):
        await client.responses.create(model=MODEL, input=items)
        assert OPENAI.read
        results, shown = OPENAI.read(api.upstream.exchanges[0].json).turns[2:]
        assert results == ("tool", [("result", "a", "It follows the results."), ("result", "b", "Dark.")])
        assert shown == ("user", [("image", "image/png", picture)])


async def test_thoughts_come_as_items_and_go_back_to_whoever_had_them() -> None:
    calls = [Call("call_1", "weather", '{"city":"Oslo"}')]
    assert RESPONSES.tool_calls
    asked = RESPONSES.reply(
        thought("Hm.", "gAAAA-secret"), RESPONSES.tool_calls(calls), RESPONSES.finish("completed")
    )
    async with asking(asked, "Cold.", dialect=RESPONSES) as (api, client):
        model = "responses:o4-mini"
        stream = await client.responses.create(model=model, input="Oslo?", tools=[WEATHER], stream=True)
        events = [event async for event in stream]
        last = events[-1]
        assert last.type == "response.completed"
        assert [item.type for item in last.response.output] == ["reasoning", "function_call"]
        told = [event.delta for event in events if event.type == "response.reasoning_summary_text.delta"]
        assert told == ["Hm."]
        items: list[Any] = [{"role": "user", "content": "Oslo?"}]
        items += [item.model_dump(exclude_none=True) for item in last.response.output]
        items.append({"type": "function_call_output", "call_id": "call_1", "output": "-4"})
        again = await client.responses.create(model=model, input=items, tools=[WEATHER])
        assert again.usage
        assert again.usage.output_tokens_details.reasoning_tokens == 3
        sent = api.upstream.exchanges[1].json["input"]
        assert [item["type"] for item in sent] == [
            "message",
            "reasoning",
            "function_call",
            "function_call_output",
        ]
        assert sent[1]["encrypted_content"] == "gAAAA-secret"


async def test_pictures_come_as_items() -> None:
    picture = encoded(generated("red", (64, 64)))
    assert OPENAI.image
    drawn = OPENAI.reply(OPENAI.text("Here."), OPENAI.image("image/png", picture), OPENAI.finish("stop"))
    async with asking(drawn) as (_, client):
        whole = await client.responses.create(model=MODEL, input="Draw")
        kinds = ["message", "image_generation_call"]
        assert [item.type for item in whole.output] == kinds
        async with client.responses.stream(model=MODEL, input="Draw") as stream:
            final = await stream.get_final_response()
        for response in (whole, final):
            made = response.output[1]
            assert made.type == "image_generation_call"
            assert base64.b64decode(made.result or "") == picture


async def test_what_ends_early_says_so() -> None:
    cut = OPENAI.reply(OPENAI.text("Hel"), OPENAI.finish("length"))
    async with asking(cut) as (_, client):
        whole = await client.responses.create(model=MODEL, input="Say hello")
        assert (whole.status, whole.output_text) == ("incomplete", "Hel")
        assert whole.incomplete_details
        assert whole.incomplete_details.reason == "max_output_tokens"
        stream = await client.responses.create(model=MODEL, input="Say hello", stream=True)
        assert [event.type async for event in stream][-1] == "response.incomplete"


async def test_what_fails_raises_the_clients_own_errors() -> None:
    early = OPENAI.refusal(429, "rate", "Too many.", {"retry-after": "7"})
    late = OPENAI.reply(OPENAI.text("Hel"), OPENAI.error_frame("It broke."))
    async with asking(early, late) as (api, client):
        with pytest.raises(openai.RateLimitError) as limited:
            await client.responses.create(model=MODEL, input="Say hello", stream=True)
        assert limited.value.response.headers["retry-after"] == "7"
        stream = await client.responses.create(model=MODEL, input="Say hello", stream=True)
        events: list[Any] = []
        with pytest.raises(openai.APIError):
            await _collect(stream, events)
        assert events[-1].type == "response.failed"
        assert events[-1].response.error.message
        assert events[-1].response.output_text == "Hel"
        with pytest.raises(openai.InternalServerError):
            await client.responses.create(model=MODEL, input="Say hello")
        assert [line.status for line in api.log.recent()] == [429, 502, 502]


async def _collect(stream: Any, events: list[Any]) -> None:
    async for event in stream:
        events.append(event)  # noqa: PERF401 - those before an error count, too


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"previous_response_id": "resp_1"}, "Send the whole conversation"),
    ({"store": True}, "Nothing is kept here"),
    ({"background": True}, "Leave out “background”"),
    ({"stream": "yes"}, "has to be true or false"),
    ({"input": ""}, "There is no input"),
    ({"input": [5]}, "not an object"),
    ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "Item 1 of the input refers to another"),
    ({"input": [{"type": "mcp_call", "id": "x"}]}, "“mcp_call”, which is not taken here"),
    ({"input": [{"type": ["message"]}]}, "which is not taken here"),
    ({"input": [{"role": "user", "content": 5}]}, "as its content"),
    ({"input": [{"role": "robot", "content": "x"}]}, "has the role “robot”"),
    ({"input": [{"type": "function_call_output", "call_id": "a", "output": "b"}]}, "which no message before"),
    ({"input": [{"type": "function_call", "call_id": "a", "name": "b", "arguments": 7}]}, "arguments"),
    ({"tools": [{"type": "custom", "name": "x"}]}, "This model has no tool “custom”"),
    ({"top_logprobs": 3}, "asks for what is not told here"),
    ({"tool_choice": {"type": "allowed_tools", "tools": 5}}, "allows no list of tools"),
    ({"input": [{"type": "reasoning", "summary": 5}]}, "no list of parts as its summary"),
    ({"tool_choice": {}}, "which is no choice"),
    ({"tools": 5}, "has to be a list"),
    ({"text": {"format": {"type": "yaml"}}}, "which is no format"),
    ({"text": "yaml"}, "has to be an object"),
    ({"reasoning": {"effort": "huge"}}, "which is none"),
    ({"temperature": "hot"}, "has to be a number"),
    ({"model": "nobody:x"}, "No provider serves the model"),
]


async def test_what_cannot_be_had_is_refused_in_one_sentence() -> None:
    async with asking("Hello") as (api, _), api.http() as http:
        for fields, sentence in REFUSED:
            answer = await http.post("/v1/responses", json={"model": MODEL, "input": "Hello", **fields})
            assert answer.status_code in {400, 404}, (fields, answer.text)
            assert sentence in answer.json()["error"]["message"]
        assert all(exchange.method == "GET" for exchange in api.upstream.exchanges)


@pytest.mark.parametrize("stream", [True, False])
async def test_who_leaves_ends_the_request_to_the_service(stream: bool) -> None:
    silent = OPENAI.reply(OPENAI.text("Hel"), ending="silence")
    async with asking(silent) as (api, _), api.http() as http:
        body = {"model": MODEL, "input": "Hello", "stream": stream}
        async with (
            http.stream("POST", "/v1/responses", json=body) if stream else _given_up(http, body) as answer
        ):
            if answer is not None:
                assert b"response.created" in await anext(answer.aiter_bytes())
        await until(lambda: bool(api.upstream.exchanges) and api.upstream.exchanges[0].closed.is_set())
        await until(lambda: api.log.recent()[0].status == 499)


@asynccontextmanager
async def _given_up(http: Any, body: dict[str, Any]) -> AsyncIterator[None]:
    import httpx

    with pytest.raises(httpx.ReadTimeout):
        await http.post("/v1/responses", json=body, timeout=0.5)
    yield None
