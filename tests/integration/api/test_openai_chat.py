"""Chat completions asked by the official openai SDK, over services of every dialect."""

from __future__ import annotations

import base64
import json
from typing import Any

import openai
import pydantic
import pytest

from tests.api_parts import MODEL, TOKEN, served
from tests.dialects import DIALECTS, GEMINI, KEY, OPENAI, Call, Dialect
from tests.integration.api.sdk import openai_for
from tests.waiting import until
from tests.wire import ByteServer, Reply

HELLO: Any = [{"role": "user", "content": "Hello"}]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\x3e\0\0\0\x7d\0\0\2\0\x10\0data\0\0\0\0"
TOOLS: Any = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Weather of a place",
            "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
        },
    }
]


def name_of(dialect: Dialect) -> str:
    """The model that stands behind a dialect."""
    return f"{dialect.name}:m"


async def test_a_whole_answer_with_its_usage_and_its_line_in_the_log() -> None:
    async with served(["Hel", "lo ☀"]) as api, openai_for(api) as client:
        answer = await client.chat.completions.create(model=MODEL, messages=HELLO)
        seen, line = api.upstream.exchanges[-1], api.log.recent()[-1]
    assert answer.choices[0].message.content == "Hello ☀"
    assert (answer.choices[0].finish_reason, answer.object) == ("stop", "chat.completion")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (
        11,
        7,
        18,
    )
    # The client's token is for us alone; the provider gets its own key.
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert TOKEN not in str(seen.headers)
    assert (line.model, line.status, line.input_tokens, line.output_tokens) == (MODEL, 200, 11, 7)
    assert line.error == ""


