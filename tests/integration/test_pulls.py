"""Models that Ollama pulls for us: several at once, broken off, paused, and going on in another run."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError
from tests.download_parts import download_parts
from tests.ollama_server import OllamaServer, stored
from tests.waiting import until
from tests.wire import ByteServer, Reply

SIZES = (4_000_000, 2_000, 11_000)
WHOLE = sum(SIZES)
SLOW = 2_000_000.0


@pytest.fixture
async def ollama() -> AsyncIterator[OllamaServer]:
    async with OllamaServer() as server:
        server.store.offer(*(stored(name, *SIZES) for name in ("qwen3", "mistral", "gemma3:4b", "phi4")))
        yield server


async def test_a_pull_counts_its_bytes_and_is_told_of(tmp_path: Path, ollama: OllamaServer) -> None:
    async with download_parts(tmp_path, ollama.url) as parts:
        begun = parts.service.pull("ollama", "ollama run qwen3:latest tell me a joke")
        assert (begun.kind, begun.provider, begun.name) == ("pull", "ollama", "qwen3")
        done = await parts.reaches(begun.id, "done")
        assert (done.completed, done.total) == (WHOLE, WHOLE)
        assert [item.name for item in parts.done] == ["qwen3"]
        assert "qwen3:latest" in ollama.store.models
        parts.service.dismiss(begun.id)
        assert parts.ids() == []


async def test_one_that_breaks_off_goes_on_from_there(tmp_path: Path, ollama: OllamaServer) -> None:
    ollama.speed, ollama.break_at = 20 * SLOW, 1_500_000
    async with download_parts(tmp_path, ollama.url) as parts:
        begun = parts.service.pull("ollama", "qwen3")
        await parts.reaches(begun.id, "done")
        assert ollama.paths.count("POST /api/pull") == 2
        counts = [told[0].completed for told in parts.told if told]
        assert counts == sorted(counts)


async def test_several_at_once_are_paused_resumed_and_cancelled_alone(
    tmp_path: Path, ollama: OllamaServer
) -> None:
    ollama.speed = SLOW
    async with download_parts(tmp_path, ollama.url) as parts:
        service = parts.service
        one, two, three, four = (service.pull("ollama", name) for name in ollama.store.library)
        for item in (one, two, three):
            await parts.came(item.id, 200_000)
        assert parts.one(four.id).status == "waiting"
        assert service.pull("ollama", "qwen3").id == one.id
        service.pause(one.id)
        service.cancel(two.id)
        await parts.came(four.id, 200_000)
        came = parts.one(one.id).completed
        assert 200_000 <= came < WHOLE
        assert parts.one(one.id).status == "paused"
        ollama.speed = 0
        service.resume(one.id)
        for item in (one, three, four):
            await parts.reaches(item.id, "done")
        assert two.id not in parts.ids()
        assert sorted(ollama.store.models) == ["gemma3:4b", "phi4:latest", "qwen3:latest"]


async def test_a_new_run_goes_on_by_itself(tmp_path: Path, ollama: OllamaServer) -> None:
    ollama.speed = SLOW
    async with download_parts(tmp_path, ollama.url) as parts:
        one, two = parts.service.pull("ollama", "qwen3"), parts.service.pull("ollama", "phi4")
        for item in (one, two):
            await parts.came(item.id, 200_000)
        parts.service.pause(two.id)
    ollama.speed = 0
    async with download_parts(tmp_path, ollama.url) as parts:
        assert parts.one(two.id).status == "paused"
        assert parts.one(two.id).completed >= 200_000
        await until(lambda: [item.id for item in parts.done] == [one.id], "the first goes on")
        parts.service.cancel(two.id)
        await until(lambda: parts.service.downloads() == () or parts.ids() == [one.id])
    async with download_parts(tmp_path, ollama.url) as parts:
        assert parts.ids() == []


async def test_a_full_disk_of_the_server_is_said_plainly(tmp_path: Path, ollama: OllamaServer) -> None:
    ollama.pull_error = (1_000_000, "write /models/blobs/sha256-ab-partial-0: no space left on device")
    async with download_parts(tmp_path, ollama.url) as parts:
        begun = parts.service.pull("ollama", "qwen3")
        failed = await parts.reaches(begun.id, "failed")
        assert failed.error_title.startswith("The disk is full: ")
        assert failed.error_title.endswith("MB more are needed in the folder of Ollama’s models")
        assert ollama.paths.count("POST /api/pull") == 1
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")


async def test_errors_under_200_are_one_sentence(tmp_path: Path, ollama: OllamaServer) -> None:
    async with download_parts(tmp_path, ollama.url) as parts:
        unknown = parts.service.pull("ollama", "no-such-model")
        failed = await parts.reaches(unknown.id, "failed")
        assert failed.error_title == "There is no model no-such-model to fetch"
        ollama.pull_error = (1_000_000, 'max retries exceeded: Get "https://cdn/x": net/http: TLS timeout')
        broken = parts.service.pull("ollama", "qwen3")
        await parts.reaches(broken.id, "done")
        assert ollama.paths.count("POST /api/pull") == 3
    async with download_parts(tmp_path, ollama.url) as parts:
        assert [(item.status, item.error_title) for item in parts.service.downloads()] == [
            ("failed", "There is no model no-such-model to fetch")
        ]
        parts.service.dismiss(unknown.id)
        assert parts.ids() == []


async def test_a_server_that_is_away_is_tried_some_times(tmp_path: Path, ollama: OllamaServer) -> None:
    await ollama.stop()
    async with download_parts(tmp_path, ollama.url, waits=(0.2, 0.2)) as parts:
        begun = parts.service.pull("ollama", "qwen3")
        await until(lambda: parts.one(begun.id).retry_in is not None, "it waits")
        assert parts.one(begun.id).error_title == "Ollama cannot be reached"
        failed = await parts.reaches(begun.id, "failed")
        assert failed.retry_in is None
        await ollama.start()
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        gone = parts.service.pull("home-server", "qwen3")
        assert "not set up any more" in (await parts.reaches(gone.id, "failed")).error_title


async def test_a_flood_of_progress_is_told_a_few_times(tmp_path: Path) -> None:
    total = 20_000
    lines = [
        b'{"status":"pulling aa","digest":"sha256:aa","total":%d,"completed":%d}\n' % (total, number)
        for number in range(1, total + 1)
    ]
    pieces = [b"".join(lines[place : place + 100]) for place in range(0, total, 100)]
    flood = Reply.lines(*pieces, b'{"status":"success"}\n', delay=0.005)
    async with ByteServer(flood) as server, download_parts(tmp_path, server.url) as parts:
        begun = parts.service.pull("ollama", "qwen3")
        done = await parts.reaches(begun.id, "done")
        assert done.completed == total
        assert len(parts.told) < 40


async def test_what_is_no_name_is_refused(tmp_path: Path) -> None:
    async with download_parts(tmp_path) as parts:
        with pytest.raises(InvalidRequestError, match="not the name of a model"):
            parts.service.pull("ollama", "gemma 3, the small one")
        assert parts.ids() == []
