"""Where keys go, with a real keyring, without one, and with one that does not answer."""

from __future__ import annotations

import asyncio
import base64
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.credentials import EnvironmentCredentials
from aiproxy_desktop.core.errors import AuthenticationError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.chat import ChatService, Turn
from aiproxy_desktop.services.providers import ProviderService, ProviderState
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.keys import KeyringCredentials, KeyStore
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.settings import SettingsStore
from tests.secret_service import SecretService, files_holding
from tests.waiting import until
from tests.wire import ByteServer, Reply

KEY = "sk-proj-Zq7TfR2mVx9LbN4w4f2a"
OTHER_KEY = "sk-proj-Another0Key1Entirely"
SHORT = 0.5  # seconds, for a keyring that will not answer


@dataclass(frozen=True, slots=True)
class Services:
    keys: KeyStore
    providers: ProviderService
    chat: ChatService
    store: ConversationStore

    async def answer(self, turn: Turn) -> None:
        async with aclosing(self.chat.run(turn)) as events:
            async for _ in events:
                pass

    def state(self, provider_id: str) -> ProviderState:
        return next(state for state in self.providers.states() if state.id == provider_id)


@asynccontextmanager
async def services(
    paths: AppPaths, environ: dict[str, str], patience: float = 60.0
) -> AsyncIterator[Services]:
    """The application without its window."""
    redact = Redactor()
    keys = KeyStore(redact, patience)
    credentials = KeyringCredentials(keys, EnvironmentCredentials(environ), redact)
    http, registry = HttpClient(redact), Registry()
    settings = SettingsService(SettingsStore(paths.settings_file))
    await settings.load()
    db = await Database.open(paths.database_file)
    store = ConversationStore(db)
    with logging_to_file(paths, redact):
        try:
            providers = ProviderService(settings, keys, credentials, registry, http, environ)
            await providers.start()
            chat = ChatService(store, CompletionClient(registry))
            yield Services(keys, providers, chat, store)
        finally:
            await registry.aclose()
            await http.aclose()
            await db.close()


@asynccontextmanager
async def heartbeat() -> AsyncIterator[list[int]]:
    """Counts as long as the loop is free to count."""
    beats: list[int] = []

    async def beat() -> None:
        while True:
            beats.append(len(beats))
            await asyncio.sleep(0.01)

    task = asyncio.ensure_future(beat())
    yield beats
    task.cancel()
    await asyncio.wait([task])


@pytest.fixture
def paths(tmp_path: Path) -> AppPaths:
    found = AppPaths.resolve(str(tmp_path / "data"), {})
    found.ensure()
    return found


