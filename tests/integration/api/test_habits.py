"""What programs send besides what they need: odd but common fields and messages, over every dialect."""

from __future__ import annotations

import json
from typing import Any

import pytest
from openai.types import Model
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response
from pydantic import TypeAdapter

from tests.api_parts import served
from tests.dialects import ANTHROPIC, DIALECTS, GEMINI, OPENAI, Call, Dialect

CHAT, CHUNKS = TypeAdapter(ChatCompletion), TypeAdapter(list[ChatCompletionChunk])
RESPONSE, MODELS = TypeAdapter(Response), TypeAdapter(list[Model])

HI = {"role": "user", "content": "Hi"}
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {"name": "weather", "description": None, "strict": True},
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": ""}}
NULLS = dict.fromkeys(("tools", "tool_choice", "stop", "seed", "top_p", "user", "functions", "function_call"))

# How LangChain, the Vercel AI SDK, aider, Continue, Open WebUI, the Agents SDK and others ask.
BODIES: dict[str, dict[str, Any]] = {
    "langchain": {"messages": [HI], "n": 1, "temperature": 0.7, "stream": False, "seed": 1, **NULLS},
    "vercel": {
        "messages": [
            {"role": "developer", "content": "Be kind"},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        ],
        "stream": True,
        "stream_options": {"include_usage": True},
        "logit_bias": {},
        "max_completion_tokens": 500,
        "service_tier": "auto",
    },
    "continue": {"messages": [HI], "stream": True, "max_tokens": 4096, "stop": [], "tools": [], "user": "me"},
    "agents": {
        "messages": [
            HI,
            {"role": "assistant", "content": None, "refusal": None, "audio": None, "tool_calls": [CALL]},
            {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "21 °C"}]},
        ],
        "tools": [TOOL],
        "parallel_tool_calls": True,
        "store": False,
        "metadata": {"run": "1"},
        "prompt_cache_key": "a",
        "safety_identifier": "b",
        "verbosity": "low",
    },
    "history": {
        "messages": [
            HI,
            {"role": "assistant", "content": [{"type": "text", "text": "Yes"}], "tool_calls": []},
            {"role": "assistant", "content": "", "tool_calls": None},
            {"role": "user", "content": "And?", "name": "Bob"},
        ],
        "tool_choice": "auto",
        "logprobs": False,
        "top_logprobs": 0,
    },
    "cut": {
        "messages": [
            {"role": "user", "content": "Half a face: \ud83d"},
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [CALL | {"function": {"name": "weather", "arguments": '{"place": "Kö'}}],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": "These are no arguments."},
        ],
        "tools": [TOOL],
    },
    "instructions alone": {"messages": [{"role": "system", "content": "Be kind"}]},
}
# What these two know nothing of; they refuse a request for one unknown field.
FOREIGN = {"user", "prompt_cache_key", "safety_identifier", "verbosity", "logit_bias", "service_tier"}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_what_programs_send_besides_is_taken(dialect: Dialect) -> None:
    assert dialect.read is not None
    sent = {}
    typed = {"Content-Type": "application/json"}
    async with served("Hello", dialect=dialect) as api, api.http(headers=typed) as http:
        for program, body in BODIES.items():
            content = json.dumps({"model": f"{dialect.name}:m", **body})
            answer = await http.post("/v1/chat/completions", content=content)
            assert answer.status_code == 200, (program, answer.text)
            assert "Hello" in answer.text
            sent[program] = api.upstream.exchanges[-1].json
    assert len(api.upstream.exchanges) == len(BODIES)  # nothing was refused, and asked once more
    assert dialect.read(sent["vercel"]).system == "Be kind"
    assert dialect.read(sent["vercel"]).max_tokens == 500
    assert dialect.read(sent["agents"]).turns[-1][1][0][2] == "21 °C"
    assert dialect.read(sent["agents"]).tools[0][0] == "weather"
    assert dialect.read(sent["instructions alone"]).turns == [("user", [("text", "Be kind")])]
    (_, asked), (_, called), _ = dialect.read(sent["cut"]).turns
    assert asked == [("text", "Half a face: �")]
    assert called[0][2:] == ("weather", {"unreadable_arguments": '{"place": "Kö'})
    assert all("parallel_tool_calls" not in body for body in sent.values())
    for body in sent.values():
        if dialect in (GEMINI, ANTHROPIC):
            assert not FOREIGN & body.keys()
    if dialect is OPENAI:
        assert sent["agents"]["store"] is False
        assert sent["agents"]["metadata"] == {"run": "1"}
        assert sent["continue"]["user"] == "me"


async def test_an_address_is_asked_about_without_a_body() -> None:
    async with served() as api, api.http() as http:
        for path in ("/", "/health", "/demo", "/v1/models", "/openapi.json"):
            whole, head = await http.get(path), await http.head(path)
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["content-length"] == whole.headers["content-length"]
        assert (await http.get("/v1/models/")).status_code == 404
        answer = await http.post("/chat/completions", json={})
        assert "/v1" in answer.json()["detail"]


def events_of(text: str) -> list[Any]:
    """What a stream brought, read."""
    lines = [line.removeprefix("data: ") for line in text.split("\n") if line.startswith("data: {")]
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
async def test_answers_are_what_strict_clients_take(dialect: Dialect) -> None:
    """As OpenAI's own types have them, every field of them checked, which its client does not do."""
    assert dialect.tool_calls is not None
    call = dialect.tool_calls([Call("call_1", "weather", "{}")])
    for reply in (
        dialect.reply(dialect.reasoning("Hm"), dialect.text("Hello"), dialect.finish("length")),
        dialect.reply(dialect.reasoning("Hm"), call, dialect.finish("tool_calls")),
    ):
        async with served(reply, dialect=dialect) as api, api.http() as http:
            chat = {"model": f"{dialect.name}:m", "messages": [HI], "tools": [TOOL]}
            streaming = {"stream": True, "stream_options": {"include_usage": True}}
            whole = await http.post("/v1/chat/completions", json=chat)
            CHAT.validate_python(whole.json())
            streamed = await http.post("/v1/chat/completions", json=chat | streaming)
            CHUNKS.validate_python(events_of(streamed.text))
            asked = {
                "model": f"{dialect.name}:m",
                "input": "Hi",
                "tools": [TOOL["function"] | {"type": "function"}],
            }
            answers = [(await http.post("/v1/responses", json=asked)).json()]
            streamed = await http.post("/v1/responses", json=asked | {"stream": True})
            answers.append(events_of(streamed.text)[-1]["response"])
            for answer in answers:
                # What nobody counted is left out of the details, where OpenAI has a number in any case.
                details = {"cached_tokens": 0, "cache_write_tokens": 0, "reasoning_tokens": 0}
                for name in ("input_tokens_details", "output_tokens_details"):
                    assert all(isinstance(count, int) for count in answer["usage"][name].values())
                    answer["usage"][name] = details | answer["usage"][name]
                RESPONSE.validate_python(answer)
            MODELS.validate_python((await http.get("/v1/models")).json()["data"])
