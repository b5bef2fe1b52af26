from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.records import Outcome
from aiproxy_desktop.storage.settings import Settings, SettingsStore

# Unlike hypothesis's own text(), with lone surrogates; NUL and emoji come often.
any_text = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from("\x00\r\n\u2028\ufeff\U0001f9d1\u200d\U0001f4bb"),
    ),
    max_size=60,
)


async def _round_trip(prompt: str, title: str, pieces: list[tuple[str, str]], error: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conversations.db"
        db = await Database.open(path)
        store = ConversationStore(db)
        turn = await store.add_turn(prompt, "m:a", title=title)
        for text, reasoning in pieces:
            await store.append(turn.answer.id, text, reasoning)
        await store.finish(turn.answer.id, Outcome("failed", error, error, error), "\ud83d", "\ude00")
        await db.close()

        db = await Database.open(path)
        store = ConversationStore(db)
        try:
            conversation = await store.get(turn.conversation.id)
            question, answer = await store.thread(conversation.id)
            assert (conversation.title, question.text) == (title, prompt)
            assert answer.text == "".join(text for text, _ in pieces) + "\ud83d"
            assert answer.reasoning == "".join(reasoning for _, reasoning in pieces) + "\ude00"
            assert (answer.error_title, answer.error_advice, answer.error_detail) == (error, error, error)
            assert await store.page() == (conversation,)
        finally:
            await db.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_text, any_text, st.lists(st.tuples(any_text, any_text), max_size=4), any_text)
def test_any_text_comes_back_as_it_was(
    prompt: str, title: str, pieces: list[tuple[str, str]], error: str
) -> None:
    asyncio.run(_round_trip(prompt, title, pieces, error))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_text)
def test_any_text_in_the_settings_can_be_saved_and_what_is_unicode_comes_back(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SettingsStore(Path(folder) / "settings.json")
        store.save(Settings(model=text))
        loaded = SettingsStore(store.path).load()
        assert loaded.notice == ""
        assert loaded.settings.model == text.encode("utf-8", "replace").decode()


@pytest.mark.parametrize("megabytes", [12])
async def test_a_very_long_text_comes_back(megabytes: int, store: ConversationStore) -> None:
    prompt = "0123456789abcdef" * (megabytes * 65536)
    turn = await store.add_turn(prompt, "m:a", title="long")
    assert (await store.message(turn.question.id)).text == prompt