async def test_a_stream_tells_its_usage_only_where_it_is_asked_to() -> None:
    async with served(["Hel", "lo"]) as api, openai_for(api) as client:
        create = client.chat.completions.create
        plain = [chunk async for chunk in await create(model=MODEL, messages=HELLO, stream=True)]
        options: Any = {"include_usage": True}
        counted = [
            chunk
            async for chunk in await create(model=MODEL, messages=HELLO, stream=True, stream_options=options)
        ]
        async with api.http() as http:
            body = {"model": MODEL, "messages": HELLO, "stream": True, "stream_options": options}
            raw = (await http.post("/v1/chat/completions", json=body)).text
        line = api.log.recent()[0]
    for chunks in (plain, counted):
        assert "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices) == "Hello"
        assert chunks[0].choices[0].delta.role == "assistant"
        assert len({chunk.id for chunk in chunks}) == 1
    assert [chunk.usage for chunk in plain] == [None] * len(plain)
    assert all(chunk.choices for chunk in plain)
    assert [chunk.usage for chunk in counted[:-1]] == [None] * (len(counted) - 1)
    assert counted[-1].choices == []
    assert counted[-1].usage is not None
    assert counted[-1].usage.total_tokens == 18
    *events, done, rest = raw.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    assert all("usage" in json.loads(event.removeprefix("data: ")) for event in events)
    # The log knows the tokens of a stream whose client did not ask for them.
    assert (line.status, line.input_tokens, line.output_tokens) == (200, 11, 7)
    assert line.first_token_seconds is not None


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_tools_are_called_and_answered_over_every_dialect(dialect: Dialect) -> None:
    assert dialect.tool_calls is not None
    call = Call("call_1", "weather", '{"place": "Köln"}')
    calling = dialect.reply(dialect.tool_calls([call]), dialect.finish("tool_calls"))
    async with served(calling, calling, "Sunny.", dialect=dialect) as api, openai_for(api) as client:
        create, model = client.chat.completions.create, name_of(dialect)
        whole = (await create(model=model, messages=HELLO, tools=TOOLS, tool_choice="auto")).choices[0]
        async with client.chat.completions.stream(model=model, messages=HELLO, tools=TOOLS) as stream:
            streamed = (await stream.get_final_completion()).choices[0]
        assert whole.finish_reason == streamed.finish_reason == "tool_calls"
        for message in (whole.message, streamed.message):
            assert message.tool_calls is not None
            (found,) = message.tool_calls
            assert found.type == "function"
            assert found.function.name == "weather"
            assert json.loads(found.function.arguments) == {"place": "Köln"}
        # The message goes back as it came, what the provider wants back with it included.
        said: Any = whole.message.model_dump(exclude_none=True)
        result: Any = {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": "21 °C"}
        last = await create(model=model, messages=[*HELLO, said, result], tools=TOOLS)
        assert last.choices[0].message.content == "Sunny."
        assert dialect.read is not None
        sent = dialect.read(api.upstream.exchanges[-1].json)
    assert sent.tools[0][0] == "weather"
    assert sent.turns[-1][1][0][2] == "21 °C"
    assert sent.turns[1][1][-1][2:] == ("weather", {"place": "Köln"})


@pytest.mark.parametrize("dialect", [OPENAI, GEMINI], ids=lambda dialect: dialect.name)
async def test_images_and_sound_go_in(dialect: Dialect) -> None:
    url = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    picture = Reply(content_type="image/png", pieces=(PNG,))
    async with (
        ByteServer(picture) as web,
        served("A dot.", dialect=dialect) as api,
        openai_for(api) as client,
    ):
        parts: Any = [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
            {"type": "image_url", "image_url": {"url": f"{web.url}/dot.png"}},
            {"type": "input_audio", "input_audio": {"data": base64.b64encode(WAV).decode(), "format": "wav"}},
        ]
        answer = await client.chat.completions.create(
            model=name_of(dialect), messages=[{"role": "user", "content": parts}]
        )
        assert dialect.read is not None
        ((_, pieces),) = dialect.read(api.upstream.exchanges[-1].json).turns
    assert answer.choices[0].message.content == "A dot."
    assert pieces[1:] == [("image", "image/png", PNG)] * 2 + [("audio", "audio/wav", WAV)]


async def test_images_come_out_as_data_urls() -> None:
    assert OPENAI.image is not None
    said = ["Here: ", OPENAI.image("image/png", PNG)]
    async with served(said) as api, openai_for(api) as client:
        create = client.chat.completions.create
        whole: Any = (await create(model=MODEL, messages=HELLO)).choices[0].message
        chunks: Any = [chunk async for chunk in await create(model=MODEL, messages=HELLO, stream=True)]
    streamed = [image for chunk in chunks for image in getattr(chunk.choices[0].delta, "images", ())]
    for image in (*whole.images, *streamed):
        assert image["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert len(whole.images) == len(streamed) == 1
    assert whole.content == "Here: "


class Place(pydantic.BaseModel):
    """What an answer has to be."""

    city: str
    people: int


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_json_of_a_schema_and_any_json(dialect: Dialect) -> None:
    async with served('{"city": "Köln", "people": 1}', dialect=dialect) as api, openai_for(api) as client:
        parsed = await client.chat.completions.parse(
            model=name_of(dialect), messages=HELLO, response_format=Place
        )
        assert parsed.choices[0].message.parsed == Place(city="Köln", people=1)
        assert dialect.read is not None
        schema = dialect.read(api.upstream.exchanges[-1].json).json
        await client.chat.completions.create(
            model=name_of(dialect),
            messages=[{"role": "user", "content": "Give JSON"}],
            response_format={"type": "json_object"},
        )
        plain = dialect.read(api.upstream.exchanges[-1].json).json
    assert set(schema["properties"]) == {"city", "people"}
    assert plain is not None or dialect.name == "anthropic"  # which is asked in words


async def test_every_other_field_goes_to_the_provider() -> None:
    fields: dict[str, Any] = {
        "temperature": 0.5,
        "max_completion_tokens": 50,
        "top_p": 0.9,
        "stop": ["END"],
        "seed": 7,
        "reasoning_effort": "low",
        "presence_penalty": 0.5,
        "logit_bias": {"50256": -100},
        "user": "someone",
        "metadata": {"a": "b"},
        "parallel_tool_calls": False,
        "tools": TOOLS,
        "tool_choice": {"type": "function", "function": {"name": "weather"}},
        "n": 1,
        "logprobs": False,
    }
    extra = {"new_field_of_theirs": {"x": [1]}, "app": "mail", "client_id": "c-1", "device": "desk"}
    async with (
        served("Yes") as api,
        served("Yes", dialect=GEMINI) as other,
        openai_for(api) as client,
        openai_for(other) as second,
    ):
        await client.chat.completions.create(model=MODEL, messages=HELLO, extra_body=extra, **fields)
        sent, line = api.upstream.exchanges[-1].json, api.log.recent()[-1]
        some = {name: fields[name] for name in ("top_p", "stop", "seed", "presence_penalty")}
        answer: Any = await second.chat.completions.create(model="gemini:m", messages=HELLO, **some)
        config = other.upstream.exchanges[-1].json["generationConfig"]
    kept = {name for name in fields if name not in {"max_completion_tokens", "n", "logprobs", "tools"}}
    assert {name: sent[name] for name in kept} == {name: fields[name] for name in kept}
    assert sent.get("max_completion_tokens", sent.get("max_tokens")) == 50
    assert sent["new_field_of_theirs"] == {"x": [1]}
    # What says who asks is for the log and telemetry, and no provider's business.
    assert not {"app", "client_id", "device", "client_context"} & sent.keys()
    assert line.client.client_id == "c-1"
    wanted = {"topP": 0.9, "stopSequences": ["END"], "seed": 7, "presencePenalty": 0.5}
    assert {name: config[name] for name in wanted} == wanted
    assert answer.notes == []


FAILURES = [
    (400, "context", openai.BadRequestError, "context_length_exceeded"),
    (401, "key", openai.InternalServerError, "provider_refused_key"),
    (404, "model", openai.NotFoundError, "model_not_found"),
    (429, "rate", openai.RateLimitError, "rate_limit_exceeded"),
    (500, "server", openai.InternalServerError, None),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
async def test_a_providers_refusal_raises_the_sdks_own_errors(stream: bool) -> None:
    refusals = [
        OPENAI.refusal(status, code, "It said so.", {"retry-after": "7"} if status == 429 else None)
        for status, code, _, _ in FAILURES
    ]
    async with served(*refusals) as api, openai_for(api) as client:
        for status, _, kind, code in FAILURES:
            with pytest.raises(kind) as raised:
                await client.chat.completions.create(model=MODEL, messages=HELLO, stream=stream)
            assert raised.value.code == code
            assert KEY not in str(raised.value)
            line = api.log.recent()[-1]
            assert line.status == raised.value.status_code
            assert line.error in str(raised.value.body)
            if status == 429:
                assert raised.value.response.headers["retry-after"] == "7"


async def test_the_sdk_asks_again_only_where_that_can_help() -> None:
    keyless = OPENAI.refusal(401, "key")
    busy = OPENAI.refusal(503, "server", headers={"retry-after": "0.01"})
    async with served(keyless, busy, "Hello") as api, openai_for(api, max_retries=1) as client:
        with pytest.raises(openai.InternalServerError, match="key"):
            await client.chat.completions.create(model=MODEL, messages=HELLO)
        assert len(api.log.recent()) == 1
        answer = await client.chat.completions.create(model=MODEL, messages=HELLO)
        assert [line.status for line in api.log.recent()] == [502, 502, 200]
    assert answer.choices[0].message.content == "Hello"


WRONG: list[tuple[dict[str, Any], str | None]] = [
    ({"n": 2}, "n"),
    ({"logprobs": True}, "logprobs"),
    ({"stream": "yes"}, "stream"),
    ({"stream_options": {"include_usage": True}}, "stream_options"),
    ({"model": 5}, "model"),
    ({"messages": "Hello"}, "messages"),
    ({"messages": []}, None),
    ({"messages": [{"role": "wizard", "content": "x"}]}, None),
    (
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "/etc/passwd"}}]}
            ]
        },
        None,
    ),
    ({"temperature": "hot"}, None),
    ({"tools": {}}, None),
    ({"response_format": {"type": "poem"}}, None),
    ({"modalities": ["text", "audio"]}, None),
    ({"functions": []}, None),
]


