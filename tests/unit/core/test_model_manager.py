from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from aiproxy_desktop.core.catalog import Catalog
from aiproxy_desktop.core.defaults import default_setup
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InvalidEndpointError,
    InvalidRequestError,
    MissingKeyError,
    ModelNotFoundError,
    ProviderFailureError,
    ProviderTimeoutError,
    UnknownModelError,
    UnreachableError,
)
from aiproxy_desktop.core.model_hygiene import MOST_MODELS
from aiproxy_desktop.core.model_manager import ModelManager
from aiproxy_desktop.core.model_providers import ModelProvider
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider


class Listing(EchoProvider):
    """Lists what it is told to, when it is told to, and counts how often it was asked."""

    def __init__(self, name: str, *models: ModelInfo | str) -> None:
        super().__init__(id=name)
        self.models = [
            model if isinstance(model, ModelInfo) else ModelInfo(model, name, model) for model in models
        ]
        self.error: BaseException | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked = 0

    async def list_models(self) -> tuple[ModelInfo, ...]:
        self.asked += 1
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return tuple(self.models)


class Fetching(Listing):
    async def ensure_model(self, model: str, on_progress: Callable[[Any], None] | None = None) -> bool:
        if on_progress is not None:
            on_progress("pulling")
        self.models.append(ModelInfo(model, self.id, model))
        return True


class Foreign(ModelProvider):
    """A provider of a user's own, as the seed has them written."""

    def __init__(self, name: str = "foreign") -> None:
        self._name = name
        self.ready: list[str] = []
        self.closed = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def supports_local_deployment(self) -> bool:
        return True

    async def list_models(self) -> list[ModelInfo]:
        return [ModelInfo("own", self._name, "Own")]

    async def get_model_info(self, model_id: str) -> ModelInfo:
        return ModelInfo(model_id, self._name, model_id)

    async def ensure_model_available(self, model_id: str) -> None:
        self.ready.append(model_id)

    async def aclose(self) -> None:
        self.closed = True


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def managing(
    *providers: Listing, clock: Clock | None = None, wait: float = 30.0
) -> AsyncIterator[ModelManager]:
    registry = Registry(providers, catalog=Catalog())
    async with ModelManager(
        registry, keep=100, keep_failures=10, wait=wait, clock=clock or Clock()
    ) as manager:
        yield manager
    await registry.aclose()


async def ids(manager: ModelManager, provider: str | None = None) -> list[str]:
    return [model.reference for model in await manager.list_all_models(provider)]


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_all_models_in_the_order_of_their_providers() -> None:
    one, two = Listing("one", "a", "b"), Listing("two", "c")
    async with managing(one, two) as manager:
        assert manager.get_providers() == ["one", "two"]
        assert await ids(manager) == ["one:a", "one:b", "two:c"]
        assert await ids(manager, "two") == ["two:c"]
        assert manager.registry.known_models("two")[0].id == "c"
        assert (one.asked, two.asked) == (1, 1)


async def test_a_list_is_kept_and_then_given_stale_while_a_new_one_comes() -> None:
    clock, one = Clock(), Listing("one", "a")
    async with managing(one, clock=clock) as manager:
        await ids(manager)
        one.models.append(ModelInfo("b", "one", "b"))
        clock.now += 99
        assert await ids(manager) == ["one:a"]
        clock.now += 1
        one.gate.clear()
        assert await ids(manager) == ["one:a"]
        assert await ids(manager) == ["one:a"]
        one.gate.set()
        await settle()
        assert await ids(manager) == ["one:a", "one:b"]
        assert one.asked == 2


async def test_callers_at_the_same_time_share_one_request() -> None:
    one = Listing("one", "a")
    one.gate.clear()
    async with managing(one) as manager:
        calls = [asyncio.create_task(ids(manager)) for _ in range(5)]
        await settle()
        calls[0].cancel()
        await settle()
        one.gate.set()
        assert await asyncio.gather(*calls[1:]) == [["one:a"]] * 4
        assert one.asked == 1


async def test_a_dead_provider_does_not_hold_up_the_others_and_its_former_list_stands_in() -> None:
    clock, dead, alive = Clock(), Listing("dead", "old"), Listing("alive", "a")
    async with managing(dead, alive, clock=clock, wait=0.05) as manager:
        dead.gate.clear()
        assert await ids(manager) == ["alive:a"]
        assert isinstance(manager.errors["dead"], ProviderTimeoutError)
        dead.gate.set()
        await settle()
        assert await ids(manager) == ["dead:old", "alive:a"]
        assert manager.errors == {}
        dead.gate.clear()
        assert [model.id for model in await manager.refresh()] == ["old", "a"]
        assert list(manager.errors) == ["dead"]


async def test_one_that_hangs_is_waited_for_once() -> None:
    clock, dead, alive = Clock(), Listing("dead", "old"), Listing("alive", "a")
    async with managing(dead, alive, clock=clock, wait=0.05) as manager:
        dead.gate.clear()
        assert await ids(manager) == ["alive:a"]
        clock.now += 60.0
        again = asyncio.ensure_future(ids(manager))
        await settle()
        assert again.done()
        assert await again == ["alive:a"]
        dead.gate.set()
        await settle()
        assert await ids(manager) == ["dead:old", "alive:a"]


