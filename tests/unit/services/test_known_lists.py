"""The last known lists: there at once after a start without network, gone with their key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.storage.known_models import KnownList, KnownModelsFile
from aiproxy_desktop.storage.model_settings import OllamaHost
from tests.unit.services.test_providers import KEY, desk_in, model_list
from tests.wire import ByteServer, Reply


async def test_a_start_without_network_shows_what_was_there(tmp_path: Path) -> None:
    async with ByteServer(model_list("gpt-5.5", "gpt-6-sol")) as server:
        environ = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{server.url}/v1"}
        async with desk_in(tmp_path, environ) as desk:
            await desk.service.load_known()
            await desk.service.add_endpoint("studio", server.url)
            await desk.service.refresh()
            before = desk.state("openai"), desk.state("studio")

    async with desk_in(tmp_path, environ) as desk:
        assert desk.state("openai").models == ()
        await desk.service.load_known()
        for former in before:
            state = desk.state(former.id)
            assert state.status == "checking"
            assert (state.models, state.reported) == (former.models, former.reported)
            assert state.listed_at == former.listed_at
            assert desk.registry.known_models(former.id) == former.models
        await desk.service.refresh()
        for former in before:
            state = desk.state(former.id)
            assert (state.status, state.models, state.listed_at) == (
                "unreachable",
                former.models,
                former.listed_at,
            )


async def test_a_list_of_one_address_is_not_shown_for_another(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        await desk.service.update_endpoint("studio", name="the studio")
        assert [model.id for model in desk.state("studio").models] == ["a"]
        await desk.service.update_endpoint("studio", base_url="http://127.0.0.1:1")
        assert desk.state("studio").models == ()


async def test_a_server_that_is_removed_takes_its_list_along(tmp_path: Path) -> None:
    row = {"model": "llama3.2:latest", "capabilities": ["completion"]}
    async with ByteServer(Reply.json({"models": [row]})) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.set_ollama_hosts((OllamaHost(id="lab", name="Lab", host=server.url),))
        await desk.service.refresh("lab")
        assert len(KnownModelsFile(tmp_path / "models.json").load()) == 1
        await desk.service.set_ollama_hosts(())
        assert KnownModelsFile(tmp_path / "models.json").load() == ()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_takes_its_list_along(tmp_path: Path, status: int) -> None:
    replies = model_list("a"), Reply.json({"error": {"message": "no"}}, status)
    async with ByteServer(*replies) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.add_endpoint("studio", server.url, KEY)
        await desk.service.refresh("studio")
        assert len(KnownModelsFile(tmp_path / "models.json").load()) == 1
        await desk.service.refresh("studio")
        assert (desk.state("studio").status, desk.state("studio").models) == ("rejected", ())
        assert KnownModelsFile(tmp_path / "models.json").load() == ()
        assert desk.registry.known_models("studio") == ()


async def test_a_removed_key_takes_its_list_along_at_once(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.add_endpoint("studio", server.url, KEY)
        await desk.service.refresh("studio")
        await desk.service.remove_key("studio")
        assert desk.state("studio").models == ()
        assert KnownModelsFile(tmp_path / "models.json").load() == ()


async def test_a_removed_endpoint_leaves_nothing_behind(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        await desk.service.remove_endpoint("studio")
        assert KnownModelsFile(tmp_path / "models.json").load() == ()


async def test_nothing_is_written_by_who_did_not_read(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        assert not (tmp_path / "models.json").exists()


NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
FULL = ModelInfo(
    "a",
    "p",
    "A",
    1,
    2,
    3,
    True,
    Capabilities(vision=True, tools=False),
    Price(0.0, 1.5),
    NOW.date(),
    NOW.date(),
    "said",
    "7B",
    "Q4",
    "gemini",
)


def test_everything_that_is_known_comes_back(tmp_path: Path) -> None:
    file = KnownModelsFile(tmp_path / "models.json")
    many = tuple(ModelInfo(f"m{number}", "q", f"M {number}") for number in range(1_234))
    lists = (KnownList("p", "https://p", NOW - timedelta(days=400), (FULL,)), KnownList("q", "", NOW, many))
    file.save(lists)
    found = file.load()
    assert [(one.provider, one.base_url, one.models) for one in found] == [
        (one.provider, one.base_url, one.models) for one in lists
    ]
    assert (tmp_path / "models.json").stat().st_mode & 0o77 == 0


def test_a_date_to_come_is_none(tmp_path: Path) -> None:
    file = KnownModelsFile(tmp_path / "models.json")
    file.save([KnownList("p", "", datetime(2999, 1, 1, tzinfo=UTC), ())])
    assert file.load()[0].listed_at <= datetime.now(UTC)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"version":1}',
        b'{"version":2,"lists":[]}',
        b'{"version":1,"lists":[{"provider":"p","base_url":"","listed_at":"yesterday","chunks":[]}]}',
        b'{"version":1,"lists":[{"provider":"p","base_url":"","listed_at":"2026-01-01T00:00:00Z","chunks":[7]}]}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
    ],
)
async def test_a_damaged_file_is_set_aside_without_a_word(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "models.json"
    path.write_bytes(content)
    async with desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        assert all(state.models == () for state in desk.service.states())
    assert not path.exists()
    assert (tmp_path / "models.broken.json").read_bytes() == content


async def test_a_folder_in_its_place_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "models.json").mkdir()
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.load_known()
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        assert desk.state("studio").status == "ready"
