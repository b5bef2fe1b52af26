r"""ChatGPT's data export: a zip with `conversations.json`, or `conversations-000.json` and so on.

OpenAI does not publish the format. What is known of it, as seen by others who read it:
`mitkury/chatgpt-export-parser`, docs/chatgpt-data-export-format.md (a list of conversations, each with a
`mapping` of nodes with `parent` and `children`, `current_node`, times in seconds or null, hidden system
messages); the split into numbered files since 2026 and `asset_pointer` values (`sediment://file_…`,
`file-service://file-…`) that are the beginning of a file's name in the zip; content types text,
multimodal_text, code, execution_output, thoughts and reasoning_recap, as exports kept on GitHub show them.

A turn of the export is several nodes: thoughts, calls of tools and what these gave come before the answer.
They become one message of ours, with its reasoning and its parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from aiproxy_desktop.core.messages import ToolCallPart, ToolResultPart
from aiproxy_desktop.services.exchange.foreign import (
    DamagedConversationError,
    Facts,
    assemble,
    attachment,
    identity,
    in_order,
    moment,
    one_line,
    rows,
    table,
    words,
)
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.records import Attachment, MessageStatus, StoredMessage, StoredPart

# Marks of citations, between characters of the private use area; they mean nothing elsewhere.
_MARKS = re.compile("\ue200[^\ue201]{0,500}\ue201")
_POINTER = re.compile(r"^[a-z-]+://(?P<name>[\w.-]+)")
_UNSEEN = {"model_editable_context", "user_editable_context", "reasoning_recap"}

# The bytes of a file whose name begins so, with its whole name; None when it is not in the export.
Finder = Callable[[str], tuple[str, bytes] | None]


@dataclass(frozen=True, slots=True)
class _Pending:
    """What was thought and done on the way to an answer."""

    reasoning: str = ""
    parts: tuple[StoredPart, ...] = ()
    files: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    shown: str | None = None  # the message above it


def looks_like_one(item: object) -> bool:
    """Whether this is one of its conversations."""
    return isinstance(item, dict) and isinstance(item.get("mapping"), dict)


def read_conversation(raw: Mapping[str, Any], find: Finder) -> Iterator[Archived | bytes]:
    """One conversation, after the bytes of the files in it.

    Raises:
        DamagedConversationError: its messages are no tree.
    """
    reader = _Reader(raw, find)
    archived = reader.run()
    yield from reader.files
    yield archived


class _Reader:
    def __init__(self, raw: Mapping[str, Any], find: Finder) -> None:
        self._raw = raw
        self._find = find
        self._source = words(raw.get("conversation_id")) or words(raw.get("id"))
        self._nodes: dict[str, Mapping[str, Any]] = {
            name: table(node) for name, node in table(raw.get("mapping")).items()
        }
        if not self._source:
            self._source = identity(words(raw.get("title")), *self._nodes)
        self.files: list[bytes] = []
        self._messages: list[StoredMessage] = []
        # For each node, what hangs over its children, and the message it went into.
        self._pending: dict[str, _Pending] = {}
        self._went_into: dict[str, str] = {}
        self._time = moment(raw.get("create_time")) or datetime(1970, 1, 1, tzinfo=UTC)

    def run(self) -> Archived:
        parents = {name: words(node.get("parent")) or None for name, node in self._nodes.items()}
        children = {
            name: [child for child in rows(node.get("children")) if isinstance(child, str)]
            for name, node in self._nodes.items()
        }
        order = in_order(parents, children)
        has_children = {parent for parent in parents.values() if parent is not None}
        for name in order:
            parent = parents[name]
            above = self._pending.get(parent or "", _Pending())
            self._pending[name] = self._take(name, above)
            if name not in has_children:
                self._flush(name)
        facts = Facts(
            identity("chatgpt", self._source),
            words(self._raw.get("title")),
            moment(self._raw.get("create_time")),
            moment(self._raw.get("update_time")),
            pinned=bool(self._raw.get("is_starred") or self._raw.get("pinned_time")),
            archived=self._raw.get("is_archived") is True,
        )
        return assemble(facts, self._messages, self._leaf(parents))

    def _leaf(self, parents: Mapping[str, str | None]) -> str | None:
        node: str | None = words(self._raw.get("current_node"))
        seen: set[str] = set()
        while node is not None and node in parents and node not in seen:
            if node in self._went_into:
                return self._went_into[node]
            seen.add(node)
            node = parents[node]
        return None

    def _take(self, name: str, above: _Pending) -> _Pending:
        """One node: a message of ours, or something on the way to one."""
        message = table(self._nodes[name].get("message"))
        content = table(message.get("content"))
        role = words(table(message.get("author")).get("role"))
        kind = words(content.get("content_type"))
        metadata = table(message.get("metadata"))
        if not message or kind in _UNSEEN or metadata.get("is_visually_hidden_from_conversation") is True:
            return above
        self._time = moment(message.get("create_time")) or self._time
        if kind == "thoughts":
            return replace(above, reasoning=_joined(above.reasoning, _thoughts(content)))
        text, files, notes = self._content(content)
        if role == "tool":
            return self._result(above, name, message, text, files, notes)
        to = words(message.get("recipient")) or "all"
        if role == "assistant" and to != "all":
            call = ToolCallPart(self._id(name), one_line(to), words(content.get("text")) or text)
            return replace(above, parts=(*above.parts, call))
        if role not in {"user", "assistant", "system"} or not (text.strip() or files or notes):
            return above
        if role == "system" and metadata.get("is_user_system_message") is True:
            return above
        return self._shown(name, role, text, replace(above, files=(*above.files, *files), notes=notes))

    def _result(
        self,
        above: _Pending,
        name: str,
        message: Mapping[str, Any],
        text: str,
        files: tuple[Attachment, ...],
        notes: tuple[str, ...],
    ) -> _Pending:
        tool = one_line(words(table(message.get("author")).get("name"))) or "tool"
        calls = [part for part in above.parts if isinstance(part, ToolCallPart)]
        call_id = calls[-1].id if calls else self._id(name)
        parts = (*above.parts, ToolResultPart(call_id, tool, text)) if text.strip() else above.parts
        return replace(above, parts=parts, files=(*above.files, *files), notes=(*above.notes, *notes))

    def _shown(self, name: str, role: str, text: str, pending: _Pending) -> _Pending:
        message = table(self._nodes[name].get("message"))
        own = self._id(name)
        answer = role == "assistant"
        slug = one_line(words(table(message.get("metadata")).get("model_slug")))
        self._messages.append(
            StoredMessage(
                id=own,
                conversation_id="",
                parent_id=pending.shown,
                role="assistant" if answer else "system" if role == "system" else "user",
                text=text,
                created_at=self._time,
                status=_status(message) if answer else "complete",
                reasoning=pending.reasoning if answer else "",
                model=f"openai:{slug}" if answer and slug else None,
                notes=pending.notes,
                attachments=pending.files,
                parts=pending.parts if answer else (),
            )
        )
        self._went_into[name] = own
        return _Pending(shown=own)

    def _flush(self, name: str) -> None:
        """A branch that ends on the way to an answer: what there was of it is a message too."""
        pending = self._pending[name]
        if pending.reasoning or pending.parts or pending.files:
            self._shown(name, "assistant", "", pending)

    def _content(self, content: Mapping[str, Any]) -> tuple[str, tuple[Attachment, ...], tuple[str, ...]]:
        texts: list[str] = []
        files: list[Attachment] = []
        notes: list[str] = []
        for part in rows(content.get("parts")):
            if isinstance(part, str):
                texts.append(part)
                continue
            pointer = words(table(part).get("asset_pointer"))
            if pointer:
                self._attach(pointer, files, notes)
            else:
                texts.append(words(table(part).get("text")))
        texts += [words(content.get(name)) for name in ("text", "result")]
        text = "\n".join(one for one in texts if one)
        if content.get("content_type") == "code" and text:
            language = one_line(words(content.get("language")), 30)
            text = f"```{'' if language == 'unknown' else language}\n{text}\n```"
        return _MARKS.sub("", text), tuple(files), tuple(notes)

    def _attach(self, pointer: str, files: list[Attachment], notes: list[str]) -> None:
        match = _POINTER.match(pointer)
        found = None if match is None else self._find(match["name"])
        if found is None:
            notes.append("A file that belongs here was not in the export.")
            return
        self.files.append(found[1])
        files.append(attachment(found[1], found[0]))

    def _id(self, node: str) -> str:
        return identity("chatgpt", self._source, node)


def _thoughts(content: Mapping[str, Any]) -> str:
    found = map(table, rows(content.get("thoughts")))
    both = ((words(one.get("summary")), words(one.get("content"))) for one in found)
    return "\n\n".join(_joined(f"**{head}**" if head else "", body) for head, body in both if head or body)


def _joined(first: str, second: str) -> str:
    return f"{first}\n\n{second}" if first and second else first or second


def _status(message: Mapping[str, Any]) -> MessageStatus:
    finish = table(table(message.get("metadata")).get("finish_details")).get("type")
    return "interrupted" if message.get("status") == "in_progress" or finish == "interrupted" else "complete"


__all__ = ["DamagedConversationError", "Finder", "looks_like_one", "read_conversation"]
