"""Which live models are offered, from real providers with their settings and keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.voice.backend import VoiceBackend
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from tests.live_servers import GeminiLive
from tests.voice_room import HandSound
from tests.waiting import until

NOWHERE = {"OLLAMA_HOST": "127.0.0.1:1"}


@asynccontextmanager
async def backend_in(folder: Path, environ: Mapping[str, str]) -> AsyncIterator[tuple[VoiceBackend, Runtime]]:
    paths = AppPaths.resolve(str(folder), {})
    paths.ensure()
    runtime = Runtime.build(paths, NOWHERE | dict(environ), Redactor())
    database = await Database.open(paths.database_file)
    unexpected: list[Exception] = []
    try:
        await runtime.settings.load()
        await runtime.providers.start()
        behind = VoiceBackend.build(
            *(runtime.registry, runtime.providers, runtime.settings, database),
            *(HandSound, folder / "recordings", unexpected.append),
        )
        try:
            yield behind, runtime
        finally:
            await behind.close()
    finally:
        await database.close()
        await runtime.aclose()
    assert not unexpected


async def test_without_a_key_each_model_says_what_it_wants(tmp_path: Path) -> None:
    async with backend_in(tmp_path, {}) as (behind, runtime):
        for provider in ("gemini", "openai"):
            await runtime.providers.refresh(provider)
        assert {offer.provider for offer in behind.models.all} >= {"gemini", "openai"}
        assert not any(offer.ready for offer in behind.models.all)
        assert all("key" in offer.why.lower() for offer in behind.models.all)
        # There is still one to show, and to say why.
        assert behind.models.default is not None


async def test_with_a_key_one_talks_and_the_model_is_remembered(tmp_path: Path) -> None:
    async with GeminiLive() as server:
        environ = {"GEMINI_API_KEY": "k" * 24, "GOOGLE_GEMINI_BASE_URL": server.url}
        async with backend_in(tmp_path, environ) as (behind, runtime):
            changes: list[None] = []
            behind.models.changed.add(lambda: changes.append(None))
            assert behind.models.all
            await runtime.providers.refresh("gemini")
            offer = behind.models.default
            assert offer is not None
            assert (offer.provider, offer.ready) == ("gemini", True)
            assert offer.facts.voices
            assert changes
            # One that no list names is talked with as its kin are, at prices nobody knows.
            unlisted = behind.models.offer_for("gemini:gemini-9-live")
            assert unlisted is not None
            assert (unlisted.facts.input_rate, unlisted.facts.input_audio_price) == (16_000, None)
            await runtime.settings.update(voice=VoiceSettings(model="gemini:gemini-9-live"))
            assert behind.models.default == unlisted

            # The keyring lives on the window's loop: from the engine's, it is asked there.
            behind.voice.start(runtime.settings.current.voice, offer)
            behind.voice.say("Hello")
            await until(lambda: server.turns, "a turn")
            await until(lambda: behind.voice.state.conversation_id, "it is kept")
            assert server.connection.headers["x-goog-api-key"] == "k" * 24
            assert offer.model in str(server.connection.setup["model"])
