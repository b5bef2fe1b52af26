from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.errors import InvalidEndpointError, InvalidKeyError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.known_models import KnownModelsFile
from aiproxy_desktop.storage.settings import Endpoint, Settings, SettingsStore
from tests.guards import LogGuard
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

KEY = "sk-proj-Zq7TfR2mVx9LbN4w4f2a"
NOWHERE = {"OLLAMA_HOST": "127.0.0.1:1"}


@dataclass(frozen=True, slots=True)
class Desk:
    service: ProviderService
    registry: Registry
    settings: SettingsService
    store: SettingsStore
    keys: KeyStore

    def state(self, provider_id: str) -> ProviderState:
        return next(state for state in self.service.states() if state.id == provider_id)

    def ids(self) -> list[str]:
        return [state.id for state in self.service.states()]


@asynccontextmanager
async def desk_in(folder: Path, environ: dict[str, str]) -> AsyncIterator[Desk]:
    redact = Redactor()
    keys = KeyStore(redact)
    registry, http = Registry(), HttpClient(redact)
    store = SettingsStore(folder / "settings.json")
    settings = SettingsService(store)
    await settings.load()
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redact)
    known = KnownModelsFile(folder / "models.json")
    service = ProviderService(settings, keys, credentials, registry, http, NOWHERE | environ, known)
    try:
        await service.start()
        yield Desk(service, registry, settings, store, keys)
    finally:
        await registry.aclose()
        await http.aclose()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk_in(tmp_path, {}) as found:
        yield found


def model_list(*names: str) -> Reply:
    return Reply.json({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


async def test_a_first_start_knows_every_provider_and_asks_none(desk: Desk) -> None:
    assert desk.ids() == ["openai", "gemini", "anthropic", "ollama", "builtin"]
    assert {state.status for state in desk.service.states()} == {"checking"}
    assert [provider.id for provider in desk.registry.providers()] == desk.ids()


async def test_an_empty_account_has_the_built_in_model_and_says_what_the_others_need(desk: Desk) -> None:
    await desk.service.refresh()

    assert (desk.state("openai").status, desk.state("openai").detail) == ("no_key", "No key")
    assert desk.state("gemini").status == "no_key"
    assert (desk.state("ollama").status, desk.state("ollama").detail) == (
        "unreachable",
        "Not found at 127.0.0.1:1",
    )
    builtin = desk.state("builtin")
    assert builtin.status == "ready"
    assert builtin.detail.startswith("SmolLM2 135M, ")
    assert builtin.detail.endswith(" MB, runs on this computer")
    default = desk.service.default_model()
    assert default is not None
    assert default.reference == "builtin:smollm2-135m"
    assert [model.reference for model in desk.registry.known_models()] == ["builtin:smollm2-135m"]


async def test_a_key_from_the_environment_is_used_and_named(tmp_path: Path) -> None:
    async with ByteServer(model_list("gpt-6-luna", "gpt-6-sol")) as server:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{server.url}/v1"}
        async with desk_in(tmp_path, environ) as desk:
            await desk.service.refresh("openai")
            state = desk.state("openai")
        assert (state.status, state.detail) == ("ready", "Ready, 2 models")
        assert (state.key_source, state.key_variable, state.key_hint) == (
            "environment",
            "OPENAI_API_KEY",
            "4f2a",
        )
        assert server.exchanges[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_slow_and_a_dead_provider_hold_up_nobody(tmp_path: Path) -> None:
    slow = ByteServer(Reply.nothing())
    async with slow, ByteServer(model_list("a")) as quick, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("slow", slow.url)
        await desk.service.add_endpoint("dead", "http://127.0.0.1:1/v1")
        await desk.service.add_endpoint("quick", quick.url)

        refreshing = asyncio.ensure_future(desk.service.refresh())
        await until(
            lambda: desk.state("quick").status == "ready" and desk.state("dead").status == "unreachable"
        )
        assert desk.state("slow").status == "checking"
        assert desk.state("builtin").status == "ready"

        refreshing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await refreshing
        await asyncio.wait_for(slow.exchanges[0].closed.wait(), 60)


async def test_a_provider_that_says_nothing_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.services.provider_asking.LIST_TIMEOUT", 0.2)
    async with ByteServer(Reply.nothing()) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("slow", server.url)
        await desk.service.refresh("slow")
        assert desk.state("slow").status == "unreachable"
        assert "did not answer within" in desk.state("slow").detail


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply.json({"error": {"message": "Incorrect API key", "code": "invalid_api_key"}}, 401), "rejected"),
        (Reply.html(), "error"),
        (Reply.json({}, 500), "error"),
    ],
)
async def test_each_refusal_is_a_state_with_its_reason(tmp_path: Path, reply: Reply, status: str) -> None:
    async with ByteServer(reply) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("odd", server.url)
        check = await desk.service.test("odd")
        state = desk.state("odd")
    assert not check.ok
    assert (state.status, check.status) == (status, status)
    assert state.detail == check.sentence
    assert check.sentence
    assert check.milliseconds >= 0


