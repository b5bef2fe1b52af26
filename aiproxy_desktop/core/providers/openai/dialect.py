"""What differs between OpenAI's own service and the servers compatible with it, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.model_rules import COMPATIBLE_NOT_CHAT, OPENAI_NOT_CHAT

# How an effort is said. "reasoning_effort": in that field. "reasoning": `{"reasoning": {"effort": …}}`.
# "thinking": the field, and a switch `{"thinking": {"type": "enabled" | "disabled"}}`. "template": the
# field, and a switch for the chat template of open-weight models. "": not at all.
EffortStyle: TypeAlias = Literal["reasoning_effort", "reasoning", "thinking", "template", ""]

# What a server wants back of its model's reasoning, with the tool calls that came from it.
ReturnedReasoning: TypeAlias = Literal["reasoning_content", "reasoning_details", ""]


@dataclass(frozen=True, slots=True)
class ChatDialect:
    """One server's way of the OpenAI interface. The defaults are what most compatible servers take.

    Attributes:
        limit_field: the field that bounds an answer.
        not_chat: words in model ids that mark what cannot chat.
        openai_models: whether it serves OpenAI's own models, with the rules of theirs.
        responses: whether the Responses interface is used: never, where the model needs it, always.
        key_header: where the key goes; "authorization" takes it as a bearer token, others as it is.
        query: added to every address, as in `("api-version", "…")`.
        list_path: where the models are listed, after the base URL.
        dates_models: whether `created` in the list is the day of the model, and not of the server's start.
        usage_option: whether `stream_options` is read; without it counts come by themselves or not at all.
        json_schema: whether an answer can be held to a schema; else to any JSON object.
        json_word: whether a request for JSON is refused unless its messages speak of JSON.
        images: whether images are read (`image_url`).
        audio: how sound is read: as `{data, format}`, as bare base64, or not.
        audio_formats: the formats of sound taken; empty is any.
        documents: how documents that are not text are read: a `file`, a `document_url`, or not.
        video: whether films are read (`video_url`).
        names: whether a message can name its speaker.
        images_out: whether `modalities` asks for images.
        effort: how a reasoning effort is said.
        efforts: the efforts taken; empty is any.
        returned_reasoning: what must come back of the reasoning.
        required_choice: the word for "some tool must be called".
        named_choice: whether one tool by name can be required.
        tool_id_length: exact length of the ids of tool calls, letters and digits alone; 0 is any id.
        unsupported: fields that are refused; left out of `extra` with a note.
    """

    limit_field: str = "max_tokens"
    not_chat: tuple[str, ...] = COMPATIBLE_NOT_CHAT
    openai_models: bool = False
    responses: Literal["never", "by_model", "always"] = "never"
    key_header: str = "authorization"
    query: tuple[tuple[str, str], ...] = ()
    list_path: str = "/models"
    dates_models: bool = False
    usage_option: bool = True
    json_schema: bool = True
    json_word: bool = False
    images: bool = True
    audio: Literal["object", "text", ""] = "object"
    audio_formats: tuple[str, ...] = ()
    documents: Literal["file", "document_url", ""] = "file"
    video: bool = False
    names: bool = False
    images_out: bool = False
    effort: EffortStyle = "reasoning_effort"
    efforts: tuple[Effort, ...] = ()
    returned_reasoning: ReturnedReasoning = ""
    required_choice: str = "required"
    named_choice: bool = True
    tool_id_length: int = 0
    unsupported: tuple[str, ...] = ()


OFFICIAL = ChatDialect(
    limit_field="max_completion_tokens",
    not_chat=OPENAI_NOT_CHAT,
    openai_models=True,
    responses="by_model",
    dates_models=True,
    json_word=True,
    audio_formats=("wav", "mp3"),
    names=True,
)
COMPATIBLE = ChatDialect()
