"""Files that are downloaded, from a server that breaks, changes, refuses and redirects."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from aiproxy_desktop.core.downloading import FileFetcher
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError, RequestError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.services.download_keeping import DownloadKeeper
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadStore
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.model_settings import ModelAddress
from tests.download_parts import download_parts
from tests.file_server import FileServer, gguf
from tests.gguf_files import gguf as model
from tests.gguf_files import string, tensors
from tests.guards import LogGuard
from tests.waiting import until

SIZE = 3_000_000
HALF = SIZE // 2


@pytest.fixture
async def server() -> AsyncIterator[FileServer]:
    async with FileServer(gguf(SIZE)) as running:
        yield running


def tree(server: FileServer, sha256: str = "") -> ModelAddress:
    return ModelAddress(name="Tree", url=server.address, sha256=sha256)


def written(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()} if folder.exists() else {}


async def test_a_file_comes_whole_and_is_told_of(tmp_path: Path, server: FileServer) -> None:
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        assert (begun.kind, begun.name, begun.status) == ("file", "Tree", "running")
        done = await parts.reaches(begun.id, "done")
        assert (done.completed, done.total, done.fraction) == (SIZE, SIZE, 1.0)
        path = parts.folder / "tree-q4.gguf"
        assert path.read_bytes() == server.data
        assert [item.path for item in parts.done] == [str(path)]
        assert written(parts.folder) == {"tree-q4.gguf": SIZE}
        assert path.stat().st_mode & 0o777 == 0o600
        await until(lambda: parts.told and parts.told[-1][0].status == "done")
        parts.service.dismiss(begun.id)
        assert parts.ids() == []
        assert path.exists()
    async with download_parts(tmp_path) as parts:
        assert parts.ids() == []


async def test_what_broke_off_goes_on_from_there_by_itself(tmp_path: Path, server: FileServer) -> None:
    server.break_after = HALF
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        await parts.reaches(begun.id, "done")
        assert (parts.folder / "tree-q4.gguf").read_bytes() == server.data
    assert server.ranges_asked == ["", f"bytes={HALF}-"]
    assert server.asked[1]["if-range"] == '"one"'


async def test_a_pause_keeps_what_came_and_a_cancel_does_not(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = HALF
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        await parts.came(begun.id, HALF - 1_100_000)
        parts.service.pause(begun.id)
        paused = parts.one(begun.id)
        assert (paused.status, paused.bytes_per_second, paused.seconds_left) == ("paused", None, None)
        await until(lambda: written(parts.folder) == {"tree-q4.gguf.part": HALF}, "what came is written")
        server.go()
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        assert server.ranges_asked == ["", f"bytes={HALF}-"]
        server.hold_after = HALF
        again = parts.service.fetch(tree(server))
        await parts.came(again.id, HALF - 1_100_000)
        parts.service.cancel(again.id)
        assert again.id not in parts.ids()
        await until(lambda: written(parts.folder) == {"tree-q4.gguf": SIZE}, "the part is gone")
        await until(lambda: not parts.service._left)
        assert await parts.records() == ()
        server.go()


async def test_what_was_given_up_can_be_taken_back_for_a_while(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = 1_200_000
    async with download_parts(tmp_path, undo=600) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        await parts.came(begun.id, 1_000_000)
        parts.service.cancel(begun.id)
        assert parts.ids() == []
        await until(lambda: written(parts.folder) == {"tree-q4.gguf.part": 1_200_000})
        parts.service.take_back(begun.id)
        await parts.came(begun.id, 2_200_000)
        parts.service.pause(begun.id)
        parts.service.cancel(begun.id)
        again = parts.service.fetch(tree(server, server.sha256))
        assert again.id == begun.id
        server.go()
        await parts.reaches(begun.id, "done")
        assert len(server.asked) == 3
        other = parts.service.fetch(ModelAddress(name="Other", url=f"{server.url}/other"))
        server.hold_after = 1_200_000
        parts.service.cancel(other.id)
    # Whoever leaves the application takes nothing back.
    assert written(tmp_path / "models") == {"tree-q4.gguf": SIZE}
    async with download_parts(tmp_path) as parts:
        assert parts.ids() == []


async def test_what_was_given_up_goes_even_when_the_run_is_killed(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = HALF
    async with download_parts(tmp_path, undo=600) as parts:
        begun = parts.service.fetch(tree(server))
        await parts.came(begun.id, HALF - 1_100_000)
        parts.service.cancel(begun.id)
        await until(lambda: written(parts.folder) == {"tree-q4.gguf.part": HALF})
        # Every write after this one would find the same; this one may still be under way.
        async with asyncio.timeout(60):
            left = await parts.records()
            while left[0].state != "left":
                await asyncio.sleep(0.01)
                left = await parts.records()
        server.go()
    assert written(parts.folder) == {}
    # As a run leaves it that is killed before those seconds are over.
    (parts.folder / "tree-q4.gguf.part").write_bytes(server.data[:HALF])
    (parts.folder / "other.gguf.part").write_bytes(b"not ours")
    database = await Database.open(tmp_path / "history.sqlite")
    await DownloadStore(database).save(left)
    await database.close()
    async with download_parts(tmp_path) as parts:
        assert parts.ids() == []
        await until(lambda: written(parts.folder) == {"other.gguf.part": 8}, "what came is gone")
    async with download_parts(tmp_path) as parts:
        assert await parts.records() == ()


async def test_what_was_not_written_down_is_with_the_next_change(expected_logs: LogGuard) -> None:
    expected_logs.expect("WARNING .*download_keeping: a download was not kept: The disk is full")
    asked: list[int] = []
    saved: list[tuple[list[str], list[str]]] = []

    class Store:
        refuses = True

        async def save(self, records: Sequence[DownloadRecord], gone: Sequence[str] = ()) -> None:
            asked.append(len(records))
            if self.refuses:
                raise StorageError("The disk is full")
            saved.append(([record.id for record in records], list(gone)))

    def find(download_id: str) -> DownloadRecord | None:
        now = datetime.now(UTC)
        return None if download_id == "gone" else DownloadRecord(download_id, "pull", "llama3.2", now)

    store, errors = Store(), list[Exception]()
    scope = TaskScope("downloads", errors.append)
    keeper = DownloadKeeper(cast("DownloadStore", store), scope, find)
    keeper.note("gone")
    await until(lambda: asked == [0])
    await asyncio.sleep(0)
    store.refuses = False
    keeper.note("here")
    await until(lambda: bool(saved))
    await keeper.close(["here"])
    await scope.close()
    assert saved == [(["here"], ["gone"]), (["here"], [])]
    assert errors == []


async def test_a_new_run_goes_on_with_the_same_bytes(tmp_path: Path, server: FileServer) -> None:
    server.hold_after = HALF
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        other = parts.service.fetch(ModelAddress(name="Other", url=f"{server.url}/other"))
        for one in (begun, other):
            await parts.came(one.id, HALF - 1_100_000)
        parts.service.pause(other.id)
    assert written(tmp_path / "models") == {"tree-q4.gguf.part": HALF, "Other.gguf.part": HALF}
    asked = len(server.asked)
    server.go()
    async with download_parts(tmp_path) as parts:
        assert parts.one(other.id).status == "paused"
        assert (parts.one(other.id).completed, parts.one(other.id).total) == (HALF, SIZE)
        await until(lambda: parts.done, "it went on by itself")
        assert (parts.folder / "tree-q4.gguf").read_bytes() == server.data
        assert server.ranges_asked[asked:] == [f"bytes={HALF}-"]
        parts.service.resume(other.id)
        await until(lambda: len(parts.done) == 2)
    async with download_parts(tmp_path) as parts:
        assert parts.ids() == []


async def test_a_file_that_changed_meanwhile_begins_anew(tmp_path: Path, server: FileServer) -> None:
    server.break_after = HALF
    async with download_parts(tmp_path, waits=(0.5, 0.5)) as parts:
        begun = parts.service.fetch(tree(server))
        await until(lambda: parts.one(begun.id).retry_in, "it broke")
        assert parts.one(begun.id).error_title == "The connection to 127.0.0.1 broke off"
        server.data, server.etag = gguf(SIZE - 5, seed=2), '"two"'
        done = await parts.reaches(begun.id, "done")
        assert (done.total, done.error_title) == (SIZE - 5, "")
        assert (parts.folder / "tree-q4.gguf").read_bytes() == server.data


@pytest.mark.parametrize("kind", ["no ranges", "no validator", "weak", "date"])
async def test_servers_that_know_no_ranges_are_asked_for_the_whole(
    tmp_path: Path, server: FileServer, kind: str
) -> None:
    server.ranges = kind != "no ranges"
    server.etag = {"no validator": "", "weak": 'W/"one"', "date": 'W/"one"'}.get(kind, '"one"')
    server.last_modified = "Wed, 25 Nov 2026 08:00:00 GMT" if kind == "date" else ""
    server.break_after = HALF
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        await parts.reaches(begun.id, "done")
        assert (parts.folder / "tree-q4.gguf").read_bytes() == server.data
    asked = kind in {"no ranges", "date"}
    assert server.ranges_asked == ["", f"bytes={HALF}-" if asked else ""]
    assert server.sent == HALF + (HALF if kind == "date" else SIZE)


async def test_a_file_that_is_all_there_is_only_checked(tmp_path: Path, server: FileServer) -> None:
    async with download_parts(tmp_path, waits=()) as parts:
        server.hold_after = HALF
        begun = parts.service.fetch(tree(server, server.sha256))
        await parts.came(begun.id, HALF - 1_100_000)
        parts.service.pause(begun.id)
        await until(lambda: written(parts.folder) == {"tree-q4.gguf.part": HALF})
        (parts.folder / "tree-q4.gguf.part").write_bytes(server.data)
        server.go()
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        assert server.ranges_asked == ["", f"bytes={SIZE}-"]


async def test_a_wrong_checksum_is_said_and_fetched_again(tmp_path: Path, server: FileServer) -> None:
    right = server.sha256
    good, server.data = server.data, gguf(SIZE, seed=9)
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, right))
        failed = await parts.reaches(begun.id, "failed")
        assert failed.error_title == "The file does not match its checksum"
        assert failed.spoiled
        assert written(parts.folder) == {"tree-q4.gguf.part": SIZE}
    async with download_parts(tmp_path) as parts:
        assert parts.one(begun.id).spoiled
        assert parts.one(begun.id).status == "failed"
        server.data = good
        parts.service.resume(begun.id)
        done = await parts.reaches(begun.id, "done")
        assert (done.error_title, done.spoiled) == ("", False)
        assert (parts.folder / "tree-q4.gguf").read_bytes() == good
        assert server.ranges_asked == ["", ""]


async def test_what_is_no_model_is_not_taken_for_one(tmp_path: Path, server: FileServer) -> None:
    server.data = b"PK\x03\x04" + bytes(5000)
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert failed.error_title == "What came is not a model file"
        assert not parts.done
        parts.service.dismiss(begun.id)
        await until(lambda: written(parts.folder) == {}, "what came is removed")


async def test_what_is_no_language_model_leaves_nothing_once_it_is_dismissed(tmp_path: Path) -> None:
    data = model(string("general.architecture", "nomic-bert"))
    async with FileServer(data) as server, download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert "for searching text" in failed.error_title
        assert parts.done == []
        parts.service.dismiss(begun.id)
        await until(lambda: written(parts.folder) == {}, "it is gone")


async def test_what_was_cut_off_without_a_word_is_fetched_again(tmp_path: Path) -> None:
    whole = model(string("general.architecture", "llama"), tensors=tensors(1_000, 1_000))
    async with FileServer(whole[:-5_000]) as server, download_parts(tmp_path) as parts:
        server.length = False
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert (failed.error_title, failed.spoiled) == ("The file ends before its last part", True)
        server.data = whole
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        assert (parts.folder / "tree-q4.gguf").read_bytes() == whole


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (404, "has no file at this address (404)"),
        (403, "does not give the file to everyone (403)"),
        (418, "418"),
    ],
)
async def test_a_refusal_is_one_sentence_and_not_tried_again(
    tmp_path: Path, server: FileServer, status: int, words: str
) -> None:
    server.status, server.times = status, 9
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert words in failed.error_title
        assert failed.error_advice.endswith(".")
        assert len(server.asked) == 1


async def test_a_busy_server_is_asked_again_and_then_left(tmp_path: Path, server: FileServer) -> None:
    server.status, server.times = 503, 2
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        await parts.reaches(begun.id, "done")
        assert len(server.asked) == 3
        parts.service.dismiss(begun.id)
        server.times = 99
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert "cannot give the file now (503)" in failed.error_title
        assert len(server.asked) == 3 + 1 + 3


async def test_a_web_page_under_200_is_no_file(tmp_path: Path, server: FileServer) -> None:
    server.content_type = "text/html; charset=utf-8"
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert "a web page instead of a file" in failed.error_title


async def test_a_size_that_nobody_tells_is_unknown(tmp_path: Path, server: FileServer) -> None:
    server.length, server.hold_after = False, HALF
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        await parts.came(begun.id, HALF - 1_100_000)
        here = parts.one(begun.id)
        assert (here.total, here.fraction, here.seconds_left) == (None, None, None)
        server.go()
        await parts.reaches(begun.id, "done")


async def test_redirects_are_followed_but_not_inwards(tmp_path: Path, server: FileServer) -> None:
    async with FileServer(b"") as front:
        front.redirect = server.address
        async with download_parts(tmp_path) as parts:
            begun = parts.service.fetch(ModelAddress(name="Tree", url=f"{front.url}/resolve/tree.gguf"))
            await parts.reaches(begun.id, "done")
            front.redirect = f"{front.url}/round"
            again = parts.service.fetch(ModelAddress(name="Tree", url=f"{front.url}/resolve/round.gguf"))
            failed = await parts.reaches(again.id, "failed")
            assert "redirects on and on" in failed.error_title
        front.redirect = server.address
        http = HttpClient()
        outside = {front.port: ["93.184.216.34"], server.port: ["127.0.0.1"]}
        with pytest.raises(RequestError, match="its own network"):
            await FileFetcher(http, lambda _host, port: outside[port]).open(f"{front.url}/tree.gguf")
        await http.aclose()


async def test_a_token_in_an_address_is_no_name(tmp_path: Path, server: FileServer) -> None:
    async with download_parts(tmp_path) as parts:
        address = ModelAddress(name="", url=f"{server.url}/?token=secret")
        assert parts.service.fetch(address).name == "127.0.0.1"


async def test_what_is_no_address_is_refused_before_anything_begins(tmp_path: Path) -> None:
    async with download_parts(tmp_path) as parts:
        for url in ("", "tree.gguf", "file:///etc/passwd", "ftp://example.com/a.gguf", "https://me:it@x/a"):
            with pytest.raises(InvalidEndpointError):
                parts.service.fetch(ModelAddress(name="Tree", url=url))
        assert parts.ids() == []


async def test_a_full_disk_is_said_and_what_came_is_kept(tmp_path: Path, server: FileServer) -> None:
    room = HALF

    def write(file: BinaryIO, data: memoryview) -> int:
        free = max(0, room - file.tell())
        if not free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return file.write(data[:free])

    async with download_parts(tmp_path, write=write) as parts:
        begun = parts.service.fetch(tree(server, server.sha256))
        failed = await parts.reaches(begun.id, "failed")
        assert failed.error_title == f"The disk is full: 1.5 MB more are needed in {parts.folder}"
        assert "what came is kept" in failed.error_advice
        assert written(parts.folder) == {"tree-q4.gguf.part": HALF}
        room = SIZE
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        assert server.ranges_asked == ["", f"bytes={HALF}-"]


async def test_a_disk_that_takes_no_such_file_says_so(tmp_path: Path, server: FileServer) -> None:
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with download_parts(tmp_path) as parts:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2 * HALF // 3, former[1]))
        try:
            begun = parts.service.fetch(tree(server))
            failed = await parts.reaches(begun.id, "failed")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, former)
        assert "takes no file as large" in failed.error_title
        assert written(parts.folder) == {"tree-q4.gguf.part": 2 * HALF // 3}


async def test_a_file_larger_than_the_disk_is_not_begun(
    tmp_path: Path, server: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9 - 1000, 1000))
    async with download_parts(tmp_path) as parts:
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert "3.0 MB more are needed" in failed.error_title
        assert "1.0 KB are free" in failed.error_title
        assert failed.completed == 0


async def test_one_address_is_fetched_once_and_three_of_a_host_at_a_time(
    tmp_path: Path, server: FileServer
) -> None:
    server.hold_after = 1000
    async with download_parts(tmp_path) as parts:
        first = parts.service.fetch(tree(server))
        assert parts.service.fetch(tree(server)).id == first.id
        more = [
            parts.service.fetch(ModelAddress(name=f"m{number}", url=f"{server.url}/{number}/same.gguf"))
            for number in range(4)
        ]
        await until(lambda: len(server.asked) == 3, "three are asked for")
        assert [item.status for item in parts.service.downloads()] == ["running"] * 3 + ["waiting"] * 2
        parts.service.pause(more[3].id)
        server.go()
        await until(lambda: len(parts.done) == 4, "all but the paused one")
        assert sorted(written(parts.folder)) == [
            "same-2.gguf",
            "same-3.gguf",
            "same.gguf",
            "tree-q4.gguf",
        ]


async def test_a_file_that_was_downloaded_before_is_not_fetched_again(
    tmp_path: Path, server: FileServer
) -> None:
    async with download_parts(tmp_path) as parts:
        for _ in range(2):
            begun = parts.service.fetch(tree(server, server.sha256))
            done = await parts.reaches(begun.id, "done")
            assert (done.completed, done.path) == (SIZE, str(parts.folder / "tree-q4.gguf"))
        assert len(server.asked) == 1
        assert len(parts.done) == 2


async def test_what_cannot_be_made_usable_has_failed_and_is_only_that_again(
    tmp_path: Path, server: FileServer
) -> None:
    async with download_parts(tmp_path, waits=()) as parts:
        refusals = [AIProxyError("It could not be added", "Try again.")]

        async def refuse(_download: object) -> None:
            if refusals:
                raise refusals.pop()

        parts.service._on_done = refuse
        begun = parts.service.fetch(tree(server))
        failed = await parts.reaches(begun.id, "failed")
        assert failed.error_title == "It could not be added"
        parts.service.resume(begun.id)
        await parts.reaches(begun.id, "done")
        assert len(server.asked) == 1
