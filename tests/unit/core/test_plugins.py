"""Providers that other packages bring, as they lie on a disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.defaults import default_setup
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.offers import Offer, ProviderContext
from aiproxy_desktop.core.plugins import GROUP, plug_in_offers
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import EchoProvider

WORKING = """
from aiproxy_desktop.core.testing import EchoProvider

def provider(context):
    return EchoProvider(id=context.environ.get("PLUG_IN_ID", "parrot"), models=("polly",))
"""


def install(folder: Path, name: str, entry: str, source: str, version: str = "1.0") -> None:
    """A distribution as an installer leaves it."""
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\n{entry} = {name}:provider\n")
    (folder / f"{name}.py").write_text(source)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if name.startswith("plug_"):
            del sys.modules[name]


async def test_a_plug_in_answers_under_its_own_name(packages: Path) -> None:
    install(packages, "plug_parrot", "parrot", WORKING)
    async with CompletionClient() as client:
        assert "plug_parrot" not in sys.modules
        answer = await client.create_completion([{"role": "user", "content": "Hello"}], model="parrot:polly")
        assert answer["choices"][0]["message"]["content"] == "Hello"
        assert {"id": "polly", "provider": "parrot"}.items() <= (await client.list_models("parrot"))[
            0
        ].items()
        assert client.registry.notices == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("provider = 5", "TypeError"),
        ("", "AttributeError"),
        ("def provider(context):\n    raise RuntimeError('no licence')", "no licence"),
        ("class P:\n    id = 'other'\n\ndef provider(context):\n    return P()", "calls itself 'other'"),
    ],
)
async def test_a_broken_one_is_a_notice_and_the_others_stay(packages: Path, source: str, reason: str) -> None:
    install(packages, "plug_broken", "broken", source)
    install(packages, "plug_parrot", "parrot", WORKING)
    async with CompletionClient() as client:
        models = await client.list_models()
        assert "polly" in {model["id"] for model in models}
        (notice,) = client.registry.notices
        assert "“broken”" in notice
        assert reason in notice
        assert "broken" not in client.registry.ids()


async def test_none_takes_the_place_of_our_own(packages: Path) -> None:
    install(packages, "plug_parrot", "openai", WORKING)
    setup = default_setup(StaticCredentials({}), {"PLUG_IN_ID": "openai"})
    assert len(setup.registry.notices) == 1
    assert type(setup.registry.get("openai")).__name__ == "OpenAIAccount"
    await setup.aclose()


async def test_a_name_that_could_not_be_asked_for_is_a_notice(packages: Path) -> None:
    install(packages, "plug_parrot", "pol ly", WORKING)
    setup = default_setup(StaticCredentials({}), {})
    (notice,) = setup.registry.notices
    assert "cannot be the id" in notice
    await setup.aclose()


async def test_the_first_of_two_versions_on_the_path_counts(tmp_path: Path) -> None:
    context = ProviderContext(HttpClient(), StaticCredentials({}), {})
    first, second = tmp_path / "first", tmp_path / "second"
    install(first, "plug_one", "parrot", WORKING, "2.0")
    install(second, "plug_two", "parrot", "raise RuntimeError", "1.0")
    offers = plug_in_offers(context, [str(first), str(second), str(tmp_path / "nowhere")])
    assert [offer.id for offer in offers] == ["parrot"]


async def test_what_is_offered_is_built_once_and_only_when_asked_for() -> None:
    built: list[EchoProvider] = []

    def build() -> EchoProvider:
        built.append(EchoProvider(id="late"))
        return built[-1]

    async def away() -> bool:
        return False

    registry = Registry((EchoProvider(id="early"),))
    registry.offer(Offer("late", build, away))
    registry.offer(Offer("by-name", lambda: EchoProvider(id="by-name")))
    assert registry.ids() == ("early", "late", "by-name")
    assert [provider.id for provider in await registry.answering()] == ["early"]
    assert registry.get("late") is registry.get("late") is built[0]
    assert [provider.id for provider in registry.providers()] == ["early", "late"]
    await registry.aclose()
    assert built[0].closed
    assert len(built) == 1
