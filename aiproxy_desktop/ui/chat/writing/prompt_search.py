"""Finding a saved prompt while someone types `/` and a part of it. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence

from aiproxy_desktop.storage.presets import Prompt

# Characters before the cursor that are looked at; a longer query finds nothing anyway.
REACH = 60


def slash_query(before: str, *, whole_line: bool) -> str | None:
    """What is looked for, or None where nothing is.

    Args:
        before: what stands before the cursor on its line, its last REACH characters at the most.
        whole_line: whether that is all of it.
    """
    place = before.rfind("/")
    if place < 0 or (place == 0 and not whole_line) or (place > 0 and not before[place - 1].isspace()):
        return None
    query = before[place + 1 :]
    return None if query[:1].isspace() else query


def matching(prompts: Sequence[Prompt], query: str) -> list[Prompt]:
    """The prompts that hold every word of a query: first those whose name does, each lot in their order."""
    words = query.casefold().split()
    by_name = [prompt for prompt in prompts if _holds(prompt.name, words)]
    by_text = [
        prompt
        for prompt in prompts
        if prompt not in by_name and _holds(f"{prompt.name}\n{prompt.text}", words)
    ]
    return by_name + by_text


def preview(prompt: Prompt) -> str:
    """The beginning of a prompt on one line."""
    return " ".join(prompt.text[:200].split())


def _holds(text: str, words: Sequence[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in words)
