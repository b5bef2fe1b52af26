"""The command line as a person types it: real processes, the real model."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil
import pytest

from tests.unit.core.test_plugins import WORKING, install
from tests.waiting import until
from tests.wire import ByteServer, Reply

REPOSITORY = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "aiproxy_desktop")
PATIENCE = 300.0
KEY = "sk-test-0123456789abcdef"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def run(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=REPOSITORY,
        input=stdin,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        timeout=PATIENCE,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


async def start(*arguments: str, environment: Mapping[str, str] | None = None) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *COMMAND,
        *arguments,
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


def chunk(text: str) -> bytes:
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]}).encode() + b"\n\n"


DONE = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def openai_at(server: ByteServer) -> dict[str, str]:
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{server.url}/v1"}


def write_settings(folder: Path, text: str) -> None:
    folder.mkdir()
    (folder / "settings.json").write_text(text)


def one_line(text: str) -> bool:
    return text.startswith("aiproxy-desktop: ") and text.count("\n") == 1 and text.endswith("\n")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_version_and_help_load_nothing_heavy(option: str) -> None:
    program = f"""
import sys
from aiproxy_desktop.cli import main
try:
    main([{option!r}])
finally:
    heavy = {{"PySide6", "httpx", "asyncio", "keyring", "openai", "msgspec"}} & set(sys.modules)
    assert not heavy, heavy
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "aiproxy-desktop" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("frobnicate",),
        ("--no-such-option",),
        ("keys",),
        ("keys", "set"),
        ("ask", "--model"),
        ("--prompt", "without a smoke file"),
    ],
)
def test_wrong_usage_ends_with_two(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "usage: aiproxy-desktop" in done.stderr
    assert done.stdout == ""


def test_the_built_in_model_answers() -> None:
    done = run("ask", "Say hello in five words.")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()
    assert done.stdout.endswith("\n")


@pytest.mark.parametrize("arguments", [("ask",), ("ask", "-")])
def test_a_question_on_standard_input_is_answered(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, stdin=b"Is the sky blue? Answer yes or no.\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


async def test_an_answer_is_written_as_it_comes(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text("Milk, bread.\n```\ncode\n```\n")
    async with ByteServer(Reply.events(chunk("Hello "), chunk("there"), DONE)) as server:
        options = ("--system", "Be kind.", "--file", str(notes), "-m", "openai:gpt-x")
        process = await start("ask", "What is on it?", *options, environment=openai_at(server))
        output, errors = await process.communicate()
        body = json.loads(server.exchanges[0].body)
    assert (process.returncode, errors) == (0, b"")
    assert output == b"Hello there\n"
    assert body["messages"][0] == {"role": "system", "content": "Be kind."}
    said = body["messages"][1]["content"]
    assert said.startswith("notes.md:\n````\nMilk, bread.")
    assert said.endswith("````\n\nWhat is on it?")


async def test_an_answer_that_breaks_off_keeps_what_came() -> None:
    async with ByteServer(Reply.events(chunk("Half an ans"), ending="abort")) as server:
        process = await start("ask", "Hi", "-m", "openai:gpt-x", environment=openai_at(server))
        output, errors = await process.communicate()
    assert process.returncode == 1
    assert output == b"Half an ans\n"
    assert one_line(errors.decode())
    assert "broke off" in errors.decode()


async def test_a_refused_key_is_said_without_the_key() -> None:
    refusal = Reply.json({"error": {"message": f"Incorrect API key provided: {KEY}"}}, status=401)
    async with ByteServer(refusal) as server:
        process = await start("ask", "Hi", "-m", "openai:gpt-x", environment=openai_at(server))
        output, errors = await process.communicate()
    assert (process.returncode, output) == (1, b"")
    assert one_line(errors.decode())
    assert "did not accept the key" in errors.decode()
    assert KEY not in errors.decode()


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("ask",), b"", "There is nothing to ask"),
        (("ask", ""), b"", "There is nothing to ask"),
        (("ask",), b"\xff\xfe not utf-8", "not text"),
        (("ask",), b"word " * 2_000_000, "too long for SmolLM2 135M"),
        (("ask",), b"word " * 12_000, "It has 12,0"),
        (("ask", "Hi", "-m", "no-such-model"), b"", "No provider serves the model"),
        (("ask", "Hi", "-m", "smollm2-135"), b"", "Did you mean builtin:smollm2-135m"),
        (("ask", "Hi", "-m", "openai:gpt-x"), b"", "There is no key for OpenAI"),
        (("ask", "Hi", "-m", "ollama:x"), b"", "Ollama"),
        (
            ("ask", "Hi", "-m", "groq:llama-4"),
            b"",
            "There is no key for Groq. Add one in Settings, or set GROQ",
        ),
        (("ask", "Hi", "-m", "anthropic:claude"), b"", "There is no key for Anthropic"),
        (("ask", "Hi", "-m", "azure:mine"), b"", "AZURE_OPENAI_ENDPOINT"),
        (
            ("models", "--provider", "mistral"),
            b"",
            "no key for Mistral. Keep one with: aiproxy-desktop keys set mis",
        ),
        (("models", "--provider", "nobody"), b"", "Known are openai, gemini"),
        (("keys", "set", "groq"), b"sk-0123456789\n", "No keyring service is running"),
        (("keys", "remove", "anthropic"), b"", "No keyring service is running"),
        (("ask", "Hi", "--file", "/does/not/exist"), b"", "/does/not/exist cannot be read"),
        (("ask", "Hi", "--file", "/"), b"", "cannot be read"),
        (("ask", "Hi", "--file", sys.executable), b"", "is not text"),
        (("models", "--provider", "nobody"), b"", "There is no provider “nobody”"),
        (("models", "--provider", "openai"), b"", "keys set openai"),
        (("keys", "set", "nobody"), b"sk-1", "There is no provider “nobody”"),
        (("keys", "set", "ollama"), b"sk-1", "Ollama needs no key"),
        (("keys", "set", "openai"), b"", "It is empty"),
        (("keys", "set", "openai"), b"sk-one\nsk-two\n", "line break"),
        (("keys", "set", "openai"), "sk-ключ".encode(), "characters that no key has"),
        (("keys", "set", "openai"), b"sk-0123456789\n", "No keyring service is running"),
        (("keys", "remove", "openai"), b"", "No keyring service is running"),
    ],
)
def test_bad_input_is_one_sentence(arguments: tuple[str, ...], stdin: bytes, words: str) -> None:
    done = run(*arguments, stdin=stdin)
    assert done.returncode == 1
    assert done.stdout == ""
    assert one_line(done.stderr), done.stderr
    assert words in done.stderr


