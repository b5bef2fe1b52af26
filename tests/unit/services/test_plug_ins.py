"""Providers of other packages, as they lie on a disk, in the application."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.core.test_plugins import WORKING, install
from tests.unit.services.test_providers import desk_in

FIRST_START = ["openai", "gemini", "anthropic", "ollama", "builtin"]


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


async def test_a_plug_in_is_a_provider_and_is_loaded_beside_the_loop(packages: Path, tmp_path: Path) -> None:
    install(packages, "plug_parrot", "parrot", f"import threading\nTHREAD = threading.get_ident()\n{WORKING}")
    async with desk_in(tmp_path, {}) as desk:
        assert await desk.service.find_plug_ins() == ("parrot",)
        assert desk.ids() == [*FIRST_START[:3], "parrot", *FIRST_START[3:]]
        await desk.service.refresh("parrot")
        state = desk.state("parrot")
        assert (state.kind, state.status, state.detail) == ("plugin", "ready", "Ready, 1 model")
        assert [model.reference for model in state.models] == ["parrot:polly"]
        assert threading.get_ident() != sys.modules["plug_parrot"].THREAD

        # Looked for again, and after a change of the settings, it is the same one.
        provider = desk.registry.get("parrot")
        assert await desk.service.find_plug_ins() == ()
        await desk.service.add_endpoint("Parrot", "http://127.0.0.1:1/v1")
        assert desk.ids()[-1] == "parrot-2"
        assert desk.registry.get("parrot") is provider


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError"),
        ("", "AttributeError"),
        ("def provider(context):\n    raise RuntimeError('no\\nlicence')", "RuntimeError: no licence"),
        ("class P:\n    id = 'other'\n\ndef provider(context):\n    return P()", "calls itself 'other'"),
    ],
)
async def test_a_broken_one_is_a_row_that_says_why(
    packages: Path, tmp_path: Path, source: str, reason: str
) -> None:
    install(packages, "plug_broken", "broken", source)
    install(packages, "plug_parrot", "parrot", WORKING)
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.find_plug_ins()
        await desk.service.refresh()
        state = desk.state("broken")
        assert (state.label, state.status, state.detail) == (
            "broken",
            "error",
            "The plug-in could not be loaded",
        )
        assert reason in state.advice
        assert desk.state("parrot").status == "ready"


async def test_one_that_was_mended_works_at_the_next_test(packages: Path, tmp_path: Path) -> None:
    install(packages, "plug_parrot", "parrot", "raise RuntimeError('not yet')")
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.find_plug_ins()
        assert not (await desk.service.test("parrot")).ok
        source = packages / "plug_parrot.py"
        source.write_text(WORKING + "\n# longer than before, so that no compiled file stands in for it\n")
        assert (await desk.service.test("parrot")).ok
        assert desk.registry.get("parrot") is not None


async def test_none_takes_the_place_of_another_provider(packages: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("openai", "groq", "home")):
        install(packages, f"plug_{number}", name, "raise SystemError('it is not even loaded')")
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("home", "http://127.0.0.1:1/v1")
        own = desk.registry.get("openai")
        await desk.service.find_plug_ins()
        assert desk.registry.get("openai") is own
        for name in ("openai", "groq", "home"):
            check = await desk.service.test(f"plug-in:{name}")
            assert (check.sentence, check.advice) == (
                "The plug-in is left out",
                "There is a provider of that name.",
            )


async def test_one_with_nothing_to_offer_here_is_not_there(packages: Path, tmp_path: Path) -> None:
    install(packages, "plug_none", "none", "def provider(context):\n    return None")
    async with desk_in(tmp_path, {}) as desk:
        assert await desk.service.find_plug_ins() == ()
        assert desk.ids() == FIRST_START


async def test_one_that_fails_when_asked_says_how(packages: Path, tmp_path: Path) -> None:
    failing = f"{WORKING}\nasync def fail(self):\n    raise ZeroDivisionError('by zero')\n"
    install(
        packages,
        "plug_parrot",
        "parrot",
        f"{failing}\nEchoProvider = type('E', (EchoProvider,), {{'list_models': fail}})\n",
    )
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.find_plug_ins()
        check = await desk.service.test("parrot")
        assert (check.status, check.sentence) == ("error", "The plug-in failed")
        assert check.advice == "ZeroDivisionError: by zero"
