from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.project import REPOSITORY
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.updates import DAY, Release, UpdateService
from aiproxy_desktop.storage.settings import SettingsStore
from tests.file_server import FileServer
from tests.waiting import until

NEWER = Release("0.3.0", f"{REPOSITORY}/releases/tag/v0.3.0")


def told(tag: str, **more: object) -> bytes:
    return json.dumps({"tag_name": tag, "html_url": "http://evil.example/", "body": "New", **more}).encode()


class Run:
    """One run of the application, as far as new versions go."""

    def __init__(self, folder: Path, http: HttpClient, server: FileServer) -> None:
        self.server = server
        self.now = 1_800_000_000.0
        self.store = SettingsStore(folder / "settings.json")
        self.settings = SettingsService(self.store)
        self.unexpected: list[Exception] = []
        self.found: list[Release] = []
        self.service = UpdateService(
            *(http, self.settings, self.unexpected.append),
            current="0.2.0",
            address=f"{server.url}/latest",
            now=lambda: self.now,
            settled=0,
            look=0.01,
        )
        self.service.on_found(self.found.append)


@asynccontextmanager
async def run(folder: Path, answer: bytes = b"") -> AsyncIterator[Run]:
    http = HttpClient()
    async with FileServer(answer or told("v0.3.0")) as server:
        one = Run(folder, http, server)
        await one.settings.load()
        try:
            yield one
        finally:
            await one.service.close()
            await http.aclose()
        assert one.unexpected == []


async def test_nothing_is_asked_before_the_person_wants_it(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.service.start()
        await asyncio.sleep(0.1)
        assert one.server.asked == []
        assert not one.service.state.enabled


async def test_it_is_asked_once_a_day(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.service.start()
        await one.service.set_enabled(on=True)
        await until(lambda: one.found == [NEWER], "the newer version")
        one.now += DAY - 1
        await asyncio.sleep(0.1)
        assert len(one.server.asked) == 1
        one.now += 1
        await until(lambda: len(one.server.asked) == 2, "the next day")
        await until(lambda: not one.service.state.looking, "the answer")
        assert one.found == [NEWER]
    async with run(tmp_path) as next_start:
        next_start.now = one.now + 60
        next_start.service.start()
        # What is known is told again, and nobody is asked.
        await until(lambda: next_start.found == [NEWER], "the newer version")
        assert next_start.server.asked == []


async def test_what_somebody_found_who_wants_no_news_is_not_told_again(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        await one.service.look()
        assert one.found == [NEWER]
    async with run(tmp_path) as next_start:
        next_start.service.start()
        await asyncio.sleep(0.05)
        assert (next_start.found, next_start.service.state.newest) == ([], NEWER)


async def test_the_request_says_nothing_about_the_person(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        await one.service.look()
        (asked,) = one.server.asked
        assert asked.pop("host").startswith("127.0.0.1:")
        assert asked == {
            "path": "/latest",
            "user-agent": "aiproxy-desktop",
            "accept": "application/vnd.github+json",
            "accept-encoding": "identity",
        }


async def test_a_skipped_version_is_not_told_of_but_the_next_one_is(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        await one.service.look()
        await one.service.skip("0.3.0")
        assert one.service.state.skipped
    async with run(tmp_path, told("v0.3.1")) as later:
        await later.service.set_enabled(on=True)
        later.now += 2 * DAY
        later.service.start()
        await until(lambda: later.found, "the one after it")
        assert [release.version for release in later.found] == ["0.3.1"]
        assert not later.service.state.skipped


@pytest.mark.parametrize("tag", ["v0.2.0", "0.1.9", "v0.2.0-rc.1"])
async def test_what_is_not_newer_is_no_news(tmp_path: Path, tag: str) -> None:
    async with run(tmp_path, told(tag)) as one:
        await one.service.look()
        state = one.service.state
        assert (state.newest, state.failed, state.told_at) == (None, None, int(one.now))
        assert one.found == []


@pytest.mark.parametrize(
    "answer",
    [
        *(b"<html>Sign in</html>", b"[]", b'{"tag_name": 3}', b"\xff", b" "),
        *(told("nightly"), told("v9.0.0", draft=True), told("v9.0.0", prerelease=True)),
        *(told("v1.0.0-" + "a" * 200), b"[" * 100_000, b" " * 2_000_000 + told("v9.0.0")),
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    ],
    ids=range(12),
)
async def test_an_answer_that_makes_no_sense_is_said_so(tmp_path: Path, answer: bytes) -> None:
    async with run(tmp_path, answer) as one:
        await one.service.look()
        state = one.service.state
        assert state.failed is not None
        assert "GitHub" in state.failed.title
        assert "page of releases" in state.failed.advice
        assert (state.newest, state.told_at) == (None, 0)  # nor was it told that this is the newest


async def test_a_failed_request_counts_for_the_day_and_forgets_nothing(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        await one.service.look()
        one.server.status, one.server.times = 403, 1
        await one.service.look()
        state = one.service.state
        assert state.failed is not None
        assert "403" in state.failed.advice
        assert state.newest == NEWER
        await one.service.set_enabled(on=True)
        one.service.start()
        await asyncio.sleep(0.1)
        assert len(one.server.asked) == 2
        one.server.redirect = "http://127.0.0.1:1/elsewhere"
        await one.service.look()
        assert one.service.state.failed is not None


async def test_nobody_there_is_a_sentence(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.server.break_after = 5
        await one.service.look()
        assert one.service.state.failed is not None


async def test_a_clock_that_was_set_back_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        far = msgspec.structs.replace(one.settings.current.updates, look=True, looked_at=int(one.now) + 10**9)
        await one.settings.update(updates=far)
        one.service.start()
        await until(lambda: one.server.asked, "the request")
        await until(lambda: not one.service.state.looking, "the answer")


async def test_two_who_ask_at_once_send_one_request_and_closing_ends_it(tmp_path: Path) -> None:
    async with run(tmp_path) as one:
        one.server.hold_after = 3
        heard: list[None] = []
        one.service.on_changed(lambda: heard.append(None))
        both = asyncio.gather(one.service.look(), one.service.look())
        await until(lambda: one.server.sent >= 3, "the first bytes")
        assert one.service.state.looking
        await one.service.close()
        await both
        assert len(one.server.asked) == 1
        assert heard