@pytest.mark.parametrize("before", [True, False], ids=["before the command", "after it"])
def test_a_data_folder_that_is_a_file_is_one_sentence(tmp_path: Path, *, before: bool) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    option = ("--data-dir", str(blocker))
    done = run(*option, "ask", "Hi") if before else run("ask", "Hi", *option)
    assert (done.returncode, done.stdout) == (1, "")
    assert one_line(done.stderr)
    assert str(blocker) in done.stderr


def test_without_a_display_the_window_says_so() -> None:
    done = run(environment={"DISPLAY": "", "WAYLAND_DISPLAY": ""})
    assert done.returncode == 1
    assert one_line(done.stderr)
    assert "No display was found" in done.stderr


def test_asking_writes_nothing_into_the_data_folder(aiproxy_home: Path) -> None:
    assert run("ask", "Say hello.").returncode == 0
    assert not aiproxy_home.exists()


async def test_the_chosen_model_is_the_default(aiproxy_home: Path) -> None:
    write_settings(aiproxy_home, '{"version": 1, "model": "openai:gpt-mine"}')
    async with ByteServer(Reply.events(chunk("Here"), DONE)) as server:
        process = await start("ask", "Hi", environment=openai_at(server))
        output, _ = await process.communicate()
        body = json.loads(server.exchanges[0].body)
    assert output == b"Here\n"
    assert body["model"] == "gpt-mine"


def test_damaged_settings_are_no_reason_to_fail(aiproxy_home: Path) -> None:
    write_settings(aiproxy_home, "{ not json")
    done = run("models", "--provider", "builtin")
    assert done.returncode == 0
    assert "could not be read" in done.stderr
    assert (aiproxy_home / "settings.broken.json").read_text() == "{ not json"


def test_models_come_as_a_table() -> None:
    done = run("models")
    assert done.returncode == 0
    head, first = done.stdout.splitlines()
    assert head.split() == ["MODEL", "NAME", "CONTEXT", "SIZE"]
    assert first.split() == ["builtin:smollm2-135m", "SmolLM2", "135M", "8,192", "98", "MB"]
    assert head.index("NAME") == first.index("SmolLM2 135M")
    # Those that fail get a line each, and the rest is listed all the same.
    labels = [line.partition(":")[0] for line in done.stderr.splitlines()]
    assert labels == ["OpenAI", "Gemini", "Anthropic", "Ollama"]


async def test_a_local_server_answers_under_its_vendors_name() -> None:
    listed = Reply.json({"data": [{"id": "qwen3", "object": "model"}]})
    async with ByteServer(listed) as server:
        local = {"LITELLM_PROXY_API_BASE": server.url}
        process = await start("models", "--provider", "litellm", environment=local)
        output, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    assert output.decode().splitlines()[1].startswith("litellm:qwen3")
    async with ByteServer(Reply.events(chunk("Hello"), DONE)) as server:
        process = await start(
            "ask", "Hi", "-m", "litellm:qwen3", environment={"LITELLM_PROXY_API_BASE": server.url}
        )
        output, errors = await process.communicate()
    assert (process.returncode, output, errors) == (0, b"Hello\n", b"")


