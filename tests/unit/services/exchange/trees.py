"""Conversations of any shape, for property tests: edits, regenerations, everything a message can hold."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import strategies as st

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import Effort, OpaquePart, Role, ToolCallPart, ToolResultPart
from aiproxy_desktop.storage.archives import Archived
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.records import Attachment, Conversation, Folder, Passage, StoredMessage

ANYTHING = st.text(st.characters(), max_size=30)  # lone surrogates among them
VALID = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
COUNTS = st.integers(0, 2**53)
TIMES = st.integers(0, 32_000_000_000 * 10**6).map(
    lambda micros: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
)
PARTS = st.one_of(
    st.builds(ToolCallPart, VALID, VALID, VALID),
    st.builds(ToolResultPart, VALID, VALID, VALID, st.booleans()),
    st.builds(OpaquePart, VALID, VALID),
    st.builds(Passage, st.sampled_from(["text", "reasoning", "images"]), COUNTS),
)
OPTIONS = st.builds(
    ChatOptions,
    model=st.none() | VALID,
    system=VALID,
    temperature=st.none() | st.floats(0, 2),
    output_limit=st.none() | st.integers(1, 2**40),
    effort=st.none() | st.sampled_from(get_args(Effort)),
    json_mode=st.booleans(),
    web_search=st.booleans(),
)
FILES = st.dictionaries(VALID, st.binary(max_size=64), max_size=3)


@st.composite
def attachments(draw: st.DrawFn, data: bytes, name: str) -> Attachment:
    return Attachment(
        hashlib.sha256(data).hexdigest(),
        name,
        draw(st.sampled_from(["image", "audio", "video", "document", "text"])),
        draw(st.sampled_from(["image/png", "application/pdf", ""])),
        len(data),
        width=draw(st.none() | COUNTS),
        height=draw(st.none() | COUNTS),
        pages=draw(st.none() | COUNTS),
        seconds=draw(st.none() | st.floats(0, 1e9)),
        tokens=draw(st.none() | COUNTS),
    )


@st.composite
def messages(
    draw: st.DrawFn, own: str, conversation: str, parent: str | None, files: dict[str, bytes]
) -> StoredMessage:
    roles: list[Role] = ["user", "assistant", "system", "tool"]
    role = draw(st.sampled_from(roles))
    counted = st.builds(Usage, COUNTS, st.none() | COUNTS, st.none() | COUNTS, st.none() | COUNTS)
    attached = draw(st.lists(st.sampled_from(sorted(files)), max_size=2, unique=True)) if files else []
    return StoredMessage(
        id=own,
        conversation_id=conversation,
        parent_id=parent,
        role=role,
        text=draw(ANYTHING),
        created_at=draw(TIMES),
        status=draw(st.sampled_from(["complete", "interrupted", "failed"])),
        reasoning=draw(ANYTHING),
        model=draw(st.none() | VALID),
        error_title=draw(ANYTHING),
        error_advice=draw(ANYTHING),
        error_detail=draw(ANYTHING),
        finish_reason=draw(st.none() | st.sampled_from(["stop", "length", "content_filter", "tool_calls"])),
        usage=draw(st.none() | counted),
        first_token_at=draw(st.none() | TIMES),
        finished_at=draw(st.none() | TIMES),
        notes=tuple(draw(st.lists(st.sampled_from(["One note.", "Another, “quoted”."]), max_size=2))),
        attachments=tuple([draw(attachments(files[name], name)) for name in attached]),
        parts=tuple(draw(st.lists(PARTS, max_size=3))),
        cost=draw(st.none() | st.floats(0, 1e6)),
        thought_until=draw(st.none() | TIMES),
    )


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Archived, dict[str, bytes]]:
    """A conversation, and the bytes of its attachments by their names."""
    files = draw(FILES)
    ids = [f"{draw(st.integers(0, 2**120)):032x}-{number}"[-32:] for number in range(draw(st.integers(0, 8)))]
    own = f"{draw(st.integers(1, 2**120)):032x}"
    tree: list[StoredMessage] = []
    for number, one in enumerate(dict.fromkeys(ids)):
        # Any message so far: an edit, a regeneration, a second beginning, or the next turn.
        parent = draw(st.none() | st.sampled_from(tree)) if tree and number else None
        tree.append(draw(messages(one, own, None if parent is None else parent.id, files)))
    folder = draw(st.none() | st.builds(Folder, st.just("f" * 32), ANYTHING))
    standing = draw(st.sampled_from(tree)) if tree else None
    conversation = Conversation(
        id=own,
        title=draw(ANYTHING),
        model=draw(st.none() | VALID),
        created_at=draw(TIMES),
        updated_at=draw(TIMES),
        leaf_id=None if standing is None else standing.id,
        pinned_at=draw(st.none() | TIMES),
        archived_at=draw(st.none() | TIMES),
        folder_id=None if folder is None else folder.id,
        titled_by=draw(st.sampled_from(["prompt", "model", "person"])),
        options=draw(OPTIONS),
        comparison=tuple(draw(st.lists(st.sampled_from([m.id for m in tree]), max_size=3))) if tree else (),
    )
    return Archived(conversation, tuple(tree), folder), files