async def test_another_process_reads_the_key_and_no_file_holds_it(
    secret_service: SecretService, paths: AppPaths
) -> None:
    refusal = Reply.json({"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "x"}}, 401)
    async with ByteServer(refusal) as server, services(paths, {"OPENAI_BASE_URL": f"{server.url}/v1"}) as app:
        assert await app.providers.set_key("openai", f"  {KEY}\n") == "keyring"
        endpoint = await app.providers.add_endpoint("studio", server.url, OTHER_KEY)

        assert await asyncio.to_thread(secret_service.lookup, "openai") == KEY
        assert await asyncio.to_thread(secret_service.lookup, endpoint.id) == OTHER_KEY
        state = app.state("openai")
        assert (state.key_source, state.key_hint) == ("keyring", "4f2a")

        # The key goes out, comes back in errors, and is written to the log by mistake.
        await app.providers.refresh()
        turn = await app.chat.begin("hello", "openai:gpt-6-luna")
        with pytest.raises(AuthenticationError):
            await app.answer(turn)
        logging.getLogger("aiproxy_desktop").info("sent %s and %s", KEY, OTHER_KEY)
        assert f"Bearer {KEY}" in [exchange.headers.get("authorization") for exchange in server.exchanges]
        assert app.state("openai").status == "rejected"
        answer = await app.store.message(turn.answer.id)
        assert answer.status == "failed"
        shown = repr((app.providers.states(), answer, app.keys, await app.keys.lookup("openai")))
        assert KEY not in shown
        # While all of it is open: the write-ahead log counts as well.
        for key in (KEY, OTHER_KEY):
            assert files_holding(paths.data, key) == []

    assert "[redacted]" in paths.log_file.read_text()
    for key in (KEY, OTHER_KEY):
        assert files_holding(paths.data, key) == []


async def test_a_key_is_there_after_a_restart_until_it_is_removed(
    secret_service: SecretService, paths: AppPaths
) -> None:
    async with services(paths, {}) as app:
        await app.providers.set_key("gemini", KEY)
        await app.providers.set_key("gemini", OTHER_KEY)
    async with services(paths, {}) as app:
        await app.providers.look_up_keys()
        assert app.state("gemini").key_hint == OTHER_KEY[-4:]
        assert app.state("openai").key_source is None
        await app.providers.remove_key("gemini")
        assert app.state("gemini").key_source is None
        await app.providers.remove_key("gemini")
    assert await asyncio.to_thread(secret_service.lookup, "gemini") is None
    async with services(paths, {}) as app:
        assert await app.keys.get("gemini") is None


async def test_a_key_in_the_keyring_wins_and_the_environment_is_never_written_to_it(
    secret_service: SecretService, paths: AppPaths
) -> None:
    async with services(paths, {"OPENAI_API_KEY": KEY, "GEMINI_API_KEY": KEY}) as app:
        await app.providers.look_up_keys()
        state = app.state("openai")
        assert (state.key_source, state.key_variable, state.key_hint) == (
            "environment",
            "OPENAI_API_KEY",
            "4f2a",
        )
        assert await asyncio.to_thread(secret_service.lookup, "openai") is None

        await app.providers.set_key("openai", OTHER_KEY)
        assert (app.state("openai").key_source, app.state("openai").key_hint) == ("keyring", OTHER_KEY[-4:])
        assert await app.providers.store_key("gemini") == "keyring"
        assert await asyncio.to_thread(secret_service.lookup, "gemini") == KEY
        await app.providers.remove_key("openai")
        assert app.state("openai").key_source == "environment"


async def test_removing_an_endpoint_removes_its_key(secret_service: SecretService, paths: AppPaths) -> None:
    async with services(paths, {}) as app:
        endpoint = await app.providers.add_endpoint("studio", "http://127.0.0.1:1/v1", KEY)
        assert await asyncio.to_thread(secret_service.lookup, "studio") == KEY
        await app.providers.remove_endpoint(endpoint.id)
    assert await asyncio.to_thread(secret_service.lookup, "studio") is None


@pytest.mark.parametrize("bus", [True, False])
async def test_without_a_keyring_a_key_is_kept_for_this_run(
    request: pytest.FixtureRequest, paths: AppPaths, *, bus: bool
) -> None:
    if bus:
        request.getfixturevalue("no_secret_service")
    async with services(paths, {}) as app:
        status = await app.keys.status()
        assert (status.available, status.name) == (False, "")
        assert status.reason == "No keyring service is running on this computer."

        assert await app.providers.set_key("openai", KEY) == "session"
        assert app.state("openai").key_source == "session"
        assert await app.keys.get("openai") == KEY
        assert files_holding(paths.data, KEY) == []
        await app.providers.remove_key("openai")
        assert await app.keys.get("openai") is None


async def test_a_keyring_that_hangs_stops_nothing(
    hanging_secret_service: SecretService, paths: AppPaths
) -> None:
    async with heartbeat() as beats, services(paths, {}, SHORT) as app:
        setting = asyncio.ensure_future(app.providers.set_key("openai", KEY))
        before = len(beats)
        await until(lambda: len(beats) > before + 20 or setting.done())
        assert len(beats) > before + 20, "the loop stood still"
        assert await setting == "session"

        status = await app.keys.status()
        assert not status.available
        assert status.reason == "GNOME Keyring did not answer within 0.5 s."
        assert app.state("openai").key_source == "session"
        # It was given up, so nobody waits for it again.
        assert await app.providers.set_key("gemini", OTHER_KEY) == "session"
        assert files_holding(paths.data, KEY) == []

        heard: list[bool] = []
        app.keys.subscribe(lambda: heard.append(True))
        await asyncio.to_thread(hanging_secret_service.answer_again)
        await until(lambda: heard, "the late answer")
        assert (await app.keys.status()).available
        known = await app.keys.lookup("openai")
        assert known is not None
        assert (known.key, known.source) == (KEY, "keyring")
        assert await asyncio.to_thread(hanging_secret_service.lookup, "openai") == KEY


async def test_a_key_kept_for_another_folder_does_not_go_to_a_new_endpoint(
    secret_service: SecretService, paths: AppPaths
) -> None:
    async with ByteServer(Reply.json({"data": []})) as server, services(paths, {}) as app:
        await app.keys.set("studio", KEY)
        added = await app.providers.add_endpoint("Studio", server.url)
        await app.providers.refresh(added.id)
        assert added.id == "studio-2"
        assert "authorization" not in server.exchanges[0].headers


@pytest.mark.usefixtures("hanging_secret_service")
async def test_a_provider_without_a_key_does_not_wait_for_the_keyring(paths: AppPaths) -> None:
    async with services(paths, {}, SHORT) as app:
        await app.providers.refresh("builtin")
        assert app.state("builtin").status == "ready"
        assert _keyring_threads() == []


async def test_a_key_removed_while_the_keyring_hung_does_not_stay_in_it(
    hanging_secret_service: SecretService, paths: AppPaths
) -> None:
    async with services(paths, {}, SHORT) as app:
        assert await app.keys.set("openai", KEY) == "session"
        await app.keys.remove("openai")
        heard: list[bool] = []
        app.keys.subscribe(lambda: heard.append(True))
        await asyncio.to_thread(hanging_secret_service.answer_again)
        await until(lambda: heard, "the late answer")
        await until(lambda: not _keyring_threads(), "the last call")
        assert await asyncio.to_thread(hanging_secret_service.lookup, "openai") is None
        assert await app.keys.get("openai") is None


async def test_a_key_that_could_not_be_removed_is_said_to_be_there(
    secret_service: SecretService, paths: AppPaths
) -> None:
    async with services(paths, {}, SHORT) as app:
        await app.providers.set_key("openai", KEY)
        await asyncio.to_thread(secret_service.stop_answering)
        with pytest.raises(StorageError, match="may still be in GNOME Keyring"):
            await app.providers.remove_key("openai")
        await asyncio.to_thread(secret_service.answer_again)
        await until(lambda: not _keyring_threads(), "the last call")
        assert (await app.keys.retry()).available


async def test_a_locked_keyring_is_given_up_and_asked_again_on_request(
    locked_secret_service: SecretService, paths: AppPaths
) -> None:
    async with services(paths, {}, SHORT) as app:
        assert await app.providers.set_key("openai", KEY) == "session"
        assert not (await app.keys.retry()).available
        assert await app.keys.get("openai") == KEY


_LEAVES = """
import asyncio
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.keys import KeyStore
print(asyncio.run(KeyStore(Redactor(), 0.5).set("openai", "sk-0123456789abcdef")))
"""


@pytest.mark.usefixtures("hanging_secret_service")
def test_a_process_ends_though_the_keyring_hangs() -> None:
    left = subprocess.run(
        [sys.executable, "-X", "dev", "-c", _LEAVES],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (left.stdout, left.stderr, left.returncode) == ("session\n", "", 0)


def _keyring_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "keyring"]


def test_forms_of_a_secret_are_found(tmp_path: Path) -> None:
    contents = {
        "plain": KEY.encode(),
        "wide": KEY.encode("utf-16"),
        "base64": base64.b64encode(b"ab" + KEY.encode() + b"c"),
        "hex": KEY.encode().hex().encode(),
        "backwards": KEY[::-1].encode(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(b"before " + content + b" after")
    found = files_holding(tmp_path, KEY)
    assert {Path(line.partition(":")[0]).name for line in found} == set(contents)