async def test_models_stay_in_sight_while_a_provider_is_away(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        async with ByteServer(model_list("a", "b")) as server:
            await desk.service.add_endpoint("home", server.url)
            await desk.service.refresh("home")
        await desk.service.refresh("home")
        state = desk.state("home")
        assert state.status == "unreachable"
        assert [model.id for model in state.models] == ["a", "b"]


async def test_an_answer_from_before_a_change_does_not_overwrite_what_came_after(tmp_path: Path) -> None:
    def serve(exchange: Exchange) -> Reply:
        return Reply.nothing() if exchange.path.startswith("/old") else model_list("new")

    async with ByteServer(serve) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("home", f"{server.url}/old")
        stale = asyncio.ensure_future(desk.service.refresh("home"))
        await until(lambda: server.exchanges)
        await desk.service.update_endpoint("home", base_url=f"{server.url}/new")
        await desk.service.refresh("home")
        assert desk.state("home").status == "ready"
        stale.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stale
        assert desk.state("home").status == "ready"


async def test_endpoints_are_added_changed_and_removed_in_settings_and_registry(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        added = await desk.service.add_endpoint(" Studio Mac ", " http://studio.local:1234/v1/ ")
        assert added == Endpoint(id="studio-mac", name="Studio Mac", base_url="http://studio.local:1234/v1")
        assert desk.ids()[-1] == "studio-mac"
        provider = desk.registry.get("studio-mac")
        assert provider is not None

        await desk.service.update_endpoint("studio-mac", name="Studio")
        assert desk.state("studio-mac").label == "Studio"
        assert desk.registry.get("studio-mac") is not provider
        untouched = desk.registry.get("openai")
        await desk.service.update_endpoint("studio-mac", base_url="https://studio.local/v1", key=KEY)
        assert desk.registry.get("openai") is untouched
        assert desk.store.load().settings.endpoints == (
            Endpoint(id="studio-mac", name="Studio", base_url="https://studio.local/v1", needs_key=True),
        )
        assert desk.state("studio-mac").needs_key

        await desk.service.remove_endpoint("studio-mac")
        assert "studio-mac" not in desk.ids()
        assert desk.registry.get("studio-mac") is None
        assert desk.store.load().settings.endpoints == ()
        assert not (await desk.service.test("studio-mac")).ok


async def test_a_restart_brings_the_endpoints_back(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", "http://127.0.0.1:1234/v1")
        await desk.service.set_ollama_host("studio:9999")
    async with desk_in(tmp_path, {}) as desk:
        assert desk.state("studio").base_url == "http://127.0.0.1:1234/v1"
        assert desk.state("ollama").base_url == "http://studio:9999"
        await desk.service.set_ollama_host("")
        assert desk.state("ollama").base_url == "http://127.0.0.1:1"


@pytest.mark.parametrize("name", ["OpenAI", "ollama", "Google", "日本", "a:b", "", "x" * 300])
async def test_every_name_gets_an_id_of_its_own_that_a_reference_can_hold(desk: Desk, name: str) -> None:
    first = await desk.service.add_endpoint(name, "http://127.0.0.1:1/v1")
    second = await desk.service.add_endpoint(name, "http://127.0.0.1:1/v1")
    assert len({*desk.ids()}) == len(desk.ids()) == 7
    for endpoint in (first, second):
        assert ":" not in endpoint.id
        assert endpoint.id.isascii()
        assert len(endpoint.id) <= 50
        assert endpoint.name


@pytest.mark.parametrize(
    "attempt",
    [
        lambda service: service.add_endpoint("x", "studio.local:1234/v1"),
        lambda service: service.add_endpoint("x", "ftp://studio.local"),
        lambda service: service.test_endpoint("x", "htp://host/v1"),
        lambda service: service.set_ollama_host("http://host:99999"),
        lambda service: service.add_endpoint("x", "http://studio.local", "two\nlines"),
        lambda service: service.set_key("openai", "two\nlines"),
        lambda service: service.set_key("openai", "  "),
    ],
)
async def test_what_cannot_be_used_is_refused_and_changes_nothing(
    desk: Desk, attempt: Callable[[ProviderService], Awaitable[object]]
) -> None:
    before = desk.service.states()
    with pytest.raises((InvalidEndpointError, InvalidKeyError)) as refused:
        await attempt(desk.service)
    assert refused.value.advice
    assert desk.service.states() == before
    assert desk.settings.current == Settings()
    assert not desk.store.path.exists()


async def test_an_endpoint_can_be_tried_before_it_is_added(desk: Desk) -> None:
    async with ByteServer(model_list("a", "b", "c")) as server:
        check = await desk.service.test_endpoint("studio", f"{server.url}/v1", f" {KEY} ")
        assert (check.ok, check.sentence, len(check.models)) == (True, "Ready, 3 models", 3)
        assert server.exchanges[0].headers["authorization"] == f"Bearer {KEY}"
        assert server.exchanges[0].path == "/v1/models"
    check = await desk.service.test_endpoint("studio", "http://127.0.0.1:1/v1")
    assert (check.ok, check.status) == (False, "unreachable")
    assert desk.ids() == ["openai", "gemini", "anthropic", "ollama", "builtin"]


async def test_an_unreadable_address_in_the_environment_is_one_providers_trouble(tmp_path: Path) -> None:
    environ = {"OPENAI_BASE_URL": "api.example.com", "OLLAMA_HOST": "http://:::", "OPENAI_API_KEY": KEY}
    async with desk_in(tmp_path, environ) as desk:
        await desk.service.refresh()
        assert desk.state("openai").status == "error"
        assert "api.example.com" in desk.state("openai").detail
        assert desk.state("ollama").status == "error"
        assert desk.state("builtin").status == "ready"


async def test_a_chosen_model_is_the_default_while_it_is_there(tmp_path: Path) -> None:
    async with ByteServer(model_list("a", "b")) as server, desk_in(tmp_path, {}) as desk:
        assert desk.service.default_model() is None
        await desk.service.add_endpoint("home", server.url)
        await desk.service.refresh("home")
        assert desk.service.default_model() == desk.state("home").models[0]
        await desk.settings.update(model="home:b")
        await desk.service.refresh()
        assert desk.service.default_model() == desk.state("home").models[1]
        await desk.service.remove_endpoint("home")
        default = desk.service.default_model()
        assert default is not None
        assert default.provider == "builtin"


async def test_a_model_file_that_was_moved_away_takes_no_other_with_it(desk: Desk, tmp_path: Path) -> None:
    await desk.service.refresh("builtin")
    models = desk.state("builtin").models
    own = tmp_path / "own model.gguf"
    await asyncio.to_thread(own.symlink_to, _path_of_the_default_model())
    await desk.service.set_model_files((str(own),))
    assert [model.id for model in desk.state("builtin").models] == [models[0].id, "own-model"]
    assert desk.state("builtin").detail == "2 models, run on this computer"

    await asyncio.to_thread(own.unlink)
    await desk.service.add_endpoint("x", "http://127.0.0.1:1")
    await desk.service.refresh("builtin")
    await desk.service.set_model_files(())
    assert desk.state("builtin").models == models


async def test_changes_are_heard_of(desk: Desk) -> None:
    heard: list[str] = []
    stop = desk.service.subscribe(lambda: heard.append(desk.state("openai").status))
    await desk.service.refresh("openai")
    assert heard[-1] == "no_key"
    stop()
    count = len(heard)
    await desk.service.refresh("openai")
    assert len(heard) == count


async def test_settings_that_cannot_be_written_hold_for_this_run(tmp_path: Path) -> None:
    async with desk_in(tmp_path / "gone", {}) as desk:
        with pytest.raises(StorageError):
            await desk.service.add_endpoint("studio", "http://127.0.0.1:1/v1")
        assert desk.ids()[-1] == "studio"
        assert desk.registry.get("studio") is not None


async def test_a_fault_of_our_own_is_one_providers_trouble(desk: Desk, expected_logs: LogGuard) -> None:
    class Faulty(ScriptedProvider):
        async def list_models(self) -> tuple[ModelInfo, ...]:
            raise ZeroDivisionError

    await desk.registry.replace(Faulty((), id="builtin"))
    expected_logs.expect("ERROR .*builtin could not be asked")
    await desk.service.refresh()
    assert (desk.state("builtin").status, desk.state("ollama").status) == ("error", "unreachable")


async def test_a_provider_that_is_gone_is_no_error(desk: Desk) -> None:
    check = await desk.service.test("no such provider")
    assert not check.ok
    await desk.service.refresh("no such provider")


def _path_of_the_default_model() -> str:
    from aiproxy_desktop.core.providers.builtin.provider import default_model

    found = default_model()
    assert found is not None
    return found.path


@pytest.mark.parametrize("host", ["http://[", "[::1", "http://a]b", "\ud800", "http://h:99999", "a b", "//"])
async def test_whatever_ollama_host_holds_becomes_a_state(tmp_path: Path, host: str) -> None:
    async with desk_in(tmp_path, {"OLLAMA_HOST": host}) as desk:
        await desk.service.refresh("ollama")
        # "//" is this computer, where the person at the keyboard may have an Ollama of their own.
        usual = {"ready"} if host == "//" else set()
        assert desk.state("ollama").status in {"error", "unreachable"} | usual
        assert desk.state("ollama").detail
