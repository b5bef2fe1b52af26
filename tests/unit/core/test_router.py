from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import UnknownModelError, UnreachableError
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import Offer
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.router import Router
from aiproxy_desktop.core.testing import EchoProvider

NAMES = [
    "gpt-4",
    "gpt-oss:20b",
    "llama3.2",
    "llama3.2:latest",
    "gemini-3.8-flash",
    "smollm2-135m",
    "x:y",
    "openai:",
    ":",
]


class Offline(EchoProvider):
    """A provider that cannot be reached."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        raise UnreachableError("Nobody is there", provider=self.id)


class Slow(EchoProvider):
    """A provider that never tells its models."""

    async def list_models(self) -> tuple[ModelInfo, ...]:
        await asyncio.Event().wait()
        raise AssertionError


class Local(EchoProvider):
    """A local server whose models change, and which counts how often it was asked."""

    asked = 0

    async def list_models(self) -> tuple[ModelInfo, ...]:
        self.asked += 1
        return tuple(ModelInfo(name, self.id, name, local=True) for name in self._models)

    def pull(self, name: str) -> None:
        self._models = (*self._models, name)


def usual() -> tuple[Registry, Local]:
    ollama = Local(id="ollama", models=("llama3.2:latest", "qwen3:8b"))
    providers = (EchoProvider(id="openai", models=("gpt-5.4",)), EchoProvider(id="gemini"), ollama)
    return Registry(
        (*providers, EchoProvider(id="builtin", models=("smollm2-135m",)), Offline(id="away"))
    ), ollama


@pytest.mark.parametrize(
    ("model", "provider", "expected"),
    [
        ("gpt-4", None, ("openai", "gpt-4")),
        ("o3-mini", None, ("openai", "o3-mini")),
        ("chatgpt-4o-latest", None, ("openai", "chatgpt-4o-latest")),
        ("gemini-1.5-flash", None, ("gemini", "gemini-1.5-flash")),
        ("models/gemini-3.8-flash", None, ("gemini", "models/gemini-3.8-flash")),
        ("llama3.2", None, ("ollama", "llama3.2:latest")),
        ("qwen3:8b", None, ("ollama", "qwen3:8b")),
        ("ollama:qwen3:8b", None, ("ollama", "qwen3:8b")),
        ("gpt-oss:20b", None, ("ollama", "gpt-oss:20b")),
        ("my-gemini-distill:7b", None, ("ollama", "my-gemini-distill:7b")),
        ("llama2", None, ("ollama", "llama2")),
        ("llama3.3", None, ("ollama", "llama3.3")),
        ("qwen2.5", None, ("ollama", "qwen2.5")),
        ("gemma3", None, ("ollama", "gemma3")),
        ("GPT-4", None, ("openai", "GPT-4")),
        ("ft:gpt-4o:acme::id", None, ("openai", "ft:gpt-4o:acme::id")),
        ("my-gemini", None, ("gemini", "my-gemini")),
        ("ollama:not-pulled", None, ("ollama", "not-pulled")),
        ("smollm2-135m", None, ("builtin", "smollm2-135m")),
        ("builtin", None, ("builtin", "smollm2-135m")),
        (None, None, ("builtin", "smollm2-135m")),
        ("", None, ("builtin", "smollm2-135m")),
        (None, "openai", ("openai", "gpt-5.4")),
        ("anything", "away", ("away", "anything")),
        ("openai:gpt-4", "openai", ("openai", "gpt-4")),
        ("llama3.2", "ollama", ("ollama", "llama3.2")),
        ("  gpt-4 ", None, ("openai", "gpt-4")),
    ],
)
async def test_each_name_has_its_provider(
    model: str | None, provider: str | None, expected: tuple[str, str]
) -> None:
    registry, _ = usual()
    owner, name = await Router(registry).resolve(model, provider)
    assert (owner.id, name) == expected


@pytest.mark.parametrize(
    ("model", "provider"),
    [
        ("nonsense", None),
        ("gpt-oss-120b", None),
        ("openai:", None),
        ("gpt-4", "nobody"),
        (None, "away"),
        ("x" * 10_000_000, None),
    ],
)
async def test_what_nobody_serves(model: str | None, provider: str | None) -> None:
    registry, _ = usual()
    with pytest.raises(UnknownModelError) as caught:
        await Router(registry).resolve(model, provider)
    assert len(str(caught.value)) < 400


async def test_near_names_are_references() -> None:
    registry, _ = usual()
    with pytest.raises(UnknownModelError) as caught:
        await Router(registry).resolve("lama3.2")
    assert caught.value.near == ("ollama:llama3.2:latest",)


async def test_a_slip_in_a_providers_name_is_no_tag() -> None:
    registry, _ = usual()
    with pytest.raises(UnknownModelError) as caught:
        await Router(registry).resolve("opnai:gpt-5.4")
    assert caught.value.near == ("openai:gpt-5.4",)
    registry.offer(Offer("mistral", lambda: EchoProvider(id="mistral")))
    assert (await Router(registry).resolve("mixtral:8x7b"))[0].id == "ollama"


async def test_what_nobody_listed_is_near_by_the_bundled_table() -> None:
    with pytest.raises(UnknownModelError) as caught:
        await Router(Registry((Offline(id="openai"),))).resolve("gtp-5.5")
    assert "openai:gpt-5.5" in caught.value.near


async def test_a_name_that_several_serve_is_not_guessed() -> None:
    one, two = EchoProvider(id="one", models=("mixtral",)), EchoProvider(id="two", models=("mixtral",))
    with pytest.raises(UnknownModelError) as caught:
        await Router(Registry((one, two))).resolve("mixtral")
    assert caught.value.near == ("one:mixtral", "two:mixtral")


async def test_the_vendor_goes_before_those_who_resell_it() -> None:
    reseller, openai = (
        EchoProvider(id="resale", models=("gpt-4",)),
        EchoProvider(id="openai", models=("gpt-4",)),
    )
    registry = Registry((reseller, openai))
    for provider in registry.providers():
        registry.remember(provider.id, await provider.list_models())
    assert (await Router(registry).resolve("gpt-4"))[0] is openai


async def test_the_bundled_table_knows_whose_a_name_is() -> None:
    groq, other = EchoProvider(id="groq", models=("x",)), EchoProvider(id="mistral", models=("y",))
    router = Router(Registry((groq, other)))
    assert await router.resolve("mixtral-8x7b-32768") == (groq, "mixtral-8x7b-32768")


async def test_of_several_in_the_table_the_one_that_can_answer_is_asked() -> None:
    async def no() -> bool:
        return False

    registry = Registry((EchoProvider(id="mistral", models=("y",)),))
    registry.offer(Offer("azure", lambda: EchoProvider(id="azure"), no))
    owner, _ = await Router(registry).resolve("mistral-large-latest")
    assert owner.id == "mistral"
    both = Registry((EchoProvider(id="mistral", models=("y",)), EchoProvider(id="azure", models=("z",))))
    with pytest.raises(UnknownModelError) as caught:
        await Router(both).resolve("mistral-large-latest")
    assert caught.value.near == ("mistral:mistral-large-latest", "azure:mistral-large-latest")


async def test_a_model_pulled_a_moment_ago_is_found() -> None:
    registry, ollama = usual()
    router = Router(registry)
    await router.resolve("llama3.2")
    ollama.pull("gpt-oss:20b")
    owner, name = await router.resolve("gpt-oss:20b")
    assert (owner.id, name) == ("ollama", "gpt-oss:20b")


async def test_nobody_is_asked_without_need() -> None:
    registry, ollama = usual()
    await Router(registry).resolve("gpt-4")
    await Router(registry).resolve("ollama:whatever")
    assert ollama.asked == 0


async def test_one_that_does_not_answer_holds_nobody_up() -> None:
    registry = Registry((Slow(id="slow"), EchoProvider(id="quick", models=("m",))))
    owner, _ = await Router(registry, refresh_seconds=0.05).resolve("m")
    assert owner.id == "quick"


async def test_once_a_name_is_found_nobody_waits_for_the_rest() -> None:
    registry = Registry((Slow(id="slow"), EchoProvider(id="quick", models=("m",))))
    owner, _ = await Router(registry, refresh_seconds=86_400.0).resolve("m")
    assert owner.id == "quick"


async def test_one_that_is_broken_does_not_end_the_others() -> None:
    class Broken(EchoProvider):
        async def list_models(self) -> tuple[ModelInfo, ...]:
            raise ZeroDivisionError

    registry = Registry((Broken(id="broken"), EchoProvider(id="sound", models=("m",))))
    assert (await Router(registry).resolve("m"))[0].id == "sound"
    with pytest.raises(UnknownModelError):
        await Router(registry).resolve("n")


async def test_no_provider_at_all() -> None:
    with pytest.raises(UnknownModelError):
        await Router(Registry()).resolve()


any_id = st.sampled_from(["openai", "ollama", "away", "nobody", ""]) | st.text(max_size=8)
any_name = st.sampled_from(NAMES) | st.text(max_size=30)


@given(
    model=st.none() | any_name | st.tuples(any_id, any_name).map(":".join),
    provider=st.none() | any_id,
    asked_before=st.booleans(),
)
def test_any_name_has_a_provider_of_the_registry_or_is_unknown(
    model: str | None, provider: str | None, asked_before: bool
) -> None:
    async def resolve() -> None:
        registry, _ = usual()
        if asked_before:
            for one in (registry.get("openai"), registry.get("ollama")):
                assert one is not None
                registry.remember(one.id, await one.list_models())
        try:
            owner, name = await Router(registry).resolve(model, provider)
        except UnknownModelError:
            return
        assert owner in registry.providers()
        assert name
        # No guess: the name is the one asked for, up to a prefix and the tag that means the same.
        asked = (model or "").strip()
        assert (
            asked in {"", "builtin"} or name in {asked, f"{asked}:latest"} or asked.startswith(f"{owner.id}:")
        )
        assert provider is None or owner.id == provider.strip()

    asyncio.run(resolve())


async def _no_key() -> bool:
    return False


def with_a_vendor_called_like_a_model(*, key: bool) -> Registry:
    """Mistral, which may have a key, and an Ollama that holds `mistral:7b`."""
    mistral = EchoProvider(id="mistral", models=("mistral-large",))
    registry = Registry((Local(id="ollama", models=("mistral:7b", "mistral:latest")),))
    registry.offer(Offer("mistral", lambda: mistral, None if key else _no_key))
    return registry


@pytest.mark.parametrize("name", ["mistral:7b", "mistral:latest"])
async def test_a_tag_behind_a_vendors_name_is_the_local_model_where_the_vendor_has_no_key(name: str) -> None:
    registry = with_a_vendor_called_like_a_model(key=False)
    router = Router(registry)
    for _ in range(2):  # before the vendor was built, and after
        provider, native = await router.resolve(name)
        assert (provider.id, native) == ("ollama", name)
    provider, native = await router.resolve("mistral:mistral-large")
    assert (provider.id, native) == ("mistral", "mistral-large")


async def test_a_vendor_with_a_key_is_meant_by_its_name_unless_it_lists_no_such_model() -> None:
    registry = with_a_vendor_called_like_a_model(key=True)
    router = Router(registry)
    assert (await router.resolve("mistral:7b"))[0].id == "mistral"
    registry.remember("mistral", [ModelInfo("mistral-large", "mistral", "Large")])
    registry.remember("ollama", [ModelInfo("mistral:7b", "ollama", "7b", local=True)])
    assert (await router.resolve("mistral:7b"))[0].id == "ollama"
    assert (await router.resolve("mistral:mistral-large"))[0].id == "mistral"
    assert (await router.resolve("mistral:not-listed"))[0].id == "mistral"


tags = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
vendor_names = st.one_of(
    st.sampled_from(["gpt-", "GPT-", "chatgpt-", "ft:gpt-", "o1-", "o3-", "o4-"]).map(
        lambda head: (head, "openai")
    ),
    st.sampled_from(["gemini-", "Gemini-", "models/gemini-", "tunedModels/"]).map(
        lambda head: (head, "gemini")
    ),
    st.sampled_from(["claude-", "Claude-"]).map(lambda head: (head, "anthropic")),
)


def everyone() -> Registry:
    """Providers of every kind that name rules know of, none of which lists anything."""
    ids = ("openai", "gemini", "anthropic", "ollama", "groq", "builtin")
    return Registry(tuple(EchoProvider(id=one, models=()) for one in ids))


def resolved(registry: Registry, model: str) -> tuple[str, str] | None:
    """Who serves a name, and under which; None where nobody does."""

    async def resolve() -> tuple[str, str] | None:
        try:
            owner, name = await Router(registry).resolve(model)
        except UnknownModelError:
            return None
        return owner.id, name

    return asyncio.run(resolve())


@given(vendor=vendor_names, tag=tags)
def test_a_vendors_own_names_are_the_vendors(vendor: tuple[str, str], tag: str) -> None:
    head, provider = vendor
    name = f"{head}{tag}"
    if not name.lower().startswith("gpt-oss"):
        assert resolved(everyone(), name) == (provider, name)


@given(name=st.from_regex(r"[a-z][a-z0-9._/-]{0,20}", fullmatch=True), tag=tags)
def test_a_name_with_a_tag_is_ollamas_unless_a_provider_stands_before_it(name: str, tag: str) -> None:
    registry = everyone()
    model = f"{name}:{tag}"
    if registry.get(name) is not None:
        assert resolved(registry, model) == (name, tag)
    elif not name.startswith(("gpt-", "chatgpt-", "ft", "o1-", "o3-", "o4-", "models/gemini-")):
        assert resolved(registry, model) == ("ollama", model)


@given(provider=st.sampled_from(["openai", "gemini", "ollama", "groq", "builtin"]), name=any_name)
def test_a_provider_in_front_always_decides(provider: str, name: str) -> None:
    found = resolved(everyone(), f"{provider}:{name}")
    assert found is None or found[0] == provider
    assert (found is None) == (not name.strip())


@given(
    name=st.sampled_from(["gpt-5.4", "claude-opus-5-5", "llama3.2:latest"]),
    at=st.integers(0, 30),
)
def test_a_slip_of_the_pen_is_told_what_may_be_meant(name: str, at: int) -> None:
    owners = {"openai": "gpt-5.4", "anthropic": "claude-opus-5-5", "ollama": "llama3.2:latest"}
    slip = f"x{name[: at % len(name)]}{name[at % len(name) + 1 :]}".replace(":", "-")

    async def resolve() -> tuple[str, ...]:
        registry = Registry(tuple(EchoProvider(id=one, models=(model,)) for one, model in owners.items()))
        with pytest.raises(UnknownModelError) as caught:
            await Router(registry).resolve(slip)
        return caught.value.near

    near = asyncio.run(resolve())
    assert any(one.endswith(f":{name}") for one in near)
