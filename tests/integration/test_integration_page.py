"""examples/INTEGRATION.md: every block of it runs, and its tables say what the code says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import get_args

import pytest

import aiproxy_desktop.core
from aiproxy_desktop.core import errors
from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.defaults import BUILT_IN
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.name_rules import provider_by_look, provider_by_vendor
from aiproxy_desktop.core.providers.openai.vendors import VENDORS
from aiproxy_desktop.core.requirements import KNOWN_NAMES
from aiproxy_desktop.services.local_api.names import ModelNames
from tests.api_parts import MODEL, TOKEN, served
from tests.dialects import OPENAI
from tests.seed.processes import everyone, python
from tests.seed.run import PNG
from tests.seed.services import GREETING, Authority, answer, live_server
from tests.source import PACKAGE, REPOSITORY
from tests.wire import ByteServer, Exchange, Reply

PAGE = (REPOSITORY / "examples" / "INTEGRATION.md").read_text(encoding="utf-8")


def blocks() -> dict[str, str]:
    """The Python on the page, by the heading it stands under, with a number where several do."""
    found: dict[str, str] = {}
    for section in PAGE.split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        for number, code in enumerate(
            re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL), 1
        ):
            found[heading if number == 1 else f"{heading} {number}"] = code
    return found


BLOCKS = blocks()
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")

# What each prints, as a pattern for all of it.
PRINTED = {
    "One client": GREETING,
    "Keys": GREETING,
    "Streaming": rf"{GREETING} \[stop\]",
    "Streaming 2": GREETING,
    "Tools": GREETING,
    "JSON": "1815",
    "Pictures, sounds, films, documents": GREETING,
    "Options and notes": r"\['Ollama has no safety settings, .*', 'This model does not think, .*'\]",
    "Errors": r"Did you mean: \('openai:gpt-5.5',\)",
    "Choosing a model": r"gemini-3.8-flash - .* is the first of 3 that fit, .*\ngpt-5.5 1,050,000 True 5.0",
    "Ollama": rf"{GREETING}\n\['llama3.2:latest'\] 100%",
    "Images": r"image/png None\n\['ImagesStarted', 'ImageMade', 'ImagesFinished'\]",
    "Telemetry, plug-ins, tests": r"Four\. 2 \+ 2\?",
}
APART = {"Retries, fallbacks, time", "Live voice", "Live voice 2"}


@pytest.fixture
async def services() -> AsyncIterator[ByteServer]:
    async with ByteServer(answer) as server:
        yield server


async def run(code: str, folder: Path, environ: dict[str, str]) -> str:
    (folder / "block.py").write_text(code, encoding="utf-8")
    (folder / "photo.png").write_bytes(PNG)
    (folder / "paper.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "talk.mp3").write_bytes(b"ID3" + bytes(64))
    return await python("-m", "tests.seed.page", "block.py", folder=folder, environ=environ)


def test_no_block_is_left_out() -> None:
    assert set(BLOCKS) == {*PRINTED, *APART}


@pytest.mark.parametrize("name", PRINTED)
async def test_a_block_runs_as_it_stands(name: str, services: ByteServer, tmp_path: Path) -> None:
    output = await run(BLOCKS[name], tmp_path, everyone(services.url))
    assert re.fullmatch(PRINTED[name], output.strip()), output


async def test_the_blocks_of_the_readme_run(services: ByteServer, tmp_path: Path) -> None:
    local, library = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert await run(library, tmp_path, everyone(services.url)) == f"{GREETING}\n"
    async with served("Hello", names=ModelNames({"builtin:smollm2-135m": MODEL})) as api:
        here = local.replace("http://127.0.0.1:8000", api.url).replace("the token", TOKEN)
        said = await run(f"{here}print(answer.choices[0].message.content)\n", tmp_path, {})
    assert said == "Hello\n"


async def test_the_retries_and_fallbacks_of_the_page(tmp_path: Path) -> None:
    def busy(exchange: Exchange) -> Reply:
        if exchange.path.endswith("/chat/completions"):
            return OPENAI.refusal(429, "rate", "Slow down.", {"retry-after": "0"})
        return answer(exchange)

    async with ByteServer(busy) as services:
        output = await run(BLOCKS["Retries, fallbacks, time"], tmp_path, everyone(services.url))
    assert output.startswith("anthropic [{'parameter': 'fallback'")
    assert services.paths.count("/v1/chat/completions") == 3


async def test_a_live_session_of_the_page(services: ByteServer, tmp_path: Path) -> None:
    authority = Authority.make(tmp_path)
    async with live_server(authority) as live:
        more = {"GOOGLE_GEMINI_BASE_URL": live.url, "SSL_CERT_FILE": str(authority.certificate)}
        output = await run(BLOCKS["Live voice"], tmp_path, everyone(services.url, more))
        talked = await run(BLOCKS["Live voice 2"], tmp_path, everyone(services.url, more))
    assert output == "480 bytes of PCM16 at 24 kHz\n"
    assert talked == f"{GREETING}\n"


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    section = PAGE.split(f"\n## {heading}\n")[1].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def named(cell: str) -> list[str]:
    """What stands in backticks, blocks of code left out."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", cell, flags=re.MULTILINE | re.DOTALL))


