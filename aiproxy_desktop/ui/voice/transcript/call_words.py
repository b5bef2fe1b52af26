"""What a call's card says. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.services.voice.values import VoiceCall
from aiproxy_desktop.ui.chat.transcript.pieces.tool_text import plain_text
from aiproxy_desktop.ui.translation import tr, tr_count


def call_title(call: VoiceCall) -> str:
    """What is or was done, in one line."""
    match call.kind:
        case "search":
            return _search(call)
        case "code":
            if call.status == "running":
                return tr("Runs a program")
            return tr("A program failed") if call.status == "failed" else tr("Ran a program")
        case "function":
            return _function(call)


def _seen(text: str) -> str:
    """In one line, what would not be seen spelled out."""
    return "".join(part.text for part in plain_text(" ".join(text.split())))


def _search(call: VoiceCall) -> str:
    # Several queries stand one in a line.
    query = "”, “".join(filter(None, map(_seen, call.arguments.splitlines())))
    if call.status == "running":
        return tr("Searches Google for “{query}”", query=query) if query else tr("Searches Google")
    if call.status == "failed":
        return tr("The search failed")
    return tr("Searched Google for “{query}”", query=query) if query else tr("Searched Google")


def _function(call: VoiceCall) -> str:
    name = _seen(call.name)
    return {
        "asking": tr("May {name} run?", name=name),
        "waiting": tr("{name} waits for your answer", name=name),
        "running": tr("Runs {name}", name=name),
        "done": tr("Ran {name}", name=name),
        "failed": tr("{name} failed", name=name),
        "denied": tr("{name} was not allowed", name=name),
        "cancelled": tr("{name} is wanted no more", name=name),
    }[call.status]


def call_figures(call: VoiceCall) -> str:
    """How many sources it found and how long it took, as far as that is known."""
    found = []
    if call.sources:
        found.append(tr_count("{n} source", "{n} sources", len(call.sources)))
    if call.seconds is not None:
        found.append(_took(call.seconds))
    return ", ".join(found)


def _took(seconds: float) -> str:
    if seconds < 0.05:
        return tr("under 0.1 s")
    return tr("{n} s", n=f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}")


def call_copied(call: VoiceCall) -> str:
    """All of it as text."""
    lines = [call_title(call)]
    if call.kind != "search" and call.arguments:
        lines.append(call.arguments)
    if call.result:
        lines.append(call.result)
    lines += [f"{source.title} {source.url}".strip() for source in call.sources]
    return "\n".join(lines)
