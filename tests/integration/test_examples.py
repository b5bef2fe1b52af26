"""The programs of examples/, run as a reader would, against services on loopback."""

from __future__ import annotations

import json
import os
import re
import wave
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.http import HttpCall, HttpClient
from tests.dialects import OPENAI
from tests.seed.processes import Application, everyone, python
from tests.seed.run import PNG
from tests.seed.services import GREETING, Authority, answer, live_server
from tests.source import REPOSITORY
from tests.wire import ByteServer, Exchange, Reply

EXAMPLES = REPOSITORY / "examples"
TESTED = {
    "call_tools",
    "choose_a_model",
    "fall_back",
    "fastapi_app",
    "make_images",
    "ollama_complete_guide",
    "quick_start",
    "see_and_hear",
    "stream_answers",
    "talk_live",
}


@pytest.fixture
async def services() -> AsyncIterator[ByteServer]:
    async with ByteServer(answer) as server:
        yield server


async def run(name: str, *arguments: str, services: ByteServer, folder: Path) -> str:
    file = str(EXAMPLES / f"{name}.py")
    return await python(file, *arguments, folder=folder, environ=everyone(services.url))


def test_each_program_is_tested_and_says_how_to_run_it() -> None:
    programs = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py")}
    assert set(programs) == TESTED
    for name, text in programs.items():
        said = text.split('"""')[1]
        assert f"examples/{name}.py" in said or f"{name}:app" in said
        assert "Needs" in said


@pytest.mark.parametrize(
    ("model", "by"),
    [
        ("gpt-5.5", "openai:gpt-5.5"),
        ("gemini-3.8-flash", "gemini:gemini-3.8-flash"),
        ("claude-opus-5-5", "anthropic:claude-opus-5-5"),
        ("llama3.2", "ollama:llama3.2:latest"),
    ],
)
async def test_a_first_question(model: str, by: str, services: ByteServer, tmp_path: Path) -> None:
    output = await run("quick_start", "Hello!", model, services=services, folder=tmp_path)
    assert output.splitlines() == [GREETING, f"({by}, 18 tokens)"]


async def test_a_first_question_needs_nothing_at_all(tmp_path: Path) -> None:
    output = await python(
        str(EXAMPLES / "quick_start.py"),
        folder=tmp_path,
        environ={**os.environ, "PYTHONPATH": str(REPOSITORY)},
    )
    assert re.fullmatch(r".+\n\(builtin:[^\n]+, \d+ tokens\)\n", output, re.DOTALL)


