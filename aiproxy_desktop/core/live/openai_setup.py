"""OpenAI Realtime's session from options (`RealtimeSessionCreateRequest` of openai-python 3.57.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.live.values import OUTPUT_RATE, LiveFunction, LiveOptions

# What writes down what the person said, best first; the later ones end in February 2027
# (`AudioTranscription`), and servers that speak this dialect may have only those.
TRANSCRIBERS = ("gpt-transcribe", "gpt-4o-transcribe", "whisper-1")

_FORMAT = {"type": "audio/pcm", "rate": OUTPUT_RATE}


def session_body(options: LiveOptions, transcriber: str = TRANSCRIBERS[0]) -> dict[str, Any]:
    """The whole session, with the service's own fields laid over it; nothing is written down by ""."""
    transcription = {"model": transcriber} if transcriber else None
    if options.language and transcription is not None:
        transcription["language"] = options.language.partition("-")[0].lower()  # ISO 639-1
    output: dict[str, Any] = {"format": _FORMAT}
    if options.voice:
        output["voice"] = options.voice
    body: dict[str, Any] = {
        "type": "realtime",
        "output_modalities": [options.modality],
        "audio": {
            "input": {
                "format": _FORMAT,
                "turn_detection": _turn_detection(options),
                "transcription": transcription,
            },
            "output": output,
        },
        "tools": [_tool(one) for one in options.functions],
    }
    if options.instructions:
        body["instructions"] = options.instructions
    _lay_over(body, options.raw)
    return body


def session_change(
    before: LiveOptions, after: LiveOptions, transcriber: str, *, spoken: bool
) -> dict[str, Any] | None:
    """What to send to change a session under way; empty where nothing changed.

    None where that needs another connection: another model, and another voice once it has `spoken`
    (`RealtimeAudioConfigOutput.voice`). Search and programs have no word here, so they change nothing.
    """
    if _said(before) == _said(after):
        return {}
    if before.model != after.model or before.modality != after.modality:
        return None
    voices = [session_body(one)["audio"].get("output", {}).get("voice") for one in (before, after)]
    if voices[0] != voices[1] and (spoken or voices[1] is None):
        return None
    if before.instructions and not after.instructions:
        return None  # an empty text would not bring back the service's own
    body = session_body(after, transcriber)
    if voices[0] == voices[1]:  # even the same voice must not be named once it has spoken
        body["audio"]["output"].pop("voice", None)
    return body


def _said(options: LiveOptions) -> LiveOptions:
    return replace(options, google_search=False, code_execution=False)


def _lay_over(body: dict[str, Any], raw: Mapping[str, Any]) -> None:
    """Objects are laid over objects, tools are added to ours; null is a value here."""
    for key, value in raw.items():
        if key == "tools" and isinstance(value, list | tuple):
            body["tools"] = [*body.get("tools", []), *value]
        elif isinstance(value, Mapping) and isinstance(body.get(key), dict):
            body[key] = dict(body[key])
            _lay_over(body[key], value)
        else:
            body[key] = value


def _turn_detection(options: LiveOptions) -> dict[str, Any] | None:
    if options.mode == "push_to_talk":
        return None
    return {"type": "semantic_vad", "create_response": True, "interrupt_response": True}


def _tool(function: LiveFunction) -> dict[str, Any]:
    return {
        "type": "function",
        "name": function.name,
        "description": function.description,
        "parameters": dict(function.parameters) or {"type": "object", "properties": {}},
    }
