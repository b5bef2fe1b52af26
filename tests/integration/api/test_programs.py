"""Programs that know nothing of us ask the local API: the `llm` command line, and curl."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
from pathlib import Path

from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import MODEL, Served, hello, served
from tests.dialects import OPENAI

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
)
_MODELS = """
- model_id: {name}
  model_name: {model}
  api_base: {url}/v1
  api_key_name: {name}
  supports_tools: true
  supports_schema: true
  vision: true
"""


async def run(*command: str, given: str = "", **environment: str) -> tuple[int, str, str]:
    """The exit code of a program, and what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | environment,
    )
    out, err = await process.communicate(given.encode())
    return process.returncode or 0, out.decode(), err.decode()


async def llm(folder: Path, *words: str) -> tuple[int, str, str]:
    """Run `llm` with its settings in a folder, without anybody's plug-ins."""
    return await run(sys.executable, "-m", "llm", *words, LLM_USER_PATH=str(folder), LLM_LOAD_PLUGINS="")


def set_up(api: Served, folder: Path) -> None:
    """What the documentation of `llm` says for servers that speak OpenAI's dialect."""
    folder.mkdir()
    listed = _MODELS.format(name="ours", model=MODEL, url=api.url)
    (folder / "extra-openai-models.yaml").write_text(listed)
    (folder / "keys.json").write_text(json.dumps({"ours": api.token}))


async def test_the_llm_command_line_asks_whole_and_streamed(tmp_path: Path) -> None:
    async with served(["Hel", "lo ", "there"]) as api:
        (tmp_path / "dot.png").write_bytes(PNG)
        asked = (["-s", "Be brief."], ["--no-stream", "-a", str(tmp_path / "dot.png")], ["--key", "wrong"])

        async def ask(number: int, words: list[str]) -> tuple[int, str, str]:
            set_up(api, tmp_path / f"{number}")  # a folder each, for the log that it keeps there
            return await llm(tmp_path / f"{number}", "-m", "ours", "Hi", *words)

        # Side by side, as each takes seconds to start.
        *answered, refused = await asyncio.gather(*(ask(*one) for one in enumerate(asked)))
        lines = [line for line in api.log.recent() if line.status == 200]
        seen = [
            OPENAI.read(exchange.json)
            for exchange in api.upstream.exchanges
            if exchange.method == "POST" and OPENAI.read is not None
        ]
    assert [(code, out.strip(), err) for code, out, err in answered] == [(0, "Hello there", "")] * 2
    brief, shown = sorted(seen, key=lambda one: not one.system)
    assert brief.system == "Be brief."
    assert shown.turns == [("user", [("text", "Hi"), ("image", "image/png", PNG)])]
    assert [(line.model, line.output_tokens) for line in lines] == [(MODEL, 7)] * 2
    assert refused[0] == 1
    assert "token is missing or wrong" in refused[2]


async def test_curl_gets_json_and_a_stream() -> None:
    async with served(["Hel", "lo"], names=ModelNames({"fast": MODEL}, "fast")) as api:

        async def curl(path: str, body: object = None, *more: str) -> tuple[int, str, str]:
            words = ["curl", "-sS", "--noproxy", "*", f"{api.url}{path}", *more]
            words += ["-H", f"Authorization: Bearer {api.token}"]
            if body is not None:
                words += ["-H", "Content-Type: application/json", "--data-binary", "@-"]
            return await run(*words, given="" if body is None else json.dumps(body))

        _, whole, _ = await curl("/v1/chat/completions", {"messages": hello()["messages"]})
        _, streamed, _ = await curl("/v1/chat/completions", hello(stream=True), "-N")
        _, listed, _ = await curl("/v1/models")
        _, head, _ = await curl("/v1/chat/completions", hello(model="nobody"), "-i")
    assert json.loads(whole)["choices"][0]["message"]["content"] == "Hello"
    assert streamed.endswith("data: [DONE]\n\n")
    assert streamed.count("data: {") == 4
    assert [model["id"] for model in json.loads(listed)["data"]] == ["openai:gpt-5.4"]
    status, _, rest = head.partition("\r\n")
    assert status.split()[1] == "404"
    assert "server:" not in rest.lower()
    assert json.loads(rest.split("\r\n\r\n")[1])["error"]["code"] == "model_not_found"