async def test_a_vendor_with_a_key_is_listed_with_the_others() -> None:
    listed = Reply.json({"data": [{"id": "qwen3", "object": "model"}]})
    async with ByteServer(listed) as server:
        vendor = {"LITELLM_PROXY_API_KEY": KEY, "LITELLM_PROXY_API_BASE": server.url}
        process = await start("models", environment=vendor)
        output, _ = await process.communicate()
    references = [line.split()[0] for line in output.decode().splitlines()]
    assert references == ["MODEL", "litellm:qwen3", "builtin:smollm2-135m"]


def test_plug_ins_answer_and_a_broken_one_is_one_line(tmp_path: Path) -> None:
    install(tmp_path, "plug_parrot", "parrot", WORKING)
    install(tmp_path, "plug_broken", "broken", "raise RuntimeError('no\\nlicence')")
    installed = {"PYTHONPATH": str(tmp_path)}
    listed = run("models", environment=installed)
    assert listed.returncode == 0
    assert "parrot:polly" in listed.stdout
    broken = [line for line in listed.stderr.splitlines() if "broken" in line]
    assert broken == ["broken: The plug-in could not be loaded. RuntimeError: no licence"]

    said = run("ask", "Good morning", "-m", "parrot:polly", environment=installed)
    assert (said.returncode, said.stdout, said.stderr) == (0, "Good morning\n", "")
    assert run("models", "--provider", "broken", environment=installed).returncode == 1


async def test_a_picture_goes_with_the_question(tmp_path: Path) -> None:
    picture, notes = tmp_path / "a.png", tmp_path / "notes.md"
    picture.write_bytes(PNG)
    notes.write_text("Milk")
    files = ("--file", str(picture), "--file", str(notes))
    async with ByteServer(Reply.events(chunk("A tree"), DONE)) as server:
        process = await start(
            "ask", "What is it?", *files, "-m", "openai:gpt-4o", environment=openai_at(server)
        )
        output, errors = await process.communicate()
        body = json.loads(server.exchanges[0].body)
    assert (process.returncode, output, errors) == (0, b"A tree\n", b"")
    image, text = body["messages"][0]["content"]
    assert image["image_url"]["url"] == f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    assert text["text"].startswith("notes.md:\n```\nMilk")
    assert text["text"].endswith("\n\nWhat is it?")


def test_a_picture_is_refused_by_a_model_that_takes_none(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)
    done = run("ask", "What is it?", "--file", str(picture))
    assert (done.returncode, done.stdout) == (1, "")
    assert one_line(done.stderr)
    assert "SmolLM2 135M does not take images" in done.stderr


async def test_models_come_as_json() -> None:
    listed = Reply.json({"data": [{"id": "gpt-x", "object": "model"}]})
    async with ByteServer(listed) as server:
        process = await start("models", "--json", environment=openai_at(server))
        output, _ = await process.communicate()
    assert process.returncode == 0
    found = {model["reference"]: model for model in json.loads(output)}
    assert found["openai:gpt-x"]["context_window"] is None
    assert (
        found["builtin:smollm2-135m"].items()
        >= {
            "id": "smollm2-135m",
            "provider": "builtin",
            "display_name": "SmolLM2 135M",
            "reference": "builtin:smollm2-135m",
            "context_window": 8192,
            "output_limit": None,
            "retires_on": None,
            "local": True,
        }.items()
    )
    assert found["builtin:smollm2-135m"]["size_bytes"] > 0


async def test_interrupting_is_clean() -> None:
    process = await start("ask", "Write a very long story about a fox.")
    assert process.stdout is not None
    assert process.stderr is not None
    await process.stdout.read(1)
    children = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGINT)
    await process.stdout.read()
    errors = await process.stderr.read()
    assert await process.wait() == 130
    assert errors == b""
    assert children
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


async def test_a_reader_who_leaves_early_is_no_error() -> None:
    async with ByteServer(Reply.events(chunk("word "), *[chunk("word ")] * 50, DONE, delay=0.02)) as server:
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *("ask", "Hi", "-m", "openai:gpt-x"),
            cwd=REPOSITORY,
            env={**os.environ, **openai_at(server)},
            stdout=writing,
            stderr=asyncio.subprocess.PIPE,
        )
        os.close(writing)
        await asyncio.to_thread(os.read, reading, 1)
        os.close(reading)
        _, errors = await process.communicate()
        await until(server.exchanges[0].sent.is_set, "the whole reply")
    assert (process.returncode, errors) == (0, b"")
