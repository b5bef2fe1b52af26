from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiproxy_desktop.core.client_context import ClientContext
from aiproxy_desktop.core.errors import ConfigurationError
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.services.local_api.log import RequestLog
from aiproxy_desktop.services.local_api.service import LocalApiService
from aiproxy_desktop.services.local_api.token import TOKEN_ID, usable
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.api_settings import ApiSettings
from aiproxy_desktop.storage.keys import KeyStore
from aiproxy_desktop.storage.settings import SettingsStore
from tests.played_runner import PlayedRunner
from tests.secret_service import SecretService
from tests.waiting import until


@dataclass
class Parts:
    service: LocalApiService
    settings: SettingsService
    runner: PlayedRunner
    log: RequestLog
    phases: list[str] = field(default_factory=list)

    async def reaches(self, phase: str) -> None:
        await until(lambda: self.service.status.phase == phase, f"{phase}, not {self.service.status}")


@asynccontextmanager
async def running(folder: Path, keys: KeyStore | None = None, **settings: object) -> AsyncIterator[Parts]:
    kept = SettingsService(SettingsStore(folder / "settings.json"))
    await kept.update(api=ApiSettings(**settings))  # type: ignore[arg-type]  # fields of it
    runner, log, unexpected = PlayedRunner(), RequestLog(), list[Exception]()
    service = LocalApiService(kept, keys or KeyStore(Redactor()), runner, log, unexpected.append)
    parts = Parts(service, kept, runner, log)
    service.status_changed.add(lambda: parts.phases.append(service.status.phase))
    service.start()
    try:
        yield parts
    finally:
        await service.close()
        assert not runner.running
    assert unexpected == []


async def test_it_follows_its_switch(tmp_path: Path) -> None:
    async with running(tmp_path) as api:
        assert api.service.status.phase == "off"
        await api.service.change(enabled=True, port=8123)
        await api.reaches("on")
        assert api.service.status.url == "http://127.0.0.1:8123"
        token = api.service.token
        assert token is not None
        assert usable(token.key)
        assert len(token.key) == 43
        assert token.key not in repr(token)
        assert api.runner.calls[0].token == token.key
        await api.service.change(enabled=False)
        await api.reaches("off")
        assert api.phases[-2:] == ["stopping", "off"]
        # What others say of it never reaches the file.
        assert token.key not in (tmp_path / "settings.json").read_text()


async def test_only_another_address_interrupts_it(tmp_path: Path) -> None:
    async with running(tmp_path, enabled=True) as api:
        await api.reaches("on")
        former = api.service.token
        await api.settings.update(theme="dark")
        await api.service.change(aliases={"gpt-4o": "builtin:a"})
        await until(lambda: api.runner.kinds() == ["start", "apply"], "the names")
        new = await api.service.rotate_token()
        await until(lambda: api.runner.kinds() == ["start", "apply", "apply"], "the token")
        assert former is not None
        assert api.runner.calls[-1].token == new.key != former.key
        await api.service.change(port=8124)
        await until(lambda: api.service.status.url.endswith(":8124"), "the address")
        assert api.runner.kinds() == ["start", "apply", "apply", "stop", "start"]


async def test_a_port_that_is_taken_is_told_and_left_alone_until_something_changes(tmp_path: Path) -> None:
    async with running(tmp_path) as api:
        api.runner.taken.add(8000)
        await api.service.change(enabled=True)
        await api.reaches("failed")
        assert api.service.status.problem == (
            "Port 8000 is taken by another program. End that program, or choose another port, such as 8001."
        )
        assert api.runner.kinds() == []
        api.runner.taken.clear()
        await api.settings.update(theme="dark")
        assert api.service.status.phase == "failed"
        api.service.try_again()
        await api.reaches("on")
        api.runner.taken.add(8001)
        await api.service.change(port=8001)
        await api.reaches("failed")
        await api.service.change(enabled=False)
        await api.reaches("off")
        assert not api.service.status.problem


