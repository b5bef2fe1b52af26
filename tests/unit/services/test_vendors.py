"""Vendors of OpenAI's interface as the application shows them: with a key, by address, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import MissingKeyError
from aiproxy_desktop.services.provider_specs import endpoint_id, vendor_of
from aiproxy_desktop.storage.settings import Endpoint, Settings, SettingsStore
from tests.unit.services.test_providers import KEY, desk_in, model_list
from tests.wire import ByteServer, Reply

FIRST_START = ["openai", "gemini", "anthropic", "ollama", "builtin"]


def litellm_at(server: ByteServer) -> dict[str, str]:
    return {"LITELLM_PROXY_API_KEY": KEY, "LITELLM_PROXY_API_BASE": server.url}


async def test_a_vendor_with_a_key_in_the_environment_is_a_provider_of_its_own(tmp_path: Path) -> None:
    async with ByteServer(model_list("gpt-6-luna")) as server, desk_in(tmp_path, litellm_at(server)) as desk:
        assert desk.ids() == ["openai", "gemini", "anthropic", "litellm", "ollama", "builtin"]
        await desk.service.refresh()
        state = desk.state("litellm")
        assert (state.label, state.kind, state.status) == ("LiteLLM", "vendor", "ready")
        assert (state.key_source, state.key_variable) == ("environment", "LITELLM_PROXY_API_KEY")
        assert server.exchanges[0].headers["authorization"] == f"Bearer {KEY}"


async def test_a_vendors_quirks_come_with_it(tmp_path: Path) -> None:
    async with ByteServer(model_list("mine")) as server:
        environ = {"AZURE_OPENAI_API_KEY": KEY, "AZURE_OPENAI_ENDPOINT": server.url}
        async with desk_in(tmp_path, environ) as desk:
            assert (await desk.service.test("azure")).ok
        assert server.exchanges[0].path == "/openai/v1/models"
        assert server.exchanges[0].headers["api-key"] == KEY


async def test_a_vendor_whose_address_is_missing_says_so(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {"AZURE_OPENAI_API_KEY": KEY}) as desk:
        check = await desk.service.test("azure")
        assert (check.status, check.sentence) == ("error", "There is no address for Azure OpenAI")
        assert "AZURE_OPENAI_ENDPOINT" in check.advice


async def test_a_vendor_comes_with_its_key_and_goes_with_it(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        assert desk.ids() == FIRST_START
        await desk.service.set_key("groq", KEY)
        assert desk.ids() == [*FIRST_START[:3], "groq", *FIRST_START[3:]]
        assert (desk.state("groq").key_source, desk.state("groq").key_hint) == ("session", "4f2a")

        await desk.service.remove_key("groq")
        assert desk.ids() == FIRST_START
        with pytest.raises(MissingKeyError, match="no key for Groq"):
            await CompletionClient(desk.registry).create_completion(
                [{"role": "user", "content": "Hi"}], model="groq:llama-4"
            )


async def test_a_key_that_lay_there_before_is_found(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server:
        environ = {"LITELLM_PROXY_API_BASE": server.url}
        async with desk_in(tmp_path, environ) as desk:
            await desk.keys.set("litellm", KEY)
            assert desk.ids() == FIRST_START
            await desk.service.refresh()
            assert desk.state("litellm").status == "ready"


async def test_vendors_without_a_key_are_asked_for_nothing(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server:
        async with desk_in(tmp_path, {"LITELLM_PROXY_API_BASE": server.url}) as desk:
            await desk.service.refresh()
            await desk.registry.answering()
            assert "litellm" not in desk.ids()
        assert server.exchanges == []


@pytest.mark.parametrize(
    ("address", "chosen", "vendor"),
    [
        ("https://api.groq.com/openai/v1", "", "groq"),
        ("https://API.Groq.com/openai/v1", "vllm", "groq"),
        ("https://api.together.ai/v1", "", "together"),
        ("https://my-team.openai.azure.com", "", "azure"),
        ("http://gpu.team.example:8000/v1", "vllm", "vllm"),
        ("http://127.0.0.1:1234/v1", "lmstudio", "lmstudio"),
        ("http://127.0.0.1:8080/v1", "", ""),
        ("https://api.groq.com.example.org/v1", "", ""),
        ("https://example.org/api.groq.com", "", ""),
        ("http://studio.local/v1", "a vendor of years to come", ""),
        ("no address", "", ""),
    ],
)
def test_an_address_tells_whose_dialect_it_speaks(address: str, chosen: str, vendor: str) -> None:
    found = vendor_of(address, chosen)
    assert (found.id if found else "") == vendor


async def test_a_vendors_server_elsewhere_keeps_its_dialect(tmp_path: Path) -> None:
    async with ByteServer(model_list("mine")) as server, desk_in(tmp_path, {}) as desk:
        assert (await desk.service.test_endpoint("cluster", server.url, KEY, "azure")).ok
        added = await desk.service.add_endpoint("cluster", server.url, KEY, "azure")
        assert (added.id, added.vendor) == ("cluster", "azure")
        assert (await desk.service.test("cluster")).ok
        await desk.service.update_endpoint("cluster", name="the cluster")
        assert (await desk.service.test("cluster")).ok
        assert desk.store.load().settings.endpoints[0].vendor == "azure"
        assert [exchange.path for exchange in server.exchanges] == ["/openai/v1/models"] * 3
        assert {exchange.headers["api-key"] for exchange in server.exchanges} == {KEY}

        await desk.service.update_endpoint("cluster", vendor="")
        await desk.service.test("cluster")
        assert "api-key" not in server.exchanges[-1].headers


async def test_a_key_of_the_environment_goes_to_its_own_vendor_alone(tmp_path: Path) -> None:
    """An endpoint of an older version may have a vendor's id, and an address of its own."""
    async with ByteServer(model_list("a")) as server:
        old = Endpoint(id="groq", name="Groq", base_url=f"{server.url}/v1")
        SettingsStore(tmp_path / "settings.json").save(Settings(endpoints=(old,)))
        async with desk_in(tmp_path, {"GROQ_API_KEY": KEY}) as desk:
            assert desk.ids() == [*FIRST_START, "groq"]
            assert (await desk.service.test("groq")).ok
            assert desk.state("groq").key_source is None
            await CompletionClient(desk.registry).models("groq")
            assert len(server.exchanges) == 2
            assert all("authorization" not in exchange.headers for exchange in server.exchanges)

            await desk.service.set_key("groq", "sk-given-by-the-person")
            await desk.service.test("groq")
            assert server.exchanges[-1].headers["authorization"] == "Bearer sk-given-by-the-person"
            await desk.service.remove_endpoint("groq")
            # What the environment has is for the vendor again.
            assert desk.state("groq").kind == "vendor"


