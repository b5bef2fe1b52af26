"""The newcomer's first minutes: the real window, the real model, a real keyboard and mouse."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLineEdit, QListView, QPlainTextEdit

from tests.application import Person, running
from tests.secret_service import SecretService, files_holding
from tests.waiting import until

# Seconds: a busy machine takes a minute for a sentence.
PATIENCE = 300.0

KEY = "sk-proj-Wk3uYx8PqRt5Vb1n7c2e"


@pytest.fixture(autouse=True)
def _nobody_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key is tried on the provider: here that is a port where nothing listens."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")


def answers(data_dir: Path) -> list[tuple[str, str]]:
    """Status and text of every answer in the history, oldest first."""
    with closing(sqlite3.connect(f"file:{data_dir}/conversations.db?mode=ro", uri=True)) as database:
        return database.execute(
            "SELECT status, text FROM messages WHERE role = 'assistant' ORDER BY created_at"
        ).fetchall()


async def ask(person: Person, prompt: str) -> None:
    await person.click("chat.composer")
    await person.write(prompt)
    composer = person.find("chat.composer", QPlainTextEdit)
    await until(lambda: composer.toPlainText() == prompt, "the prompt is in the composer")
    await person.press("Return")


async def test_the_built_in_model_answers_a_newcomer(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        await until(lambda: person.sees("chat.firstRun"), "the first page")
        await ask(person, "What is the capital of France?")
        await until(lambda: person.sees("chat.transcript"), "the transcript")
        await until(
            lambda: [status for status, _ in answers(aiproxy_home)] == ["complete"], "the answer", PATIENCE
        )
    # So small a model does not always know the city, but it speaks of what it was asked.
    answer = answers(aiproxy_home)[0][1]
    assert "Paris" in answer or "France" in answer


async def test_stop_keeps_what_came_and_retry_answers_beside_it(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        await ask(person, "Count from one to two hundred in words.")
        await person.click("chat.stop")
        await until(lambda: [status for status, _ in answers(aiproxy_home)] == ["interrupted"], "stopped")
        await until(lambda: person.sees("chat.send"), "Send is back")
    stopped = answers(aiproxy_home)[0]

    async with running(aiproxy_home) as person:
        history = person.find("chat.conversations", QListView)
        await until(lambda: history.model().rowCount() == 2, "the day, and the conversation below it")
        await person.click_at(history.viewport(), history.visualRect(history.model().index(1, 0)).center())
        await person.click("chat.transcript.retryHere")
        await until(lambda: len(answers(aiproxy_home)) == 2, "a second answer")
        await until(lambda: answers(aiproxy_home)[1][0] == "complete", "the whole of it", PATIENCE)
    assert answers(aiproxy_home)[0] == stopped


async def give_key(person: Person) -> None:
    await person.press("ctrl+comma")
    await person.click("settings.provider.openai.addKey")
    await until(lambda: person.sees("settings.provider.openai.editor.key"), "the field for the key")
    await person.write(KEY)
    field = person.find("settings.provider.openai.editor.key", QLineEdit)
    await until(lambda: field.text() == KEY, "the key is in the field")
    await person.press("Return")


async def test_a_key_given_in_settings_is_in_the_keyring_and_nowhere_else(
    aiproxy_home: Path, secret_service: SecretService
) -> None:
    async with running(aiproxy_home) as person:
        await give_key(person)
        await until(lambda: secret_service.lookup("openai") == KEY, "the key is in the keyring")
    assert files_holding(aiproxy_home, KEY) == []


@pytest.mark.parametrize("service", ["no_secret_service", "hanging_secret_service"])
async def test_without_a_keyring_that_answers_the_key_is_for_this_run_and_the_window_lives(
    aiproxy_home: Path, request: pytest.FixtureRequest, service: str
) -> None:
    request.getfixturevalue(service)
    async with running(aiproxy_home) as person:
        await give_key(person)
        # Whatever the keyring does, one goes on writing.
        await person.press("ctrl+1")
        await person.click("chat.composer")
        await person.write("not held up")
        composer = person.find("chat.composer", QPlainTextEdit)
        await until(lambda: composer.toPlainText() == "not held up", "the composer takes keys")
        await person.press("ctrl+comma")
        await until(lambda: person.reads("until you close the app"), "where the key is kept")
        await until(lambda: person.sees("settings.provider.openai.removeKey"), "the key is in use")
    assert files_holding(aiproxy_home, KEY) == []
