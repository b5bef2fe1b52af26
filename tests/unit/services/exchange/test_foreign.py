from __future__ import annotations

import base64
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange import chatgpt, open_webui
from aiproxy_desktop.services.exchange.foreign import DamagedConversationError
from aiproxy_desktop.services.exchange.service import ImportSummary
from aiproxy_desktop.storage.archives import Archived
from tests.unit.services.exchange.parts import history

EXPORTS = Path(__file__).parents[3] / "exports"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def chatgpt_zip(folder: Path, *names: str) -> Path:
    path = folder / "chatgpt.zip"
    conversations = json.loads((EXPORTS / "chatgpt.json").read_text())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("export/chat.html", "<html></html>")
        packed.writestr("export/user.json", "{}")
        packed.writestr("export/file_0001-plant.png", PNG)
        for number, name in enumerate(names):
            part = conversations if len(names) == 1 else conversations[number : number + 1]
            packed.writestr(f"export/{name}", json.dumps(part))
    return path


@pytest.mark.parametrize(
    "names", [("conversations.json",), ("conversations-000.json", "conversations-001.json")]
)
async def test_a_chatgpt_export_becomes_conversations(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = chatgpt_zip(tmp_path, *names)
    async with history(tmp_path / "history") as parts:
        assert await parts.take_in(path) == ImportSummary(imported=2)
        bare, thyme = await parts.all()
        assert thyme.conversation.title == "Growing thyme"
        assert thyme.conversation.created_at == datetime.fromtimestamp(1760000000.25, UTC)
        question, first, second = thyme.messages
        assert (question.role, question.text, question.parent_id) == ("user", "What is this plant?", None)
        assert [(one.name, one.mime) for one in question.attachments] == [
            ("file_0001-plant.png", "image/png")
        ]
        assert await parts.blobs.read(question.attachments[0].hash) == PNG
        assert (first.text, first.model, first.parent_id) == ("It is thyme.", "openai:gpt-4o", question.id)
        assert second.parent_id == question.id
        assert second.text == "Lemon thyme , surely."
        assert second.reasoning == "**Looking**\n\nSmall leaves."
        call, result = second.parts
        assert isinstance(call, ToolCallPart)
        assert (call.name, call.arguments) == ("python", "print('thyme')")
        assert result == ToolResultPart(call.id, "python", "thyme")
        assert thyme.conversation.leaf_id == second.id
        assert bare.conversation.title == "Only a question"
        assert bare.conversation.archived_at is not None
        assert [message.reasoning for message in bare.messages] == ["", "Hm."]
        again = await parts.take_in(path)
        assert again == ImportSummary(already_there=2)


async def test_an_open_webui_export_becomes_conversations(tmp_path: Path) -> None:
    async with history(tmp_path / "history") as parts:
        assert await parts.take_in(EXPORTS / "open_webui.json") == ImportSummary(imported=2)
        old, tea = await parts.all()
        assert tea.conversation.pinned_at is not None
        assert tea.folder is not None
        question, green, black = tea.messages
        assert [(one.name, one.kind) for one in question.attachments] == [
            ("image", "image"),
            ("leaf.pdf.txt", "text"),
        ]
        assert await parts.blobs.read(question.attachments[1].hash) == b"Leaves and water."
        assert (green.model, green.usage) == ("open-webui:llama3.1:8b", Usage(9, 2))
        assert (black.text, black.reasoning) == ("Black, in the morning.", "Tea & time.\nEvening.")
        assert tea.conversation.leaf_id == black.id
        assert [message.text for message in old.messages] == ["Hello", "Good day"]
        assert (old.messages[1].status, old.messages[1].error_title) == ("failed", "It broke")
        assert await parts.take_in(EXPORTS / "open_webui.json") == ImportSummary(already_there=2)


async def test_a_circle_leaves_that_conversation_out_and_says_so(tmp_path: Path) -> None:
    conversations = json.loads((EXPORTS / "chatgpt.json").read_text())
    conversations[0]["mapping"]["root"]["parent"] = "a2"
    (tmp_path / "it.json").write_text(json.dumps(conversations))
    async with history(tmp_path / "history") as parts:
        assert await parts.take_in(tmp_path / "it.json") == ImportSummary(imported=1, left_out=1)


async def test_a_very_long_chain_of_messages(tmp_path: Path) -> None:
    mapping = {
        str(number): {
            "parent": str(number - 1) if number else None,
            "children": [str(number + 1)],
            "message": {
                "author": {"role": "user"},
                "content": {"content_type": "text", "parts": [str(number)]},
            },
        }
        for number in range(5_000)
    }
    (tmp_path / "it.json").write_text(
        json.dumps([{"title": "Long", "mapping": mapping, "current_node": "4999"}])
    )
    async with history(tmp_path / "history") as parts:
        assert await parts.take_in(tmp_path / "it.json") == ImportSummary(imported=1)
        (there,) = await parts.all()
        assert len(await parts.store.thread(there.conversation.id)) == 5_000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = ["a", "b", "c", "d"]
KINDS = [
    "text",
    "code",
    "thoughts",
    "multimodal_text",
    "execution_output",
    "user",
    "assistant",
    "tool",
    "all",
]
VALUE = JSON | st.sampled_from([*KEYS, *KINDS, "file-service://file-1", "data:image/png;base64,AAAA"])
PART = st.fixed_dictionaries({}, optional={"text": VALUE, "asset_pointer": VALUE})
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "author": st.fixed_dictionaries({}, optional={"role": VALUE, "name": VALUE}),
        "content": st.fixed_dictionaries(
            {},
            optional={
                "content_type": VALUE,
                "parts": st.lists(VALUE | PART, max_size=3),
                "thoughts": VALUE,
                "text": VALUE,
            },
        ),
        "create_time": VALUE,
        "metadata": VALUE,
        "recipient": VALUE,
        "status": VALUE,
    },
)
NODE = st.fixed_dictionaries(
    {},
    optional={"message": MESSAGE | VALUE, "parent": VALUE, "children": st.lists(VALUE, max_size=3) | VALUE},
)
OTHERS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("role", "content", "parentId", "timestamp", "error", "usage"), VALUE)
    | {"files": st.lists(VALUE | PART, max_size=2)},
)


@settings(max_examples=150)
@given(
    st.dictionaries(st.sampled_from(KEYS), NODE | JSON, max_size=4),
    st.dictionaries(st.sampled_from(KEYS), OTHERS | JSON, max_size=4),
    VALUE,
    VALUE,
)
def test_whatever_stands_in_them_gives_a_tree_or_is_left_out(
    mapping: dict[str, Any], messages: dict[str, Any], title: object, other: object
) -> None:
    one = {"mapping": mapping, "title": title, "current_node": other, "create_time": other, "id": title}
    two = {
        "chat": {"history": {"messages": messages, "currentId": other}, "title": title},
        "created_at": other,
    }
    for reader in (
        chatgpt.read_conversation(one, lambda name: (name, b"x")),
        open_webui.read_conversation(two),
    ):
        try:
            *_, archived = reader
        except DamagedConversationError:
            continue
        assert isinstance(archived, Archived)
        seen: set[str | None] = {None}
        for message in archived.messages:
            assert message.parent_id in seen
            assert message.id not in seen
            seen.add(message.id)
        assert archived.conversation.leaf_id in seen
        assert archived.conversation.title