def test_a_vendors_id_is_for_that_vendors_endpoint() -> None:
    assert endpoint_id("Groq", ()) == "groq-2"
    assert endpoint_id("Groq", (), "groq") == "groq"
    assert endpoint_id("Groq", ("groq",), "groq") == "groq-2"
    assert endpoint_id("OpenAI", (), "groq") == "openai-2"


async def test_settings_of_before_vendors_are_read_as_they_were(tmp_path: Path) -> None:
    old = '{"version": 1, "endpoints": [{"id": "home", "name": "Home", "base_url": "http://h/v1"}]}'
    (tmp_path / "settings.json").write_text(old)
    loaded = SettingsStore(tmp_path / "settings.json").load()
    assert loaded.notice == ""
    assert loaded.settings.endpoints == (Endpoint(id="home", name="Home", base_url="http://h/v1"),)


async def test_what_a_provider_leaves_out_the_catalogue_knows(tmp_path: Path) -> None:
    async with ByteServer(model_list("gpt-5.1", "gpt-image-1")) as server:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{server.url}/v1"}
        async with desk_in(tmp_path, environ) as desk:
            check = await desk.service.test("openai")
            chat = next(model for model in desk.state("openai").models if model.id == "gpt-5.1")
            assert chat.context_window
            assert chat.price is not None
            assert check.models == desk.state("openai").models == desk.registry.known_models("openai")


async def test_a_model_that_only_makes_images_is_never_the_default(tmp_path: Path) -> None:
    listed = Reply.json(
        {
            "object": "list",
            "data": [
                {"id": "grok-imagine-image", "object": "model", "capabilities": {"images_out": True}},
                {"id": "talker", "object": "model"},
            ],
        }
    )
    async with ByteServer(listed) as server, desk_in(tmp_path, {}) as desk:
        # The catalogue tells of a vendor's own models.
        await desk.service.add_endpoint("xAI", server.url, vendor="xai")
        await desk.service.refresh("xai")
        assert [model.id for model in desk.state("xai").models] == ["grok-imagine-image", "talker"]
        default = desk.service.default_model()
        assert default is not None
        assert default.id == "talker"
        await desk.settings.update(model="xai:grok-imagine-image")
        chosen = desk.service.default_model()
        assert chosen is not None
        assert chosen.id == "grok-imagine-image"
