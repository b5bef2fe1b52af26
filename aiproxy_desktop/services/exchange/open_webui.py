"""Open WebUI's export of chats: a JSON list.

Facts from its source, `open-webui/open-webui`: `backend/open_webui/models/chats.py` (class ChatModel: `id`,
`title`, `chat`, `created_at`, `updated_at` in seconds, `archived`, `pinned`, `folder_id`, `meta`;
`get_current_message_id`: `chat.history.currentId`, else the last of the older list `chat.messages`) and its
message objects as the client makes them (`id`, `parentId`, `childrenIds`, `role`, `content`, `files`,
`timestamp` in seconds, `model`, `models`, `done`, `error`). Reasoning stands in the content, in
`<details type="reasoning">` with lines that begin with `>`.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, cast

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.services.exchange.foreign import (
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
from aiproxy_desktop.storage.records import Attachment, Folder, StoredMessage

_REASONING = re.compile(
    r'<details type="reasoning"[^>]{0,500}>\s*(?:<summary>[^<]*</summary>)?(?P<body>.*?)</details>\s*',
    re.DOTALL,
)
_DATA_URL = re.compile(r"data:(?P<mime>[\w.+-]+/[\w.+-]+)?(?:;[^,;]+)*;base64,")
_ROLES = {"system", "user", "assistant", "tool"}


def looks_like_one(item: object) -> bool:
    """Whether this is one of its chats, in the form of today or an older one."""
    chat = _chat(item) if isinstance(item, dict) else {}
    return isinstance(table(chat.get("history")).get("messages"), dict) or (
        isinstance(chat.get("messages"), list) and "mapping" not in chat
    )


def read_conversation(raw: Mapping[str, Any]) -> Iterator[Archived | bytes]:
    """One chat, after the bytes of the files in it.

    Raises:
        DamagedConversationError: its messages are no tree.
    """
    files: list[bytes] = []
    archived = _read(raw, files)
    yield from files
    yield archived


def _chat(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    return table(raw["chat"]) if isinstance(raw.get("chat"), dict) else raw


def _read(raw: Mapping[str, Any], files: list[bytes]) -> Archived:
    chat = _chat(raw)
    nodes, current = _nodes(chat)
    title = words(raw.get("title")) or words(chat.get("title"))
    source = words(raw.get("id")) or words(chat.get("id")) or identity(title, *nodes)
    parents = {name: words(node.get("parentId")) or None for name, node in nodes.items()}
    children = {
        name: [child for child in rows(node.get("childrenIds")) if isinstance(child, str)]
        for name, node in nodes.items()
    }
    time = moment(raw.get("created_at")) or moment(chat.get("timestamp")) or datetime(1970, 1, 1, tzinfo=UTC)
    messages: list[StoredMessage] = []
    for name in in_order(parents, children):
        node, parent = nodes[name], parents[name]
        time = moment(node.get("timestamp")) or time
        above = identity("open-webui", source, parent) if parent is not None and parent in nodes else None
        messages.append(_message(identity("open-webui", source, name), above, node, time, files))
    facts = Facts(
        identity("open-webui", source),
        title,
        moment(raw.get("created_at")) or moment(chat.get("timestamp")),
        moment(raw.get("updated_at")),
        pinned=raw.get("pinned") is True,
        archived=raw.get("archived") is True,
        folder=_folder(raw),
    )
    return assemble(facts, messages, identity("open-webui", source, current) if current in nodes else None)


def _nodes(chat: Mapping[str, Any]) -> tuple[dict[str, Mapping[str, Any]], str]:
    """The messages by their ids, and the one the chat stands at."""
    history = table(chat.get("history"))
    if isinstance(history.get("messages"), dict) and history["messages"]:
        nodes = {name: table(node) for name, node in history["messages"].items()}
        return nodes, words(history.get("currentId"))
    nodes, former = {}, ""
    for position, node in enumerate(rows(chat.get("messages"))):
        name = words(table(node).get("id")) or str(position)
        name = name if name not in nodes else f"{name}:{position}"
        nodes[name] = {**table(node), "parentId": former or None, "childrenIds": []}
        former = name
    return nodes, former


def _message(
    own: str, parent: str | None, node: Mapping[str, Any], time: datetime, files: list[bytes]
) -> StoredMessage:
    role = words(node.get("role"))
    text, reasoning = _content(node.get("content")), ""
    notes: list[str] = []
    if role == "assistant":
        text, reasoning = _without_reasoning(text)
    attached: list[Attachment] = []
    for file in rows(node.get("files")):
        _attach(table(file), files, attached, notes)
    error = node.get("error")
    model = one_line(words(node.get("model")))
    usage = table(node.get("usage"))
    return StoredMessage(
        id=own,
        conversation_id="",
        parent_id=parent,
        role=cast("Role", role) if role in _ROLES else "user",
        text=text,
        created_at=time,
        status="failed" if error else "interrupted" if node.get("done") is False else "complete",
        reasoning=reasoning,
        model=f"open-webui:{model}" if role == "assistant" and model else None,
        error_title=_error(error),
        usage=_usage(usage),
        notes=tuple(notes),
        attachments=tuple(attached),
    )


def _content(content: object) -> str:
    texts = [content] if isinstance(content, str) else [table(part).get("text") for part in rows(content)]
    return "\n".join(words(text) for text in texts if words(text))


def _without_reasoning(text: str) -> tuple[str, str]:
    thoughts: list[str] = []

    def take(match: re.Match[str]) -> str:
        lines = html.unescape(match["body"]).strip().split("\n")
        thoughts.append("\n".join(line.removeprefix(">").removeprefix(" ") for line in lines))
        return ""

    # Up to the last end alone: looking for ends that are not there would take the square of the text's time.
    end = text.rfind("</details>")
    if end >= 0:
        end += len("</details>")
        text = _REASONING.sub(take, text[:end]) + text[end:]
    return text.strip("\n") if thoughts else text, "\n\n".join(thoughts)


def _attach(
    file: Mapping[str, Any], files: list[bytes], attached: list[Attachment], notes: list[str]
) -> None:
    inner = table(file.get("file"))
    name = words(file.get("name")) or words(inner.get("filename")) or words(file.get("type")) or "file"
    url = words(file.get("url"))
    match = _DATA_URL.match(url[:300])
    data: bytes | None = None
    mime = ""
    if match is not None:
        mime = match["mime"] or ""
        try:
            data = base64.b64decode(url[match.end() :], validate=True)
        except (binascii.Error, ValueError):
            data = None
    elif words(table(inner.get("data")).get("content")):
        # What it read out of a document; the document itself stays on its server.
        data = words(table(inner.get("data")).get("content")).encode("utf-8", "replace")
        mime, name = "text/plain", f"{name}.txt"
    if data is None:
        notes.append(f"The file {one_line(name, 100)} was not in the export.")
        return
    files.append(data)
    attached.append(attachment(data, name, mime))


def _error(error: object) -> str:
    content = error if isinstance(error, str) else words(table(error).get("content"))
    return one_line(content, 500) or ("The answer failed" if error else "")


def _usage(usage: Mapping[str, Any]) -> Usage | None:
    def number(*names: str) -> int | None:
        found = [usage.get(name) for name in names]
        return next((one for one in found if type(one) is int and 0 <= one < 2**53), None)

    into, out = number("prompt_tokens", "prompt_eval_count"), number("completion_tokens", "eval_count")
    return None if into is None and out is None else Usage(into, out)


def _folder(raw: Mapping[str, Any]) -> Folder | None:
    # The export names folders by their ids alone, except where a folder was exported with its chats.
    folder = table(raw.get("folder"))
    name = one_line(words(folder.get("name")), 80)
    source = words(raw.get("folder_id"))
    if not source:
        return None
    return Folder(identity("open-webui", "folder", source), name or "Open WebUI")