async def test_a_picture_that_the_built_in_model_cannot_see(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(PNG)
    arguments = (str(EXAMPLES / "see_and_hear.py"), "--model", "builtin", "What is this?", "photo.png")
    output = await python(
        *arguments, folder=tmp_path, environ={**os.environ, "PYTHONPATH": str(REPOSITORY)}, code=1
    )
    assert "does not take images" in output


async def test_a_model_that_is_none_is_said_in_one_line(services: ByteServer, tmp_path: Path) -> None:
    said = r"No provider serves the model “gpt-oss”\. Pick one from the list of models\.\n"
    await python(
        *(str(EXAMPLES / "quick_start.py"), "Hello!", "gpt-oss"),
        folder=tmp_path,
        environ=everyone(services.url),
        code=1,
        errors=said,
    )


async def test_events_and_chunks_of_an_answer(services: ByteServer, tmp_path: Path) -> None:
    output = await run("stream_answers", "Hello!", "gpt-5.5", services=services, folder=tmp_path)
    assert output.splitlines() == ["[openai:gpt-5.5]", GREETING, "[7 tokens]", "[stop]", GREETING]


@pytest.mark.parametrize("model", ["gpt-5.5", "gemini-3.8-flash", "claude-opus-5-5", "ollama:llama3.2"])
async def test_tools_are_called_until_there_is_an_answer(
    model: str, services: ByteServer, tmp_path: Path
) -> None:
    output = await run("call_tools", model, services=services, folder=tmp_path)
    call, said = output.splitlines()
    assert call.replace(" ", "") == 'get_weather({"city":"Boston"})'
    assert said == GREETING
    assert b"clear" in services.exchanges[-1].body


async def test_a_model_is_found_that_sees_what_is_sent(services: ByteServer, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(PNG)
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    output = await run(
        "see_and_hear", "What is this?", "photo.png", "paper.pdf", services=services, folder=tmp_path
    )
    assert "vision, documents" in output
    assert output.splitlines()[-1] == GREETING


async def test_what_a_model_does_not_take_is_said_before_it_is_asked(
    services: ByteServer, tmp_path: Path
) -> None:
    (tmp_path / "talk.mp3").write_bytes(b"ID3" + bytes(64))
    arguments = ("--model", "claude-opus-5-5", "What is said?", "talk.mp3")
    await python(
        *(str(EXAMPLES / "see_and_hear.py"), *arguments),
        folder=tmp_path,
        environ=everyone(services.url),
        code=1,
        errors=r"[^\n]*claude-opus-5-5[^\n]* audio[^\n]*\n",
    )
    assert not any("messages" in path for path in services.paths)


async def test_the_best_model_is_chosen_with_reasons(services: ByteServer, tmp_path: Path) -> None:
    output = await run("choose_a_model", "tools", "vision", services=services, folder=tmp_path)
    assert "openai:gpt-5.5" in output
    assert "is the first of" in output
    assert "not ollama:llama3.2:latest: " in output
    assert output.splitlines()[-1] == GREETING


async def test_ollama_from_listing_to_looking_after(services: ByteServer, tmp_path: Path) -> None:
    output = await run("ollama_complete_guide", "llama3.2", services=services, folder=tmp_path)
    assert "llama3.2:latest: 131072 tokens, tools, " in output
    assert "pulling 970aa74c0a90 100%" in output
    assert output.count(GREETING) == 3
    assert '"name": "Ada Lovelace"' in output
    assert "of the family llama" in output
    assert "ollama pull no-such-model:1b" in output
    assert "auto_pull: success" in output


async def test_another_model_answers_where_the_first_one_cannot(tmp_path: Path) -> None:
    def busy(exchange: Exchange) -> Reply:
        if exchange.path.endswith("/chat/completions"):
            return OPENAI.refusal(429, "rate", "Slow down.", {"retry-after": "0"})
        return answer(exchange)

    async with ByteServer(busy) as services:
        output = await run("fall_back", "gpt-5.5", "claude-opus-5-5", services=services, folder=tmp_path)
    assert [path for path in services.paths if "chat" in path] == ["/v1/chat/completions"] * 3
    assert output.splitlines()[:2] == [GREETING, "(anthropic:claude-opus-5-5)"]
    assert "(fallback: Anthropic (claude-opus-5-5) answers instead of OpenAI (gpt-5.5)" in output


async def test_pictures_are_made_changed_and_drawn(services: ByteServer, tmp_path: Path) -> None:
    await run("make_images", services=services, folder=tmp_path)
    assert _files(tmp_path) == {"drawn-1.png": PNG, "edited.png": PNG, "made.png": PNG}


async def test_a_talk_in_writing_and_by_voice(services: ByteServer, tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    async with live_server(authority) as live:
        more = {"GOOGLE_GEMINI_BASE_URL": live.url, "SSL_CERT_FILE": str(authority.certificate)}
        output = await python(
            str(EXAMPLES / "talk_live.py"), folder=tmp_path, environ=everyone(services.url, more)
        )
    assert output.splitlines() == [f"model: {GREETING}", "answer.wav: 0.01 seconds"]
    with wave.open(str(tmp_path / "answer.wav")) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (24_000, 240)


async def test_an_application_answers_streams_and_refuses(services: ByteServer, tmp_path: Path) -> None:
    app = EXAMPLES / "fastapi_app.py"
    said = [{"role": "user", "content": "Hello"}]
    http = HttpClient()
    async with Application(app, tmp_path, everyone(services.url)) as port, aclosing(http):

        async def post(**body: object) -> bytes:
            url = f"http://127.0.0.1:{port}/api/chat/completions"
            headers = {"content-type": "application/json"}
            return await http.fetch(HttpCall("app", "App", "POST", url, headers, json.dumps(body).encode()))

        whole = json.loads(await post(messages=said, model="gpt-5.5"))
        assert whole["choices"][0]["message"]["content"] == GREETING
        streamed = await post(messages=said, model="gpt-5.5", stream=True)
        frames = [frame.removeprefix("data: ") for frame in streamed.decode().split("\n\n") if frame]
        assert frames[-1] == "[DONE]"
        deltas = [choice["delta"] for frame in frames[:-1] for choice in json.loads(frame)["choices"]]
        assert "".join(delta.get("content") or "" for delta in deltas) == GREETING
        listed = await http.fetch(HttpCall("app", "App", "GET", f"http://127.0.0.1:{port}/api/models"))
        assert "openai:gpt-5.5" in [model["reference"] for model in json.loads(listed)]
        with pytest.raises(RequestError) as refused:
            await post(messages=[{"role": "user", "content": [_passwords()]}], model="gpt-5.5")
        assert refused.value.status == 400
        assert "path" in refused.value.detail
    assert not any(b"passwd" in exchange.body for exchange in services.exchanges)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def _passwords() -> dict[str, object]:
    return {"type": "document", "document": {"url": "/etc/passwd"}}
