from __future__ import annotations

import pytest

from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.presets import (
    MAX_NAME,
    NameMissingError,
    NameTakenError,
    Persona,
    PresetStore,
    Prompt,
)

OPTIONS = ChatOptions(model="openai:gpt-x", system="Be \ud83d brief", temperature=0.5, effort="low")


async def test_prompts_come_in_the_order_of_their_names(db: Database) -> None:
    store = PresetStore(db)
    for name in ("zebra", "Ärger", "apple", "Banana"):
        await store.save_prompt(Prompt(name, f"about {name}"))
    assert [prompt.name for prompt in await store.prompts()] == ["apple", "Banana", "zebra", "Ärger"]


async def test_a_prompt_is_changed_in_its_place_and_removed(db: Database) -> None:
    store = PresetStore(db)
    kept = await store.save_prompt(Prompt("One", "a \x00 \ud83d {{x}}"))
    assert await store.prompts() == (kept,)
    await store.save_prompt(Prompt("ONE", "b", kept.id))
    assert await store.prompts() == (Prompt("ONE", "b", kept.id),)
    await store.delete_prompt(kept.id)
    await store.delete_prompt(kept.id)
    assert await store.prompts() == ()
    await store.save_prompt(kept)  # an undo
    assert await store.prompts() == (kept,)


@pytest.mark.parametrize("name", ["straße", "STRASSE", "  Strasse ", "stras\tse"])
async def test_a_name_is_taken_whatever_its_case_and_spaces(db: Database, name: str) -> None:
    store = PresetStore(db)
    await store.save_prompt(Prompt("Straße", "x"))
    await store.save_prompt(Prompt("stras se", "x"))
    await store.save_persona(Persona("Straße", OPTIONS))  # another list
    with pytest.raises(NameTakenError):
        await store.save_prompt(Prompt(name, "y"))
    assert len(await store.prompts()) == 2


async def test_a_name_is_needed_and_not_endless(db: Database) -> None:
    store = PresetStore(db)
    with pytest.raises(NameMissingError):
        await store.save_prompt(Prompt(" \n", "x"))
    kept = await store.save_prompt(Prompt("n" * 1000, "x"))
    assert kept.name == "n" * MAX_NAME


async def test_a_persona_comes_back_with_its_options(db: Database) -> None:
    store = PresetStore(db)
    kept = await store.save_persona(Persona("Editor", OPTIONS))
    (found,) = await store.personas()
    assert (found.name, found.id) == ("Editor", kept.id)
    assert found.options.system == "Be ? brief"
    assert (found.options.model, found.options.temperature) == ("openai:gpt-x", 0.5)
    await store.delete_persona(kept.id)
    assert await store.personas() == ()


async def test_options_of_a_conversation_are_changed(store: ConversationStore) -> None:
    conversation = await store.create("one")
    options = ChatOptions(system="x", web_search=True)
    await store.set_options(conversation.id, options)
    assert (await store.get(conversation.id)).options == options
    assert (await store.get(conversation.id)).updated_at == conversation.updated_at
    with pytest.raises(MissingConversationError):
        await store.set_options("nowhere", options)
