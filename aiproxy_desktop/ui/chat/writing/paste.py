"""What may be pasted into a message. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.services.chat import MAX_PROMPT_BYTES
from aiproxy_desktop.ui.translation import tr

# A line is laid out as a whole at every key: this many characters take a second or two.
LONGEST_LINE = 1_000_000

_MEGABYTE = 1024 * 1024


def paste_problem(text: str) -> str:
    """Why a text cannot be pasted, in one sentence, or an empty string.

    What is refused stays on the clipboard, so nothing is lost.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_PROMPT_BYTES:
        return tr(
            "That text is too long to send ({size} MB, at most {most} MB). "
            "It was not pasted and is still on the clipboard.",
            size=f"{size / _MEGABYTE:.1f}",
            most=MAX_PROMPT_BYTES // _MEGABYTE,
        )
    if max(map(len, text.split("\n"))) > LONGEST_LINE:
        return tr(
            "One line of that text has more than {most} characters, too many to edit here. "
            "It was not pasted; break the line and paste again.",
            most=f"{LONGEST_LINE:,}",
        )
    return ""
