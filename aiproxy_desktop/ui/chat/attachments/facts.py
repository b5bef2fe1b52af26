"""The line of figures under an attachment's name. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.services.attaching import Taken, total_tokens
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.translation import tr_count

_SEPARATOR = " · "


def attachment_facts(attachment: Attachment, provider: str = "") -> str:
    """`184 KB · about 1,105 tokens`; only what is known."""
    facts = [*_extent(attachment), file_size(attachment.size), *_tokens((attachment,), provider)]
    return _SEPARATOR.join(facts)


def taken_facts(taken: Taken, provider: str = "") -> str:
    """The same of a file, or of a folder with what was left out of it."""
    if len(taken.attachments) == 1 and not taken.left_out:
        return attachment_facts(taken.attachments[0], provider)
    many = len(taken.attachments)
    facts = [tr_count("{n} file", "{n} files", many), file_size(taken.size)]
    said = _SEPARATOR.join([*facts, *_tokens(taken.attachments, provider)])
    if taken.left_out:
        said += "; " + tr_count("{n} was left out", "{n} were left out", taken.left_out)
    return f"{said}; {taken.cut}" if taken.cut else said


def _tokens(attachments: tuple[Attachment, ...], provider: str) -> list[str]:
    tokens = total_tokens(attachments, provider)
    return [] if tokens is None else [tr_count("about {n} token", "about {n} tokens", tokens)]


def _extent(attachment: Attachment) -> list[str]:
    if attachment.pages is not None:
        return [tr_count("{n} page", "{n} pages", attachment.pages)]
    if attachment.seconds is None:
        return []
    minutes, seconds = divmod(round(attachment.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return [f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"]
