"""How the voice tab was left."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

_Name = Annotated[str, msgspec.Meta(max_length=400)]


class VoiceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a voice session begins with.

    `model` is a reference (`provider:id`), empty for the best there is; `voices` the voice by model id;
    `language` a BCP 47 tag, empty for whichever is spoken. Devices are remembered by name, empty for the
    system's own. `functions` names those of the application that a model may call; `declarations` is JSON of
    further ones, which the person answers.
    """

    model: _Name = ""
    voices: Annotated[dict[str, _Name], msgspec.Meta(max_length=100)] = {}
    language: Annotated[str, msgspec.Meta(max_length=40)] = ""
    instructions: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    mode: Literal["push_to_talk", "hands_free"] = "push_to_talk"
    microphone: _Name = ""
    speaker: _Name = ""
    volume: Annotated[int, msgspec.Meta(ge=0, le=100)] = 80
    google_search: bool = True
    code_execution: bool = False
    functions: Annotated[tuple[_Name, ...], msgspec.Meta(max_length=100)] = ()
    declarations: Annotated[str, msgspec.Meta(max_length=100_000)] = ""
    recording: Literal["", "flac", "wav"] = ""
    keep: bool = True
    global_shortcut: bool = False