async def test_a_failure_is_remembered_briefly_and_told() -> None:
    clock, one, two = Clock(), Listing("one", "a"), Listing("two", "b")
    one.error = UnreachableError("Not there", provider="one")
    async with managing(one, two, clock=clock) as manager:
        assert await ids(manager) == await ids(manager) == ["two:b"]
        assert manager.errors == {"one": one.error}
        with pytest.raises(UnreachableError):
            await ids(manager, "one")
        assert one.asked == 1
        clock.now += 10
        one.error = None
        assert await ids(manager) == ["one:a", "two:b"]
        assert manager.errors == {}


async def test_after_a_failed_refresh_the_former_list_stands_in() -> None:
    clock, one = Clock(), Listing("one", "a")
    async with managing(one, clock=clock) as manager:
        await ids(manager)
        one.error = UnreachableError("Gone")
        clock.now += 100
        assert await ids(manager, "one") == ["one:a"]
        await settle()
        assert list(manager.errors) == ["one"]
        assert await ids(manager, "one") == ["one:a"]
        assert one.asked == 2


async def test_a_missing_key_is_not_remembered() -> None:
    one = Listing("one", "a")
    one.error = MissingKeyError("No key")
    async with managing(one) as manager:
        assert await ids(manager) == []
        one.error = None
        assert await ids(manager) == ["one:a"]


async def test_whatever_a_plug_in_raises_is_one_of_our_errors() -> None:
    one, two = Listing("one"), Listing("two", "b")
    one.error = ZeroDivisionError("oops")
    async with managing(one, two) as manager:
        assert await ids(manager) == ["two:b"]
        assert isinstance(manager.errors["one"], ProviderFailureError)
        assert "ZeroDivisionError: oops" in manager.errors["one"].detail


async def test_a_provider_put_in_the_place_of_another_is_asked_anew() -> None:
    one = Listing("one", "a")
    async with managing(one) as manager:
        await ids(manager)
        await manager.registry.replace(Listing("one", "b"))
        assert await ids(manager) == ["one:b"]
        await manager.registry.remove("one")
        assert await ids(manager) == []


async def test_a_list_that_comes_too_late_is_not_remembered_for_the_successor() -> None:
    one = Listing("one", "a")
    one.gate.clear()
    async with managing(one) as manager:
        call = asyncio.create_task(ids(manager))
        await settle()
        await manager.registry.replace(Listing("one", "b"))
        one.gate.set()
        await call
        assert manager.registry.known_models() == ()


async def test_closing_ends_what_is_under_way() -> None:
    one = Listing("one", "a")
    one.gate.clear()
    async with managing(one, wait=0.01) as manager:
        await ids(manager)
        assert [task for task in asyncio.all_tasks() if "list models" in task.get_name()]
    await settle()
    assert not [task for task in asyncio.all_tasks() if "list models" in task.get_name()]


def test_a_loop_that_ended_leaves_nothing_to_wait_for() -> None:
    one = Listing("one", "a")
    manager = ModelManager(Registry((one,), catalog=Catalog()), wait=0.01)

    async def first() -> None:
        one.gate = asyncio.Event()
        assert await ids(manager) == []

    async def second() -> None:
        one.gate = asyncio.Event()
        one.gate.set()
        assert [model.id for model in await manager.refresh()] == ["a"]
        await manager.aclose()

    asyncio.run(first())
    asyncio.run(second())


@pytest.mark.parametrize("listed", [True, False])
def test_a_manager_is_closed_by_another_loop_than_the_one_it_listed_in(listed: bool) -> None:
    one = Listing("one", "a")
    manager = ModelManager(Registry((one,), catalog=Catalog()), wait=0.01)

    async def first() -> None:
        one.gate = asyncio.Event()
        if listed:
            one.gate.set()
        assert await ids(manager) == (["one:a"] if listed else [])

    asyncio.run(first())
    asyncio.run(manager.aclose())


async def test_unknown_providers_are_told_with_those_there_are() -> None:
    async with managing(Listing("one", "a")) as manager:
        for call in (
            manager.list_all_models("on"),
            manager.get_model_info("a", "on"),
            manager.ensure_model_ready("a", "on"),
        ):
            with pytest.raises(UnknownModelError, match="one"):
                await call


@pytest.mark.parametrize(
    ("name", "provider", "found"),
    [
        ("a", None, "one:a"),
        ("one:a", None, "one:a"),
        ("llama3.2", None, "two:llama3.2:latest"),
        ("two:llama3.2", None, "two:llama3.2:latest"),
        ("a", "two", "two:a"),
        ("b", None, None),
        ("llama3.2", "one", None),
    ],
)
async def test_one_model_by_name(name: str, provider: str | None, found: str | None) -> None:
    async with managing(Listing("one", "a"), Listing("two", "llama3.2:latest", "a")) as manager:
        model = await manager.get_model_info(name, provider)
        assert (model.reference if model else None) == found


