"""The providers in the models tab: how each stands, what mends it, and how one is added."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QListView, QMenu, QWidget

from aiproxy_desktop.core.providers.builtin.local_models import no_model
from aiproxy_desktop.services.provider_states import ProviderState, ProviderStatus, failed_status
from aiproxy_desktop.storage.keys import KeyringStatus
from aiproxy_desktop.ui.models.providers.words import provider_view, strip_item
from aiproxy_desktop.ui.moments import ago, clock_time
from aiproxy_desktop.ui.settings.rows import RowContext, provider_row
from tests.ui.provider_parts import Room, providers_room
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

KEY, OTHER = "sk-proj-Qm4tGh8JkLs2Xc6b9d1a", "sk-other-0123456789abcdef"


def models(*names: str) -> Reply:
    return Reply.json({"data": [{"id": name} for name in names]})


REFUSED = Reply.json({"error": {"message": "Incorrect key", "code": "invalid_api_key"}}, 401)
LIMITED = Reply.json(
    {"error": {"message": "slow", "code": "rate_limit_exceeded"}}, 429, {"retry-after": "900"}
)


def only(key: str) -> Callable[[Exchange], Reply]:
    def reply(exchange: Exchange) -> Reply:
        return models("a", "b") if exchange.headers.get("authorization") == f"Bearer {key}" else REFUSED

    return reply


@asynccontextmanager
async def addressed(server: ByteServer, folder: Path) -> AsyncIterator[Room]:
    """OpenAI is at this server."""
    async with providers_room(folder, {"OPENAI_BASE_URL": f"{server.url}/v1"}) as room:
        yield room


@pytest.mark.parametrize(
    ("status", "kind", "dot", "word", "action"),
    [
        ("ready", "openai", "ready", "0 models", ""),
        ("checking", "openai", "busy", "Checking", ""),
        ("no_key", "openai", "off", "No key", "addKey"),
        ("rejected", "openai", "broken", "Key refused", "changeKey"),
        ("unreachable", "endpoint", "broken", "Unreachable", "test"),
        ("unreachable", "ollama", "off", "Not running", "test"),
        ("rate_limited", "openai", "busy", "Limited", "test"),
        ("error", "plugin", "broken", "Failed", "test"),
    ],
)
def test_every_state_has_a_word_a_dot_and_what_mends_it(
    status: ProviderStatus, kind: str, dot: str, word: str, action: str
) -> None:
    state = ProviderState("p", "P", kind, status, "It stands so")  # type: ignore[arg-type]  # from the table
    item = strip_item(state)
    assert (item.dot, item.word, item.action) == (dot, word, action)
    assert item.spoken == f"P, {word}"


def test_a_rate_limit_says_when_it_ends() -> None:
    until_then = datetime.now(UTC) + timedelta(minutes=20)
    state = ProviderState("p", "P", "openai", "rate_limited", "P asks to wait", until=until_then)
    assert strip_item(state).action_label == f"Try again at {clock_time(until_then)}"
    view = provider_view(state, KeyringStatus(available=False), tested="", confirming=False)
    assert view.advice == f"It is asked again at {clock_time(until_then)}."
    past = ProviderState("p", "P", "openai", "rate_limited", until=datetime.now(UTC) - timedelta(1))
    assert strip_item(past).action_label == "Retry"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (-5, "just now"),
        (60, "1 minute ago"),
        (7_300, "2 hours ago"),
        (200_000, "2 days ago"),
    ],
)
def test_how_long_ago(seconds: int, words: str) -> None:
    now = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == words


def test_no_model_that_came_along_is_nothing_to_be_alarmed_about() -> None:
    """As with the package without one."""
    error = no_model()
    state = ProviderState(
        "builtin", "Built in", "builtin", failed_status(error), error.title, "Add a file (GGUF)."
    )
    item, row = strip_item(state), provider_row(state, RowContext(KeyringStatus(available=False)))
    assert (item.dot, item.word, item.tone, item.action) == ("off", "0 models", "muted", "")
    assert (row.dot, row.tone) == ("off", "muted")
    assert row.detail == "There is no built-in model. Add a file (GGUF)."
    assert [action.id for action in row.actions] == ["addModelFile"]


async def test_the_strip_shows_everyone_and_opens_what_is_pressed(tmp_path: Path) -> None:
    async with ByteServer(models("a", "b", "c")) as server, providers_room(tmp_path) as room:
        await room.parts.providers.add_endpoint("home-server", server.url)
        await room.parts.providers.refresh("home-server")
        assert room.spoken("models.providers.home-server") == "home-server, 3 models"
        assert room.spoken("models.providers.openai") == "OpenAI, No key"
        assert room.spoken("models.providers.openai.mend") == "Add key, OpenAI"
        assert not room.sees("models.providers.home-server.mend")
        room.press("models.providers.home-server")
        assert room.widget.panel.accessibleName() == "home-server"
        assert room.person.reads("Ready, 3 models")
        assert room.person.reads(server.url)
        room.press("models.provider.close")
        assert not room.sees("models.provider.close")


async def test_what_finds_no_room_is_behind_more(tmp_path: Path) -> None:
    async with providers_room(tmp_path, width=880) as room:
        for number in range(6):
            await room.parts.providers.add_endpoint(f"server <b>{number}</b> & co", "http://127.0.0.1:1/v1")
        more = room.person.find("models.providers.more", QWidget)
        hidden = [item for item in room.view_model.items if not room.sees(f"models.providers.{item.id}")]
        assert more.accessibleName() == f"{len(hidden)} more providers"
        assert more.geometry().right() <= room.widget.strip.width()
        room.press("models.providers.more")
        menu = room.person.find("models.providers.menu", QMenu)
        assert len(menu.actions()) == len(hidden)
        menu.actions()[-1].trigger()
        menu.close()
        assert room.widget.panel.provider == hidden[-1].id


async def test_the_keyboard_reaches_each_and_its_action(tmp_path: Path) -> None:
    async with providers_room(tmp_path) as room:
        room.person.find("models.providers.openai", QWidget).setFocus(Qt.FocusReason.TabFocusReason)
        assert [item.id for item in room.view_model.items][:2] == ["builtin", "openai"]
        reached = []
        for _ in range(4):
            focused = room.person.window.focusWidget()
            assert focused is not None
            reached.append(focused.objectName())
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert reached == [
            f"models.providers.{name}" for name in ("openai", "openai.mend", "gemini", "gemini.mend")
        ]


async def test_a_key_is_added_in_place_and_a_refused_one_says_so(tmp_path: Path) -> None:
    server = ByteServer(only(KEY))
    async with server, addressed(server, tmp_path) as room:
        room.press("models.providers.openai.mend")
        field = room.person.find("models.provider.keyForm.key", QLineEdit)
        field.setText(OTHER)
        room.press("models.provider.keyForm.save")
        await until(lambda: room.person.reads("did not accept this key"), "the refusal")
        field.setText(KEY)
        room.press("models.provider.keyForm.save")
        await until(lambda: not room.sees("models.provider.keyForm.key"), "the form is done")
        assert room.spoken("models.providers.openai") == "OpenAI, 2 models"
        assert room.person.reads("Test passed just now")

        room.press("models.provider.changeKey")
        room.person.find("models.provider.keyForm.key", QLineEdit).setText(OTHER)
        room.press("models.provider.keyForm.save")
        await until(lambda: room.person.reads("did not accept this key"), "the refusal")
        # The key that works is still there.
        assert await room.parts.keys.get("openai") == KEY
        QTest.keyClick(room.person.find("models.provider.keyForm.key", QLineEdit), Qt.Key.Key_Escape)
        assert room.sees("models.provider.changeKey")

        room.press("models.provider.removeKey")
        assert room.person.reads("Remove the key from memory?")
        room.press("models.provider.keepKey")
        room.press("models.provider.removeKey")
        room.press("models.provider.confirmRemoveKey")
        await until(lambda: room.spoken("models.providers.openai") == "OpenAI, No key")


async def test_an_endpoint_is_edited_and_removed_in_place(tmp_path: Path) -> None:
    async with ByteServer(models("a")) as server, providers_room(tmp_path) as room:
        await room.parts.providers.add_endpoint("studio", "http://127.0.0.1:1/v1")
        await room.parts.providers.refresh("studio")
        assert room.spoken("models.providers.studio") == "studio, Unreachable"
        room.press("models.providers.studio")
        room.press("models.provider.edit")
        url = room.person.find("models.provider.form.url", QLineEdit)
        url.setText("studio")
        room.press("models.provider.form.save")
        assert room.person.reads("Begin with http:// or https://")
        url.setText(server.url)
        room.press("models.provider.form.test")
        await until(lambda: room.person.reads("and has 1 model"), "the outcome")
        room.press("models.provider.form.save")
        await until(lambda: room.spoken("models.providers.studio") == "studio, 1 model")
        room.press("models.provider.remove")
        room.press("models.provider.confirmRemove")
        await until(lambda: not room.sees("models.providers.studio"), "it is gone")
        await until(lambda: not room.sees("models.provider.close"), "its panel as well")


async def test_the_first_key_of_a_vendor_makes_no_second_account(tmp_path: Path) -> None:
    server = ByteServer(only(KEY))
    async with server, addressed(server, tmp_path) as room:
        room.widget.open_add()
        room.widget.add.choose("openai")
        assert not room.sees("models.addProvider.form.name")
        room.press("models.addProvider.form.save")
        assert room.person.reads("Paste the key of this account")
        room.person.find("models.addProvider.form.key", QLineEdit).setText(KEY)
        room.press("models.addProvider.form.save")
        await until(lambda: room.added == ["openai"])
        await until(lambda: room.spoken("models.providers.openai") == "OpenAI, 2 models")
        assert not room.parts.settings.current.endpoints

        room.widget.open_add()
        room.widget.add.choose("openai")
        name = room.person.find("models.addProvider.form.name", QLineEdit)
        assert name.text() == "OpenAI 2"
        name.setText("Work")
        room.press("models.addProvider.elsewhere")
        room.person.find("models.addProvider.form.url", QLineEdit).setText(f"{server.url}/v1")
        room.person.find("models.addProvider.form.key", QLineEdit).setText(KEY)
        room.press("models.addProvider.form.test")
        await until(lambda: room.person.reads("and has 2 models"))
        room.press("models.addProvider.form.save")
        await until(lambda: room.added == ["openai", "work"])
        assert room.parts.settings.current.endpoints[0].vendor == "openai"
        await until(lambda: room.spoken("models.providers.work") == "Work, 2 models")


async def find_row(room: Room, words: str) -> QListView:
    room.person.find("models.addProvider.search", QLineEdit).setText(words)
    rows = room.person.find("models.addProvider.list", QListView)
    await until(lambda: rows.model().rowCount() == 1, words)
    return rows


async def test_a_kind_is_searched_and_one_can_go_back(tmp_path: Path) -> None:
    async with providers_room(tmp_path) as room:
        room.widget.open_add()
        rows = await find_row(room, "mistral")
        assert rows.model().index(0, 0).data() == "Mistral"
        QTest.keyClick(room.person.find("models.addProvider.search", QLineEdit), Qt.Key.Key_Return)
        assert room.sees("models.addProvider.form.key")
        room.press("models.addProvider.form.cancel")
        assert room.sees("models.addProvider.search")
        room.widget.add.choose("azure")
        assert room.sees("models.addProvider.form.url")
        room.press("models.addProvider.close")
        assert room.view_model.editor is None
        room.widget.open_add()
        await find_row(room, "other")


async def test_a_limited_provider_says_until_when(tmp_path: Path) -> None:
    async with ByteServer(models("a"), LIMITED) as server, providers_room(tmp_path) as room:
        await room.parts.providers.add_endpoint("studio", server.url)
        await room.parts.providers.refresh("studio")
        await room.parts.providers.refresh("studio")
        assert room.spoken("models.providers.studio") == "studio, Limited"
        assert room.spoken("models.providers.studio.mend").startswith("Try again at ")
        row = room.parts.row("studio")
        assert "It is asked again at" in row.detail
        assert row.dot == "busy"


async def test_a_person_adds_a_server_with_mouse_and_keys(tmp_path: Path) -> None:
    """Every press goes through the X server."""
    async with ByteServer(models("a", "b", "c")) as server, providers_room(tmp_path) as room:
        person = room.person
        room.widget.open_add()
        await until(lambda: person.find("models.addProvider.search", QLineEdit).hasFocus())
        await person.write("other")
        rows = person.find("models.addProvider.list", QListView)
        await until(lambda: rows.model().rowCount() == 1)
        await person.press("Return")
        await until(lambda: room.sees("models.addProvider.form.name"))
        await person.write("My server")
        name = person.find("models.addProvider.form.name", QLineEdit)
        await until(lambda: name.text() == "My server")
        await person.press("Tab")
        await person.write(server.url)
        url = person.find("models.addProvider.form.url", QLineEdit)
        await until(lambda: url.text() == server.url)
        await person.click("models.addProvider.form.save")
        await until(lambda: room.added == ["my-server"])
        await until(lambda: room.spoken("models.providers.my-server") == "My server, 3 models")
        await person.click("models.providers.my-server")
        await until(lambda: person.reads("Ready, 3 models"))
        await person.press("Escape")
