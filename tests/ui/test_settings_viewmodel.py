from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.storage.settings import Settings
from aiproxy_desktop.ui.settings.editor import Editor
from tests.secret_service import SecretService
from tests.ui.settings_parts import SettingsParts, settings_parts
from tests.waiting import until
from tests.wire import ByteServer, Reply

KEY = "sk-proj-Qm4tGh8JkLs2Xc6b9d1a"


def models(*names: str) -> Reply:
    return Reply.json({"object": "list", "data": [{"id": name, "object": "model"} for name in names]})


def refused() -> Reply:
    return Reply.json({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}}, 401)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[SettingsParts]:
    async with settings_parts(tmp_path) as made:
        yield made


def editor(parts: SettingsParts) -> Editor:
    found = parts.view_model.editor
    assert found is not None
    return found


async def test_an_empty_account(parts: SettingsParts) -> None:
    assert parts.row_ids() == ["openai", "gemini", "anthropic", "ollama", "builtin"]
    assert parts.actions("openai") == ["addKey"]
    assert parts.row("builtin").dot == "ready"
    await until(lambda: "No keyring service" in parts.view_model.keys_sentence)
    assert parts.view_model.key_place_sentence == (
        "No keyring was found on this system. The key is kept until you close the app."
    )


async def test_a_key_that_cannot_be_one_is_refused_at_once(parts: SettingsParts) -> None:
    parts.view_model.act("openai", "addKey")
    for text, word in (
        ("", "empty"),
        ("sk-\nsecond line", "line break"),
        ("sk bla", "space"),
        ("schlüssel", "characters"),
    ):
        parts.view_model.submit_key(text)
        assert word in editor(parts).errors["key"]
        assert not editor(parts).busy
    assert await parts.keys.get("openai") is None


async def test_a_key_is_kept_and_tested(tmp_path: Path) -> None:
    async with (
        ByteServer(models("gpt-6-luna", "gpt-6-sol")) as server,
        settings_parts(tmp_path, {"OPENAI_BASE_URL": f"{server.url}/v1"}) as parts,
    ):
        parts.view_model.act("openai", "addKey")
        assert editor(parts).label == "OpenAI"
        assert parts.actions("openai") == []
        parts.view_model.submit_key(f"  {KEY}\n")
        assert editor(parts).busy
        await until(lambda: parts.view_model.editor is None, "the editor is closed")
        row = await parts.settled("openai")
        assert row.dot == "ready"
        assert row.detail.startswith("Test passed just now, ")
        assert (row.key_line, row.key_note) == (f"•••• {KEY[-4:]}", "until you close the app")
        assert await parts.keys.get("openai") == KEY


async def test_a_key_that_the_provider_refuses_is_not_kept(tmp_path: Path) -> None:
    async with (
        ByteServer(refused()) as server,
        settings_parts(tmp_path, {"OPENAI_BASE_URL": f"{server.url}/v1"}) as parts,
    ):
        parts.view_model.act("openai", "addKey")
        parts.view_model.submit_key(KEY)
        await until(lambda: editor(parts).errors, "the key is refused")
        assert editor(parts).errors["key"] == "OpenAI did not accept this key. Check it and paste it again."
        assert not editor(parts).busy
        assert await parts.keys.get("openai") is None
        assert KEY not in str(parts.view_model.providers)


async def test_a_key_is_kept_where_the_provider_cannot_be_reached(tmp_path: Path) -> None:
    async with settings_parts(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}) as parts:
        parts.view_model.act("openai", "addKey")
        parts.view_model.submit_key(KEY)
        await until(lambda: parts.view_model.editor is None)
        assert parts.row("openai").dot == "broken"
        assert await parts.keys.get("openai") == KEY


async def test_removing_a_key_asks_in_its_row(tmp_path: Path) -> None:
    async with settings_parts(tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}) as parts:
        parts.view_model.act("openai", "addKey")
        parts.view_model.submit_key(KEY)
        await until(lambda: parts.view_model.editor is None)
        parts.view_model.act("openai", "removeKey")
        assert parts.actions("openai") == ["keepKey", "confirmRemoveKey"]
        parts.view_model.act("openai", "keepKey")
        assert parts.actions("openai") == ["test", "removeKey"]
        parts.view_model.act("openai", "removeKey")
        parts.view_model.act("openai", "confirmRemoveKey")
        await until(lambda: parts.actions("openai") == ["addKey"])
        assert await parts.keys.get("openai") is None


async def test_a_key_from_the_environment_goes_into_the_keyring(
    tmp_path: Path, secret_service: SecretService
) -> None:
    async with settings_parts(
        tmp_path, {"OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_API_KEY": KEY}
    ) as parts:
        assert parts.row("openai").key_line == "OPENAI_API_KEY"
        await until(lambda: parts.actions("openai") == ["test", "storeKey"], "there is a keyring")
        assert parts.view_model.key_place_sentence == "It is kept in GNOME Keyring, never in a file."
        parts.view_model.act("openai", "storeKey")
        await until(lambda: parts.row("openai").key_note == "in GNOME Keyring")
        assert secret_service.lookup("openai") == KEY