async def test_a_provider_of_ones_own_takes_part() -> None:
    one, own, shadow = Listing("one", "a"), Foreign(), Foreign("one")
    async with managing(one) as manager:
        manager.register_provider(own)
        assert manager.get_providers() == ["one", "foreign"]
        assert await ids(manager) == ["one:a", "foreign:own"]
        await manager.ensure_model_ready("own", "foreign")
        manager.register_provider(shadow)
        assert await ids(manager) == ["one:own", "foreign:own"]
    assert own.ready == ["own"]
    assert own.closed
    assert shadow.closed


async def test_what_a_provider_lists_is_cleaned() -> None:
    hostile = [
        *(ModelInfo("a", "two", "A\u202e\x00" * 900, size_bytes=-5, context_window=10**30), None),
        *(ModelInfo("b" * 10_000, "one", "b"), ModelInfo("a", "one", "twice"), ModelInfo("", "one", "")),
    ]
    one, odd = Listing("one"), Listing("odd")
    one.models, odd.models = hostile, 5  # type: ignore[assignment]  # whatever a plug-in does
    async with managing(one, odd) as manager:
        (model,) = await manager.list_all_models()
        assert (model.reference, model.size_bytes, model.context_window) == ("one:a", None, None)
        assert model.display_name.isprintable()
        assert len(model.display_name) <= 120
        assert set(manager.errors) == {"odd"}
    one.models = [ModelInfo(f"m{number}", "one", "") for number in range(MOST_MODELS + 5)]
    async with managing(one) as manager:
        assert len(await manager.list_all_models("one")) == MOST_MODELS


async def test_a_missing_model_is_fetched_where_that_can_be_done() -> None:
    steps: list[Any] = []
    async with managing(Fetching("local", "a"), Listing("far", "b")) as manager:
        await ids(manager)
        await manager.ensure_model_ready("new", "local", steps.append)
        assert steps == ["pulling"]
        assert await ids(manager, "local") == ["local:a", "local:new"]
        await manager.ensure_model_ready("b", "far")
        with pytest.raises(ModelNotFoundError, match="new"):
            await manager.ensure_model_ready("new", "far")


async def test_the_best_model_over_all_providers() -> None:
    sees = ModelInfo("sees", "one", "Sees", context_window=9000, capabilities=Capabilities(vision=True))
    other = ModelInfo("other", "two", "Other", context_window=9000, capabilities=Capabilities(vision=True))
    one, two = Listing("one", sees, "blind"), Listing("two", other)
    async with managing(one, two) as manager:
        manager.latency.note("two:other", 0.1)
        best = await manager.find_best_model({"multimodal": True})
        assert best is not None
        assert best.reference == "two:other"
        chosen = await manager.explain_selection({"multimodal": True, "provider": "one"})
        assert set(chosen.rejected) == {"one:blind", "two:other"}
        assert await manager.find_best_model({"audio": True}) is None
        nothing = await manager.explain_selection({"audio": True})
        assert {candidate.model.id for candidate in nothing.ranking} == {"sees", "other", "blind"}
        manager.latency.note("one:sees", 0.1)
        manager.latency.note_speed("one:sees", 90.0)
        wishes = {"multimodal": True, "fast_preferred": True}
        ranking = (await manager.explain_selection(wishes)).ranking
        fitting = [candidate.model for candidate in ranking if candidate.fits]
        assert [model.id for model in fitting] == ["sees", "other"]
        assert await manager.find_best_model(wishes) == fitting[0]


async def test_wrong_requirements_are_refused_before_anyone_is_asked() -> None:
    one = Listing("one", "a")
    async with managing(one) as manager:
        with pytest.raises(InvalidRequestError):
            await manager.find_best_model({"multimodel": True})
        assert one.asked == 0


async def test_alone_it_finds_what_the_environment_offers(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ModelManager() as manager:
        assert {"openai", "gemini", "ollama"} <= set(manager.get_providers())
        found = await manager.list_all_models()
        assert {model.provider for model in found} <= {"builtin"}
        assert manager.errors == {}  # without a key, or anything that listens, nobody was asked
        with pytest.raises(UnreachableError):
            await manager.list_all_models("ollama")
        with pytest.raises(MissingKeyError):
            await manager.list_all_models("openai")
        assert all(isinstance(error, AIProxyError) for error in manager.errors.values())


async def test_a_key_without_an_address_does_not_keep_the_others_from_being_listed() -> None:
    environ = {"AZURE_OPENAI_API_KEY": "a-key-of-azure", "OLLAMA_HOST": "127.0.0.1:1"}
    setup = default_setup(environ=environ)
    async with ModelManager(setup.registry) as manager:
        await manager.list_all_models()
        with pytest.raises(InvalidEndpointError):
            await manager.list_all_models("azure")
    await setup.aclose()


async def test_one_that_cannot_close_does_not_keep_the_others_open() -> None:
    class Stuck(Foreign):
        async def aclose(self) -> None:
            raise OSError("stuck")

    manager, other = ModelManager(Registry(catalog=Catalog())), Foreign("other")
    manager.register_provider(Stuck("stuck"))
    manager.register_provider(other)
    with pytest.raises(OSError, match="stuck"):
        await manager.aclose()
    assert other.closed