async def test_settings_that_contradict_one_another_leave_what_held(tmp_path: Path) -> None:
    async with running(tmp_path, enabled=True) as api:
        await api.reaches("on")
        api.runner.refusal = ConfigurationError("That cannot be", "Do it otherwise.")
        await api.service.change(hosts=("a",))
        await until(lambda: api.service.status.problem, "the sentence")
        assert api.service.status.phase == "on"
        assert api.runner.running
        api.runner.refusal = None
        await api.service.change(hosts=("b",))
        await until(lambda: not api.service.status.problem, "no sentence")


async def test_a_server_that_ends_by_itself_is_told_of(tmp_path: Path) -> None:
    async with running(tmp_path, enabled=True) as api:
        await api.reaches("on")
        api.runner.end("The local API ended (MemoryError).")
        await api.reaches("failed")
        assert api.service.status.problem == "The local API ended (MemoryError)."
        api.service.try_again()
        await api.reaches("on")


async def test_a_flood_of_requests_is_told_of_a_few_times(tmp_path: Path) -> None:
    async with running(tmp_path) as api:
        told: list[int] = []
        api.service.log_changed.add(lambda: told.append(len(api.service.requests)))

        def flood() -> None:
            for _ in range(2000):
                number = api.log.begin(ClientContext(), "127.0.0.1", "GET", "/health")
                api.log.note(number, status=200, seconds=0.001)

        thread = threading.Thread(target=flood)
        thread.start()
        await until(lambda: told and told[-1] == 500 and not thread.is_alive(), "the log")
        thread.join()
        await until(lambda: api.service.requests[-1].number == 2000)
        # Four thousand changes; how many are heard of depends on the time alone.
        assert len(told) < 200
        api.service.clear_log()
        await until(lambda: told[-1] == 0, "the end")


async def test_the_token_is_in_the_keyring_and_stays(tmp_path: Path, secret_service: SecretService) -> None:
    async with running(tmp_path) as api:
        made = await api.service.look_up_token()
        assert made.source == "keyring"
        assert secret_service.lookup(TOKEN_ID) == made.key
    async with running(tmp_path) as api:
        assert await api.service.look_up_token() == made
        other = await api.service.rotate_token()
        assert secret_service.lookup(TOKEN_ID) == other.key != made.key


async def test_a_keyring_that_is_unlocked_late_has_the_token_that_programs_know(
    tmp_path: Path, hanging_secret_service: SecretService
) -> None:
    known = "the-token-that-programs-have-0123456789abcde"
    hanging_secret_service.answer_again()
    await KeyStore(Redactor()).set(TOKEN_ID, known)
    hanging_secret_service.stop_answering()
    async with running(tmp_path, KeyStore(Redactor(), timeout=0.3), enabled=True) as api:
        await api.reaches("on")
        made_up = api.service.token
        assert made_up is not None
        assert made_up.source == "session"
        hanging_secret_service.answer_again()
        await until(lambda: api.service.token is not made_up, "the keyring's token")
        assert api.service.token is not None
        assert (api.service.token.key, api.service.token.source) == (known, "keyring")
        await until(lambda: api.runner.calls[-1].token == known, "the server has it")
    assert hanging_secret_service.lookup(TOKEN_ID) == known


def test_a_request_that_goes_on_stays_in_the_log_however_many_come() -> None:
    log, client = RequestLog(kept=3), ClientContext()
    talking = log.begin(client, "", "WS", "/api/gemini/ws")
    for _ in range(9):
        log.note(log.begin(client, "", "POST", "/v1/chat/completions"), status=200, seconds=0.1)
    log.note(talking, status=1000, seconds=60.0, cost=0.25)
    assert [(one.number, one.cost) for one in log.recent()] == [(1, 0.25), (9, None), (10, None)]
    # Nor is there more kept where none has ended.
    running = [log.begin(client, "", "POST", "/v1/chat/completions") for _ in range(4)]
    assert [one.number for one in log.recent()] == running[1:]
