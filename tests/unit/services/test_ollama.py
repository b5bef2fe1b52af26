"""Ollama servers noticed, added and looked after: the services over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.models import Price
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.ollama_watch import Paces, is_near
from aiproxy_desktop.services.provider_specs import provider_specs
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.model_settings import OllamaHost
from aiproxy_desktop.storage.settings import Settings, SettingsStore
from tests.ollama_server import OllamaServer, stored
from tests.waiting import until

QUICK = Paces(near=0.01, far=0.01, tags=0.01)


@dataclass(frozen=True, slots=True)
class Desk:
    ollama: OllamaService
    providers: ProviderService
    settings: SettingsService
    errors: list[Exception]

    def state(self, provider_id: str = "ollama") -> ProviderState:
        return next(state for state in self.providers.states() if state.id == provider_id)

    def names(self, provider_id: str = "ollama") -> list[str]:
        return [model.display_name for model in self.state(provider_id).models]


@asynccontextmanager
async def desk_with(folder: Path, host: str) -> AsyncIterator[Desk]:
    redact = Redactor()
    keys, registry, http = KeyStore(redact), Registry(), HttpClient(redact)
    environ = {"OLLAMA_HOST": host}
    settings = SettingsService(SettingsStore(folder / "settings.json"))
    await settings.load()
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redact)
    providers = ProviderService(settings, keys, credentials, registry, http, environ)
    errors: list[Exception] = []
    ollama = OllamaService(providers, settings, registry, http, errors.append, QUICK)
    try:
        await providers.start()
        yield Desk(ollama, providers, settings, errors)
    finally:
        await ollama.close()
        await registry.aclose()
        await http.aclose()
    assert errors == []


@pytest.fixture
async def server() -> AsyncIterator[OllamaServer]:
    async with OllamaServer(stored("llama3.2", 2_000_000, 1_000)) as server:
        yield server


@pytest.fixture
async def desk(server: OllamaServer, tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_with(tmp_path, server.url) as found:
        await found.providers.refresh("ollama")
        yield found


async def test_a_server_that_starts_and_stops_is_noticed(desk: Desk, server: OllamaServer) -> None:
    desk.ollama.start()
    for _ in range(2):
        await server.stop()
        await until(lambda: desk.state().status == "unreachable", "it is noticed that it stopped")
        server.store.add(stored("qwen3"))
        await server.start()
        await until(lambda: desk.state().status == "ready", "it is noticed that it started")
    assert set(desk.names()) == {"llama3.2", "qwen3"}


async def test_an_address_that_is_none_stops_no_watching(server: OllamaServer, tmp_path: Path) -> None:
    hosts = (OllamaHost(id="lab", name="Lab", host=server.url),)
    SettingsStore(tmp_path / "settings.json").save(Settings(ollama_hosts=hosts))
    async with desk_with(tmp_path, "http://127.0.0.1:99999") as desk:
        await server.stop()
        await desk.providers.refresh()
        desk.ollama.start()
        assert desk.state("lab").status == "unreachable"
        await server.start()
        await until(lambda: desk.state("lab").status == "ready", "the other one is noticed")
        assert desk.state().status == "error"


async def test_a_server_that_hangs_holds_up_no_other(server: OllamaServer, tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1000):
            pass
        writer.close()

    hanging = await asyncio.start_server(hang, "127.0.0.1")
    port = hanging.sockets[0].getsockname()[1]
    hanging.close()
    await hanging.wait_closed()
    hosts = (OllamaHost(id="lab", name="Lab", host=f"127.0.0.1:{port}"),)
    SettingsStore(tmp_path / "settings.json").save(Settings(ollama_hosts=hosts))
    async with desk_with(tmp_path, server.url) as desk:
        await desk.providers.refresh()
        hanging = await asyncio.start_server(hang, "127.0.0.1", port)
        desk.ollama.start()
        await until(lambda: "lab" in desk.providers.asking(), "it is asked, and does not answer")
        await server.stop()
        await until(lambda: desk.state().status == "unreachable", "the other one is noticed")
        assert "lab" in desk.providers.asking()
        await desk.ollama.close()
        hanging.close()


async def test_what_is_there_is_not_asked_again_and_again(desk: Desk, server: OllamaServer) -> None:
    asked = len(server.asks)
    knocks = 0
    watch = desk.ollama._watch
    look = watch._is_there

    async def counted(state: ProviderState) -> bool:
        nonlocal knocks
        knocks += 1
        return await look(state)

    watch._is_there = counted  # type: ignore[method-assign]  # nothing else tells a knock from none
    desk.ollama.start()
    await until(lambda: knocks > 5, "it knocks")
    assert len(server.asks) == asked
    # One that listens and does not answer as Ollama does is asked once.
    server.fail("/api/tags", 500, "not now", times=-1)
    server.fail("/api/version", 500, "not now", times=-1)
    await server.stop()
    await until(lambda: desk.state().status == "unreachable")
    await server.start()
    await until(lambda: desk.state().status == "error", "it is asked when it is back")
    asked, knocks = len(server.asks), 0
    await until(lambda: knocks > 5, "it knocks")
    assert len(server.asks) == asked


async def test_lists_are_looked_at_while_a_person_looks_on(desk: Desk, server: OllamaServer) -> None:
    desk.ollama.start()
    desk.ollama.watch_closely(on=True)
    server.store.add(stored("qwen3"))
    await until(lambda: "qwen3" in desk.names(), "the new model is seen")
    server.store.delete("llama3.2")
    await until(lambda: desk.names() == ["qwen3"], "the old one is gone")
    desk.ollama.watch_closely(on=False)


async def test_a_server_elsewhere_is_asked_for_its_version(
    desk: Desk, server: OllamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.services.ollama_watch.is_near", lambda _url: False)
    desk.ollama.start()
    await until(lambda: "GET /api/version" in server.paths, "it is asked")
    await server.stop()
    await until(lambda: desk.state().status == "unreachable", "it is noticed that it stopped")
    await server.start()
    await until(lambda: desk.state().status == "ready", "it is noticed that it started")


async def test_several_hosts(desk: Desk, server: OllamaServer) -> None:
    async with OllamaServer(stored("mistral", family="mistral")) as other:
        added = await desk.ollama.add_host(" The  attic ", f"127.0.0.1:{other.port}")
        assert added == OllamaHost(id="the-attic", name="The attic", host=f"127.0.0.1:{other.port}")
        assert [state.id for state in desk.ollama.hosts()] == ["ollama", "the-attic"]
        (model,) = desk.state("the-attic").models
        assert model.reference == "the-attic:mistral:latest"
        assert model.local
        assert model.price == Price(0.0, 0.0)
        assert model.capabilities.json_mode
        assert desk.state("the-attic").label == "The attic"
        assert desk.names() == ["llama3.2"]

        await desk.ollama.update_host("the-attic", "Cellar", server.url + "/x")
        assert desk.state("the-attic").base_url == server.url + "/x"
        assert desk.state("the-attic").label == "Cellar"
        assert desk.state("the-attic").status != "ready"
        kept = desk.ollama.kept("the-attic")
        assert kept is not None
        assert kept.name == "Cellar"
        await desk.ollama.remove_host("the-attic")
        assert [state.id for state in desk.ollama.hosts()] == ["ollama"]
        assert desk.settings.current.ollama_hosts == ()
        assert desk.ollama.kept("the-attic") is None


async def test_two_hosts_added_at_once(desk: Desk, server: OllamaServer) -> None:
    async with OllamaServer() as other:
        one, two = await asyncio.gather(
            desk.ollama.add_host("Lab", other.url), desk.ollama.add_host("Lab", "127.0.0.1:1")
        )
    assert (one.id, two.id) == ("lab", "lab-2")
    assert desk.settings.current.ollama_hosts == (one, two)


async def test_a_host_that_cannot_be_added(desk: Desk, server: OllamaServer) -> None:
    for host in ("", "a b", "ftp://x", "host:99999", server.url):
        with pytest.raises(InvalidEndpointError) as caught:
            await desk.ollama.add_host("x", host)
        assert caught.value.advice
    assert desk.settings.current.ollama_hosts == ()
    check = await desk.ollama.test_host(server.url)
    assert (check.ok, len(check.models)) == (True, 1)
    assert (await desk.ollama.test_host("127.0.0.1:1")).status == "unreachable"


def test_a_host_cannot_have_the_id_of_a_vendor() -> None:
    hosts = tuple(OllamaHost(id=name, name=name, host="10.0.0.9") for name in ("a", "groq"))
    specs = provider_specs(Settings(ollama_hosts=hosts), {})
    assert [spec.id for spec in specs if spec.kind == "ollama"] == ["ollama", "a"]


async def test_models_are_looked_after(desk: Desk, server: OllamaServer) -> None:
    ollama = desk.ollama
    assert (await ollama.details("ollama", "llama3.2")).family == "llama"
    server.store.load("llama3.2", -1, gpu_share=0.5)
    (running,) = await ollama.running("ollama")
    assert (running.id, running.vram_bytes) == ("llama3.2:latest", 1_000_500)
    await ollama.unload("ollama", "llama3.2:latest")
    assert await ollama.running("ollama") == ()

    await ollama.copy("ollama", "llama3.2", "twin")
    assert set(desk.names()) == {"llama3.2", "twin"}
    with pytest.raises(AIProxyError, match="twin:latest already"):
        await ollama.copy("ollama", "llama3.2", "twin")
    assert await ollama.delete("ollama", "twin:latest") == 0
    assert desk.names() == ["llama3.2"]

    async with aclosing(ollama.create("ollama", "brief", "FROM llama3.2\nSYSTEM Be brief.")) as steps:
        assert [step.status async for step in steps][-1] == "success"
    assert set(desk.names()) == {"llama3.2", "brief"}
    assert (await ollama.deletion_space("ollama", "brief")).shared_with == ("llama3.2:latest",)
    await ollama.delete("ollama", "brief")
    assert await ollama.delete("ollama", "llama3.2") == 2_001_000
    assert desk.names() == []
    with pytest.raises(AIProxyError, match="not there any more"):
        await ollama.running("gone")


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:11434", True),
        ("http://[::1]:11434", True),
        ("http://192.168.1.20:11434", False),
        ("https://ollama.example", False),
        ("http://[bad", False),
    ],
)
def test_where_a_server_is(url: str, near: bool) -> None:
    assert is_near(url) is near