async def test_an_endpoint_is_checked_field_by_field(parts: SettingsParts) -> None:
    parts.view_model.edit_endpoint()
    parts.view_model.submit_endpoint(" ", "htp://host/v1", "a key")
    assert editor(parts).errors == {
        "name": "Give it a name",
        "base_url": "Begin with http:// or https://",
        "key": "It holds a space; copy it again without one.",
    }
    parts.view_model.submit_endpoint("studio", "http://host:99999/v1", "")
    await until(lambda: not editor(parts).busy)
    assert "port" in editor(parts).errors["base_url"]
    assert parts.view_model.endpoints == ()


async def test_an_endpoint_is_tried_without_being_kept(parts: SettingsParts) -> None:
    async with ByteServer(models("a", "b", "c")) as server:
        parts.view_model.edit_endpoint()
        parts.view_model.test_endpoint("studio", f"{server.url}/v1", "")
        assert editor(parts).busy
        await until(lambda: not editor(parts).busy)
        assert editor(parts).note_tone == "success"
        assert editor(parts).note.endswith("and has 3 models.")
    assert parts.view_model.endpoints == ()
    parts.view_model.test_endpoint("studio", "http://127.0.0.1:1/v1", "")
    await until(lambda: not editor(parts).busy)
    assert editor(parts).note_tone == "danger"
    assert editor(parts).note.endswith(".")


async def test_an_endpoint_comes_changes_and_goes(parts: SettingsParts) -> None:
    async with ByteServer(models("a")) as server:
        parts.view_model.edit_endpoint()
        parts.view_model.submit_endpoint("Studio Mac", f"{server.url}/v1", KEY)
        await until(lambda: parts.view_model.editor is None)
        row = await parts.settled("studio-mac")
        assert (row.label, row.detail) == ("Studio Mac", "Ready, 1 model")
        assert server.exchanges[-1].headers["authorization"] == f"Bearer {KEY}"

        parts.view_model.act("studio-mac", "edit")
        assert editor(parts).values == {
            "name": "Studio Mac",
            "base_url": f"{server.url}/v1",
            "vendor": "",
        }
        parts.view_model.submit_endpoint("Studio", f"{server.url}/v1", "")
        await until(lambda: parts.view_model.editor is None)
        assert parts.row("studio-mac").label == "Studio"
        assert await parts.keys.get("studio-mac") == KEY

    parts.view_model.act("studio-mac", "remove")
    assert parts.row("studio-mac").detail == "Remove this endpoint and its key?"
    parts.view_model.act("studio-mac", "confirmRemove")
    await until(lambda: parts.view_model.endpoints == ())
    assert parts.store.load().settings == Settings()
    await until(lambda: not parts.notices)


async def test_the_ollama_host_is_changed(parts: SettingsParts) -> None:
    async with ByteServer(
        Reply.json({"models": [{"name": "llama3.2:3b", "model": "llama3.2:3b"}]})
    ) as server:
        parts.view_model.act("ollama", "changeHost")
        parts.view_model.submit_host("http://[bad")
        await until(lambda: not editor(parts).busy)
        assert editor(parts).errors["host"]
        parts.view_model.submit_host(server.url.removeprefix("http://"))
        await until(lambda: parts.view_model.editor is None)
        await until(lambda: parts.row("ollama").dot == "ready", "Ollama is found")
        assert parts.row("ollama").detail.endswith(", 1 model")
    assert parts.settings.current.ollama_host == server.url.removeprefix("http://")


async def test_model_files_are_looked_after_in_the_models_tab(parts: SettingsParts) -> None:
    wanted: list[str] = []
    parts.view_model.page_wanted.connect(wanted.append)
    parts.view_model.act("builtin", "addModelFile")
    assert wanted == ["models.local"]


async def test_the_theme_is_remembered(parts: SettingsParts) -> None:
    parts.view_model.set_theme("dark")
    await until(lambda: parts.store.load().settings.theme == "dark")
    assert parts.view_model.theme == "dark"


async def test_settings_that_cannot_be_written_are_said(parts: SettingsParts, tmp_path: Path) -> None:
    (tmp_path / "settings.json").mkdir()
    parts.view_model.set_theme("dark")
    await until(lambda: parts.notices)
    assert "settings" in parts.notices[0].text
    assert parts.view_model.theme == "dark"


async def test_closing_ends_what_runs(tmp_path: Path) -> None:
    async with (
        ByteServer(Reply.nothing()) as server,
        settings_parts(tmp_path) as parts,
    ):
        parts.view_model.edit_endpoint()
        parts.view_model.test_endpoint("slow", f"{server.url}/v1", "")
        await until(lambda: server.exchanges)
        await parts.view_model.close()
