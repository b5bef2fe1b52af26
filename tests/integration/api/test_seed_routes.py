"""The seed's routes, asked by curl as its document does, and with every field its server took."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import shlex
from typing import Any

import httpx
import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider
from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import MODEL, TOKEN, Served, hello, served
from tests.dialects import GEMINI, KEY, OPENAI
from tests.dialects.base import Call
from tests.seed.examples import DOCUMENT
from tests.wire import ByteServer, Reply

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYPj/HwADAgH/p1vq0QAAAABJRU5ErkJggg=="
)
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "What it is like outside",
        "parameters": {"type": "object", "properties": {"place": {"type": "string"}}},
    },
}


def curl_examples() -> list[str]:
    """Every call of curl in the seed's document, as it is written."""
    blocks = re.findall(r"```bash\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    return [block for block in blocks if block.startswith("curl ")]


async def curl(api: Served, *arguments: str) -> tuple[int, Any]:
    """What curl got: the status, and JSON."""
    process = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments),
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    body, _, status = said.decode().rpartition("\n")
    return int(status), json.loads(body)


async def complete(api: Served, **body: Any) -> httpx.Response:
    async with api.http() as http:
        return await http.post("/api/chat/completions", json=hello() | body)


async def test_each_call_of_curl_in_the_seeds_document_is_answered() -> None:
    (example,) = curl_examples()
    for token, header in ((None, ()), (TOKEN, ("-H", f"Authorization: Bearer {TOKEN}"))):
        async with served(dialect=GEMINI, token=token) as api:
            words = shlex.split(
                example.replace("\\\n", " ").replace("localhost:8000", f"127.0.0.1:{api.port}")
            )
            status, answer = await curl(api, *words[1:], *header)
            (asked,) = (one for one in api.upstream.exchanges if one.method == "POST")
            (request,) = api.log.recent()
        assert status == 200
        assert answer["choices"][0]["message"] == {"role": "assistant", "content": "Hello"}
        assert answer["object"] == "chat.completion"
        assert "gemini-1.5-flash" in asked.path
        assert (request.client.ip, request.client.client_id, request.status) == ("127.0.0.1",) * 2 + (200,)


async def test_what_this_is_and_whether_it_is_well_is_told_to_anybody() -> None:
    async with served() as api:
        status, what = await curl(api, f"{api.url}/")
        assert status == 200
        assert what["message"] == "AI Proxy Desktop"
        assert what["endpoints"]["completions"] == "/api/chat/completions"
        assert what["endpoints"]["gemini_live"] == "/api/gemini/ws"
        assert await curl(api, f"{api.url}/health") == (200, {"status": "healthy"})
        assert (await curl(api, f"{api.url}/api/models"))[0] == 401
        assert [line.status for line in api.log.recent()] == [401]  # those who are well stand nowhere


async def test_models_are_listed_by_provider_and_only_those_offered() -> None:
    names = ("models/gemini-3.8-flash", "models/nobody-knows")
    models = {"models": [{"name": name, "supportedGenerationMethods": ["generateContent"]} for name in names]}
    async with ByteServer(Reply.json(models)) as gemini:
        keys = StaticCredentials({"gemini": KEY})
        async with (
            served(providers=lambda http: [GeminiProvider(http, keys, gemini.url)]) as api,
            api.http() as http,
        ):
            listed = (await http.get("/api/models")).json()
            assert listed["object"] == "list"
            assert {one["provider"] for one in listed["data"]} == {"openai", "gemini"}
            of_one = (await http.get("/api/models", params={"provider": "gemini"})).json()["data"]
            assert {one["provider"] for one in of_one} == {"gemini"}
            chosen = next(one for one in of_one if one["id"] == "gemini-3.8-flash")
            assert chosen["context_limit"] > 0
            assert of_one[-1]["context_limit"] == "unknown"
            assert chosen["capabilities"]["vision"] is True
            api.names = ModelNames(offered=frozenset({"gemini:gemini-3.8-flash"}))
            assert [one["id"] for one in (await http.get("/api/models")).json()["data"]] == [
                "gemini-3.8-flash"
            ]
            assert (await http.get("/api/models?provider=openai")).json()["data"] == []
            unknown = await http.get("/api/models?provider=nobody")
            assert unknown.status_code == 404
            assert unknown.json()["detail"] == (
                "There is no provider “nobody”. Those there are: openai, gemini."
            )


async def test_why_one_provider_lists_nothing_is_said() -> None:
    async with ByteServer(Reply.json({"error": {"message": KEY}}, 500)) as gemini:
        keys = StaticCredentials({"gemini": KEY})
        async with served(providers=lambda http: [GeminiProvider(http, keys, gemini.url)]) as api:

            async def refresh() -> None:
                """As the application's: what fails is left out."""

            object.__setattr__(api.backend, "refresh", refresh)
            async with api.http() as http:
                failed = await http.get("/api/models?provider=gemini")
    assert failed.status_code == 502
    assert "Gemini" in failed.json()["detail"]
    assert KEY not in failed.text


