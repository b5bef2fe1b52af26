from __future__ import annotations

import pytest

from aiproxy_desktop.core.catalog import Catalog
from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider


async def test_it_owns_its_providers() -> None:
    one, two, three = EchoProvider(id="one"), EchoProvider(id="two"), EchoProvider(id="one")
    registry = Registry((one, two))
    assert registry.providers() == (one, two)
    await registry.replace(three)
    assert registry.providers() == (three, two)
    assert one.closed
    await registry.remove("two")
    await registry.remove("never there")
    assert two.closed
    assert registry.get("two") is None
    await registry.aclose()
    assert three.closed


async def test_models_are_remembered_as_long_as_their_provider() -> None:
    registry = Registry((EchoProvider(id="one"),))
    model = ModelInfo("m", "one", "M", capabilities=Capabilities(streaming=True))
    registry.remember("one", [model])
    registry.remember("gone", [model])
    assert registry.known_models() == registry.known_models("one") == (model,)
    await registry.replace(EchoProvider(id="one"))
    assert registry.known_models() == ()


async def test_what_a_provider_leaves_out_is_filled_in_and_what_it_says_stays() -> None:
    registry = Registry((EchoProvider(id="openai"),))
    registry.remember("openai", [ModelInfo("gpt-5.5", "openai", "GPT", context_window=1000)])
    (model,) = registry.known_models()
    assert (model.display_name, model.context_window, model.output_limit) == ("GPT", 1000, 128_000)
    assert model.capabilities.vision
    assert model.price == Price(5.0, 30.0, 0.5)


async def test_a_catalogue_of_its_own() -> None:
    registry = Registry((EchoProvider(id="openai"),), catalog=Catalog())
    registry.remember("openai", [ModelInfo("gpt-5.5", "openai", "GPT")])
    (model,) = registry.known_models()
    assert model.context_window is None


@pytest.mark.parametrize("name", ["", "a:b", "a b", "one"])
def test_ids_that_a_name_could_not_tell_apart(name: str) -> None:
    registry = Registry((EchoProvider(id="one"),))
    with pytest.raises(ValueError, match="provider"):
        registry.add(EchoProvider(id=name))


async def test_one_that_cannot_close_does_not_keep_the_others_open() -> None:
    class Stuck(EchoProvider):
        async def aclose(self) -> None:
            raise LocalModelError("It does not stop")

    other = EchoProvider(id="other")
    registry = Registry((other, Stuck()))
    with pytest.raises(LocalModelError):
        await registry.aclose()
    assert other.closed


async def test_a_model_is_known_by_the_forms_that_its_provider_takes_and_first_of_all_by_its_id() -> None:
    registry = Registry((EchoProvider(id="ollama"),))
    ids = ("qwen3:latest", "qwen3:8b", "llama3.2:latest", "llama3.2")
    registry.remember("ollama", [ModelInfo(name, "ollama", name) for name in ids])
    for name, found in (("qwen3", "qwen3:latest"), ("qwen3:8b", "qwen3:8b"), ("llama3.2", "llama3.2")):
        model = registry.known_model("ollama", name)
        assert model is not None
        assert model.id == found
    assert registry.known_model("ollama", "qwen") is None