async def test_what_is_wrong_is_named_in_one_sentence_and_nothing_is_sent() -> None:
    async with served("Never") as api, openai_for(api) as client:
        for wrong, param in WRONG:
            with pytest.raises(openai.BadRequestError) as raised:
                await client.chat.completions.create(model=MODEL, messages=HELLO, extra_body=wrong)
            assert raised.value.param == param, wrong
            body: Any = raised.value.body
            assert body["type"] == "invalid_request_error"
            assert body["message"].count("\n") == 0
        with pytest.raises(openai.NotFoundError) as missing:
            await client.chat.completions.create(model="opnai:m", messages=HELLO)
        async with openai_for(api, api_key="wrong") as stranger:
            with pytest.raises(openai.AuthenticationError):
                await stranger.chat.completions.create(model=MODEL, messages=HELLO)
        posts = [exchange for exchange in api.upstream.exchanges if exchange.method == "POST"]
    assert missing.value.code == "model_not_found"
    assert posts == []


async def test_a_stream_that_breaks_off_ends_with_an_error_event() -> None:
    broken = OPENAI.reply(OPENAI.text("Half"), ending="abort")
    async with served(broken) as api, openai_for(api) as client:
        stream = aiter(await client.chat.completions.create(model=MODEL, messages=HELLO, stream=True))
        pieces = [(await anext(stream)).choices[0].delta.content for _ in range(2)]
        with pytest.raises(openai.APIError, match="broke off"):
            await anext(stream)
        async with api.http() as http:
            body = {"model": MODEL, "messages": HELLO, "stream": True}
            raw = await http.post("/v1/chat/completions", json=body)
        line = api.log.recent()[-1]
    assert pieces == ["", "Half"]
    assert raw.status_code == 200
    *_, last, rest = raw.text.split("\n\n")
    assert (json.loads(last.removeprefix("data: "))["error"]["type"], rest) == ("server_error", "")
    assert "[DONE]" not in raw.text
    assert line.status == 502
    assert "broke off" in line.error


async def test_a_client_that_leaves_a_stream_is_written_down_as_such() -> None:
    endless = OPENAI.reply(OPENAI.text("One"), ending="silence")
    async with served(endless) as api, openai_for(api) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=HELLO, stream=True)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
        await until(api.upstream.exchanges[-1].closed.is_set, "the provider is told")
        await until(lambda: api.log.recent()[-1].status == 499)
        assert api.log.recent()[-1].seconds is not None