def test_the_variables_are_those_of_the_code() -> None:
    said = {
        provider: (tuple(named(keys)), tuple(named(addresses)))
        for ids, keys, addresses in rows("Keys")
        for provider in named(ids)
    }
    ours = {row[0] for row in BUILT_IN if row[0] != "builtin"}
    assert set(said) == ours | {vendor.id for vendor in VENDORS}
    for provider, (keys, addresses) in said.items():
        named_alike = (f"{provider.upper()}_API_KEY",) if keys == ("GROQ_API_KEY",) else keys  # "and so on"
        assert named_alike == KEY_VARIABLES.get(provider, ()), provider
        vendor = next((one for one in VENDORS if one.id == provider), None)
        if vendor is not None:
            assert addresses == vendor.endpoint_variables
    assert [vendor.id for vendor in VENDORS if not vendor.needs_key] == list(said)[-4:]


def test_the_names_go_where_the_page_says() -> None:
    explicit, vendors, open_weights, builtin = rows("Names of models")
    providers = {*(row[0] for row in BUILT_IN), *(vendor.id for vendor in VENDORS)}
    assert all(name.partition(":")[0] in providers for name in named(explicit[0]))
    assert all(provider_by_vendor(name) for name in named(vendors[0]))
    assert all(provider_by_vendor(name) is None for name in named(open_weights[0]))
    assert all(provider_by_look(name) == "ollama" for name in named(open_weights[0]) if ":" in name)
    assert named(builtin[0]) == ["builtin"]


def test_the_errors_are_those_of_the_code() -> None:
    said = {
        name: retryable == "yes"
        for names, means, retryable in rows("Errors")
        for name in (*named(names), *(one for one in named(means) if one.endswith("Error")))
    }
    there = {one.__name__: one.retryable for one in _below(AIProxyError) if one.__module__ == errors.__name__}
    assert said == there
    assert set(there) <= set(aiproxy_desktop.core.__all__)


def test_the_lists_are_whole() -> None:
    assert set(KNOWN_NAMES) <= set(named(PAGE))
    assert {event.__name__ for event in get_args(StreamEvent)} <= set(re.findall(r"\w+", PAGE))
    assert ", ".join(get_args(Effort)) in PAGE


def test_the_readme_names_modules_that_there_are() -> None:
    table = README.partition("| step | modules |")[2].partition("\n\n")[0]
    modules = named(table)
    assert len(modules) > 20
    core = PACKAGE / "core"
    assert not [name for name in modules if not ((core / name).is_dir() or (core / f"{name}.py").is_file())]


def test_it_stays_one_page() -> None:
    lines = PAGE.splitlines()
    assert len(lines) <= 340
    assert all(len(line) <= 125 for line in lines)


def _below(kind: type[AIProxyError]) -> Iterable[type[AIProxyError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)
