"""How a conversation is answered: what a person can set for one, and what a persona names."""

from __future__ import annotations

from typing import Annotated

import msgspec

from aiproxy_desktop.core.messages import Effort


class ChatOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Settings of one conversation, or of a persona. What is empty or None is left to the provider.

    `model` is a reference (`provider:id`); a conversation keeps its model elsewhere, a persona here.
    `output_limit` is in tokens. `web_search` asks for the provider's own search, where it has one.
    """

    model: str | None = None
    system: str = ""
    temperature: Annotated[float, msgspec.Meta(ge=0, le=2)] | None = None
    output_limit: Annotated[int, msgspec.Meta(ge=1)] | None = None
    effort: Effort | None = None
    json_mode: bool = False
    web_search: bool = False


NO_OPTIONS = ChatOptions()


def options_to_json(options: ChatOptions) -> str:
    """As stored; empty when nothing is set. Lone surrogates become question marks: JSON is UTF-8."""
    if options == NO_OPTIONS:
        return ""
    clean = msgspec.structs.replace(options, system=options.system.encode("utf-8", "replace").decode())
    return msgspec.json.encode(clean).decode()


def options_from_json(text: str) -> ChatOptions:
    """Back from storage; nothing is set where it cannot be read."""
    if not text:
        return NO_OPTIONS
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=ChatOptions)
    except msgspec.MsgspecError:
        return NO_OPTIONS
