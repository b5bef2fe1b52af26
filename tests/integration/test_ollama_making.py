"""Models made on an Ollama server: copied, created from a Modelfile; and what deleting one frees."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from aiproxy_desktop.core.administration import DeletionSpace, PullProgress
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidRequestError,
    ModelNotFoundError,
)
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import ModelAdministrator, ModelMaker
from aiproxy_desktop.core.providers.ollama.blobs import LocalFile
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from tests.ollama_server import OllamaServer, stored
from tests.waiting import until

SIZE = 4 + 256 * 4000


@pytest.fixture
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(stored("llama3.2", 2_000_000, 1_000)) as server:
        yield server


@pytest.fixture
async def provider(server: OllamaServer) -> AsyncIterator[OllamaProvider]:
    http = HttpClient()
    yield OllamaProvider(http, server.url)
    await http.aclose()


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gguf"
    path.write_bytes(b"GGUF" + bytes(range(256)) * 4000)
    return path


def digest_of(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


def grown(path: Path) -> Path:
    path.write_bytes(b"GGUF" + bytes(20_000_000))
    return path


async def made(
    provider: OllamaProvider, name: str, text: str, folder: Path | None = None
) -> list[PullProgress]:
    async with aclosing(provider.create(name, text, folder)) as steps:
        return [step async for step in steps]


async def refusal(provider: OllamaProvider, text: str, folder: Path | None = None) -> AIProxyError:
    with pytest.raises(AIProxyError) as caught:
        await made(provider, "mine", text, folder)
    assert caught.value.advice
    assert caught.value.provider == "ollama"
    return caught.value


def test_it_makes_models() -> None:
    provider = OllamaProvider(HttpClient())
    assert isinstance(provider, ModelMaker)
    assert isinstance(provider, ModelAdministrator)


async def test_a_model_is_copied(server: OllamaServer, provider: OllamaProvider) -> None:
    await provider.copy("llama3.2", "mine/llama")
    assert {model.id for model in await provider.list_models()} == {"llama3.2:latest", "mine/llama:latest"}
    with pytest.raises(ModelNotFoundError):
        await provider.copy("absent", "other")
    with pytest.raises(InvalidRequestError, match="no name"):
        await provider.copy("llama3.2", "  ")


async def test_a_model_is_made_of_another(server: OllamaServer, provider: OllamaProvider) -> None:
    text = 'FROM llama3.2\nSYSTEM """You are\nbrief."""\nPARAMETER temperature 0.2\nPARAMETER stop "END"\n'
    steps = await made(provider, "brief", text)
    assert steps[-1].status == "success"
    (order,) = [ask.json for ask in server.asks if ask.path == "/api/create"]
    assert order == {
        "model": "brief",
        "from": "llama3.2",
        "system": "You are\nbrief.",
        "parameters": {"temperature": 0.2, "stop": ["END"]},
        "stream": True,
    }
    details = await provider.show("brief")
    assert details.system == "You are\nbrief."
    assert "temperature" in details.defaults


async def test_a_file_is_sent_once(server: OllamaServer, provider: OllamaProvider, gguf: Path) -> None:
    digest = digest_of(gguf)
    steps = await made(provider, "tiny", "FROM ./tiny.gguf", gguf.parent)
    assert [step.completed for step in steps if step.status == "reading"][-1] == SIZE
    last = [step for step in steps if step.status == "uploading"][-1]
    assert (last.digest, last.completed, last.total) == (digest, SIZE, SIZE)
    assert server.store.blobs[digest] == SIZE
    (model,) = [model for model in await provider.list_models() if model.id == "tiny:latest"]
    assert model.size_bytes == SIZE

    await made(provider, "again", f"FROM {gguf}")
    assert [path for path in server.paths if "/api/blobs/" in path] == [
        f"HEAD /api/blobs/{digest}",
        f"POST /api/blobs/{digest}",
        f"HEAD /api/blobs/{digest}",
    ]


async def test_a_file_and_an_adapter_of_the_same_name(
    server: OllamaServer, provider: OllamaProvider, gguf: Path
) -> None:
    other = gguf.parent / "other" / "tiny.gguf"
    other.parent.mkdir()
    other.write_bytes(b"GGUF other")
    await made(provider, "seeing", f"FROM {gguf}\nFROM {other}\nADAPTER other/tiny.gguf", gguf.parent)
    order = server.asks[-1].json
    assert set(order["files"]) == {"tiny.gguf", "2-tiny.gguf"}
    assert order["adapters"] == {"tiny.gguf": order["files"]["2-tiny.gguf"]}


async def test_memory_stays_flat_however_large_the_file(
    server: OllamaServer, provider: OllamaProvider, tmp_path: Path
) -> None:
    path = tmp_path / "large.gguf"
    with path.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(200_000_000)  # sparse: nothing of it is on the disk
    await provider.version()
    tracemalloc.start()
    try:
        await made(provider, "large", f"FROM {path}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60_000_000
    assert server.store.find("large") is not None


async def test_who_leaves_stops_the_upload(
    server: OllamaServer, provider: OllamaProvider, gguf: Path
) -> None:
    grown(gguf)
    server.upload_seconds = 0.05
    async with aclosing(provider.create("tiny", f"FROM {gguf}")) as steps:
        async for step in steps:
            if step.status == "uploading" and step.completed:
                break
    await until(lambda: not server._tasks, "the connection is closed")
    assert server.asks[-1].path.startswith("/api/blobs/")
    assert server.asks[-1].received < 20_000_000


async def test_a_cancelled_task_stops_the_upload(
    server: OllamaServer, provider: OllamaProvider, gguf: Path
) -> None:
    grown(gguf)
    server.upload_seconds = 0.05
    task = asyncio.ensure_future(made(provider, "tiny", f"FROM {gguf}"))
    await until(lambda: server.asks and server.asks[-1].method == "POST", "the upload begins")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: not server._tasks, "the connection is closed")


async def test_a_server_that_stops_during_an_upload(
    server: OllamaServer, provider: OllamaProvider, gguf: Path
) -> None:
    grown(gguf)
    server.upload_seconds = 0.05
    task = asyncio.ensure_future(refusal(provider, f"FROM {gguf}"))
    await until(lambda: server.asks and server.asks[-1].method == "POST", "the upload begins")
    await server.stop()
    assert isinstance(await task, InterruptedStreamError)


async def test_what_cannot_be_sent(server: OllamaServer, provider: OllamaProvider, gguf: Path) -> None:
    folder = gguf.parent
    (folder / "text.gguf").write_text("not one")
    (folder / "models").mkdir()
    os.mkfifo(folder / "pipe.gguf")
    wrong = {
        "FROM ./pipe.gguf": "Line 1 of the Modelfile: ./pipe.gguf is not a file",
        "FROM ./models": "Line 1 of the Modelfile: ./models is a folder",
        "# one\nFROM ./text.gguf": "Line 2 of the Modelfile: ./text.gguf is not a GGUF file",
        "FROM llama3.2\nADAPTER absent.gguf": "Line 2 of the Modelfile: there is no file absent.gguf",
        "FROM model.safetensors": "Line 1 of the Modelfile: there is no file model.safetensors",
        "FROM ./a\x00b": "Line 1 of the Modelfile: ./a\x00b cannot be read",
    }
    for text, title in wrong.items():
        assert (await refusal(provider, text, folder)).title == title
    title = "Line 1 of the Modelfile: it is not clear where ./tiny.gguf lies"
    assert (await refusal(provider, "FROM ./tiny.gguf")).title == title
    assert server.asks == []


async def test_a_server_that_refuses(server: OllamaServer, provider: OllamaProvider, gguf: Path) -> None:
    error = await refusal(provider, "FROM absent")
    assert error.title == "Ollama could not make mine"
    assert "FROM" in error.advice
    server.fail("/api/create", 400, "invalid model name")
    error = await refusal(provider, "FROM llama3.2")
    assert (error.title, error.advice) == ("Ollama could not make mine", "invalid model name")
    server.fail(f"/api/blobs/{digest_of(gguf)}", 404, "", times=1)
    await made(provider, "mine", f"FROM {gguf}")  # that was the HEAD


async def test_a_full_disk(server: OllamaServer, provider: OllamaProvider, gguf: Path) -> None:
    path = f"/api/blobs/{digest_of(gguf)}"
    server.fail(path, 500, "write /usr/share/ollama: no space left on device", times=2)
    error = await refusal(provider, f"FROM {gguf}")
    assert error.title == "Ollama could not make mine"
    assert "no space left on device" in error.advice


async def test_what_deleting_frees(server: OllamaServer, provider: OllamaProvider) -> None:
    assert await provider.deletion_space("llama3.2") == DeletionSpace(2_001_000)
    await provider.copy("llama3.2", "twin")
    assert await provider.deletion_space("llama3.2:latest") == DeletionSpace(0, ("twin:latest",))
    await provider.delete("twin")
    await made(provider, "brief", "FROM llama3.2\nSYSTEM Be brief.")
    assert await provider.deletion_space("brief") == DeletionSpace(0, ("llama3.2:latest",))
    server.store.add(stored("mistral", 5_000_000, family="mistral"))
    assert await provider.deletion_space("mistral") == DeletionSpace(5_000_000)
    with pytest.raises(ModelNotFoundError):
        await provider.deletion_space("absent")


async def test_another_host_carries_its_own_name(server: OllamaServer) -> None:
    http = HttpClient()
    provider = OllamaProvider(http, server.url, provider_id="attic", label="The attic")
    try:
        (model,) = await provider.list_models()
        assert model.reference == "attic:llama3.2:latest"
        assert (await provider.show("llama3.2")).info.provider == "attic"
        server.fail("/api/pull", 500, "out of luck")
        with pytest.raises(AIProxyError) as caught:
            await anext(provider.pull("x"))
        assert (caught.value.provider, caught.value.title) == ("attic", "The attic could not fetch x")
        with pytest.raises(AIProxyError) as caught:
            await provider.delete("")
        assert caught.value.provider == "attic"
    finally:
        await http.aclose()


async def test_a_file_that_shrinks_or_goes_while_it_is_sent(provider: OllamaProvider, gguf: Path) -> None:
    await provider.version()

    async def send(file: LocalFile) -> None:
        async with aclosing(provider._uploaded(file, "/api/blobs/sha256:0", "sha256:0")) as steps:
            async for _ in steps:
                pass

    with pytest.raises(InvalidRequestError, match=r"tiny\.gguf changed while it was sent"):
        await send(LocalFile(gguf, SIZE + 1000))
    with pytest.raises(InvalidRequestError, match=r"gone\.gguf cannot be read"):
        await send(LocalFile(gguf.with_name("gone.gguf"), SIZE))