async def test_the_seeds_own_fields_reach_the_model() -> None:
    async with served(dialect=GEMINI) as api:
        answer = await complete(
            api,
            model="gemini:m",
            temperature=0.25,
            max_tokens=50,
            response_format={"type": "json_object"},
            system_instruction="Be brief.",
            safety_settings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}],
            app="notes",
            device="desk",
            client_id="c",
            user_id="u",
            session_id="s",
            request_id="r",
        )
        (asked,) = api.upstream.exchanges
        (request,) = api.log.recent()
    assert answer.status_code == 200, answer.text
    sent = asked.json
    assert sent["systemInstruction"]["parts"] == [{"text": "Be brief."}]
    assert sent["safetySettings"] == [
        {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"},
    ]
    config = sent["generationConfig"]
    assert (config["temperature"], config["maxOutputTokens"]) == (0.25, 50)
    assert config["responseMimeType"] == "application/json"
    assert not {"app", "client_id", "device", "user_id"} & sent.keys()
    who = request.client
    assert (who.app, who.device, who.client_id, who.user_id) == ("notes", "desk", "c", "u")
    assert (who.session_id, who.request_id, who.ip) == ("s", "r", "127.0.0.1")
    assert (request.model, request.input_tokens, request.output_tokens) == ("gemini:m", 11, 7)


async def test_the_seeds_word_for_plain_text_is_taken() -> None:
    async with served() as api:
        nothing = {"system_instruction": "", "safety_settings": None, "return_images": None, "device": None}
        answer = await complete(api, response_format="text", stream=False, **nothing)
        assert answer.status_code == 200, answer.text
        (asked,) = api.upstream.exchanges
        assert asked.json.keys() == {"model", "messages", "stream", "stream_options"}


async def test_images_and_tool_calls_are_kept() -> None:
    assert GEMINI.image is not None
    assert OPENAI.tool_calls is not None
    async with served([GEMINI.image("image/png", PIXEL)], dialect=GEMINI) as api:
        answer = (await complete(api, model="gemini:m", return_images=True)).json()
        assert "IMAGE" in api.upstream.exchanges[0].json["generationConfig"]["responseModalities"]
    url = f"data:image/png;base64,{base64.b64encode(PIXEL).decode()}"
    assert answer["images"] == {"data": url, "mime_type": "image/png"}
    assert answer["choices"][0]["message"]["images"] == [{"type": "image_url", "image_url": {"url": url}}]

    calls = OPENAI.reply(
        OPENAI.tool_calls([Call("c1", "weather", '{"place":"Bonn"}')]), OPENAI.finish("tool_calls")
    )
    async with served(calls, "Rain") as api:
        called = (await complete(api, tools=[WEATHER])).json()
        (choice,) = called["choices"]
        assert choice["finish_reason"] == "tool_calls"
        result = {"role": "tool", "tool_call_id": "c1", "content": "rain"}
        turns = [*hello()["messages"], choice["message"], result]
        told = (await complete(api, tools=[WEATHER], messages=turns)).json()
        assert told["choices"][0]["message"]["content"] == "Rain"
        assert api.upstream.exchanges[-1].json["messages"][-1]["tool_call_id"] == "c1"


async def test_sound_goes_in_as_the_seeds_document_shows_it() -> None:
    """Both of its examples of messages, with sound in place of its dots."""
    blocks = re.findall(r"```json\n(\[.*?\])\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 2
    mp3 = b"ID3\x04" + bytes(60)
    sound = base64.b64encode(mp3).decode()
    async with served("Birds", dialect=GEMINI) as api:
        for block in blocks:
            messages = json.loads(block.replace("AAA...", sound))
            answer = await complete(api, model="gemini:m", messages=messages)
            assert answer.status_code == 200, answer.text
        sent = [one.json["contents"][0]["parts"] for one in api.upstream.exchanges]
    for parts in sent:
        (data,) = (part["inlineData"] for part in parts if "inlineData" in part)
        assert (data["mimeType"], base64.b64decode(data["data"])) == ("audio/mp3", mp3)


async def test_a_stream_is_that_of_v1() -> None:
    async with served(["Hel", "lo"]) as api, api.http() as http:
        bodies = []
        for path in ("/api/chat/completions", "/v1/chat/completions"):
            answer = await http.post(path, json=hello(stream=True, stream_options={"include_usage": True}))
            assert answer.headers["content-type"].startswith("text/event-stream")
            text = re.sub(r'"(id|created)":("[^"]+"|\d+)', "", answer.text)
            bodies.append(text)
        assert bodies[0] == bodies[1]
        assert bodies[0].endswith("data: [DONE]\n\n")
        assert "prompt_tokens" in bodies[0]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"messages": None}, "messages"),
        ({"app": 7}, "The field “app” has to be a text."),
        ({"client_id": ["a"]}, "The field “client_id” has to be a text."),
        ({"system_instruction": {}}, "The field “system_instruction” has to be a text."),
        ({"model": 5}, "model"),
        ({"temperature": -1}, "temperature"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"response_format": "xml"}, "response_format"),
        ({"safety_settings": 5}, "safety_settings"),
        ({"return_images": "yes"}, "return_images"),
        ({"stream": "yes"}, "stream"),
    ],
)
async def test_what_is_wrong_is_named_where_the_seeds_clients_look(wrong: dict[str, Any], words: str) -> None:
    async with served() as api:
        refused = await complete(api, **wrong)
        assert refused.status_code == 400, refused.text
        said = refused.json()
        assert words in said["detail"]
        assert said["error"]["message"] == said["detail"]
        assert not api.upstream.exchanges
        assert api.log.recent()[-1].error == said["detail"]


async def test_an_alias_and_the_default_model_are_taken() -> None:
    names = ModelNames({"mine": MODEL}, default="mine")
    async with served(names=names) as api, api.http() as http:
        for body in ({"model": "mine"}, {"model": None}, {}):
            messages = {"messages": hello()["messages"]}
            assert (await http.post("/api/chat/completions", json=messages | body)).status_code == 200
        assert {one.model for one in api.log.recent()} == {MODEL}
