from __future__ import annotations

from typing import Any

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Message,
    NativeTool,
    ResponseFormat,
    Tool,
    ToolChoice,
)
from aiproxy_desktop.core.providers.gemini.config import schema_of_openapi
from aiproxy_desktop.core.providers.gemini.provider import GeminiProvider

HI = Message.of("user", "Hi")
LOOK_UP = Tool("look_up", parameters={"type": "object", "properties": {"a": {"type": ["string", "null"]}}})
SEARCH = NativeTool({"googleSearch": {}})


@pytest.fixture
def provider() -> GeminiProvider:
    return GeminiProvider(HttpClient(), StaticCredentials({}))


def written(
    provider: GeminiProvider, model: str, *messages: Message, **options: Any
) -> tuple[dict[str, Any], list[str]]:
    """The body, and the parameters that notes speak of."""
    request, notes = provider.adapt(CompletionRequest(model, messages or (HI,), **options))
    assert provider.adapt(request)[0] == request
    assert all(note.sentence.endswith(".") for note in notes)
    return provider.completion_body(request), [note.parameter for note in notes]


def test_a_request_that_is_taken_as_it_is_has_no_notes(provider: GeminiProvider) -> None:
    _, notes = written(
        provider,
        "gemini-3.1-pro-preview",
        temperature=0.5,
        effort="high",
        tools=(LOOK_UP, SEARCH),
        response_format=ResponseFormat("json_object"),
    )
    assert notes == []


@pytest.mark.parametrize("model", ["gemini-3.8-flash", "gemini-4-carbon", "gemini-flash-latest"])
def test_sampling_is_left_out_where_it_is_fixed(provider: GeminiProvider, model: str) -> None:
    body, notes = written(provider, model, temperature=0.5, extra={"top_p": 0.1, "topK": 2, "seed": 1})
    assert body["generationConfig"] == {"seed": 1, "thinkingConfig": {"includeThoughts": True}}
    assert notes == ["temperature", "topK", "top_p"]


def test_image_models_get_no_functions_and_no_json(provider: GeminiProvider) -> None:
    body, notes = written(
        provider,
        "gemini-3.1-flash-image",
        tools=(LOOK_UP, SEARCH),
        tool_choice=ToolChoice("required"),
        response_format=ResponseFormat("json_object"),
        images=True,
    )
    assert body["tools"] == [{"googleSearch": {}}]
    assert "toolConfig" not in body
    assert body["generationConfig"] == {"responseModalities": ["TEXT", "IMAGE"]}
    assert notes == ["tools", "response_format"]


def test_images_are_not_asked_of_a_model_that_makes_none(provider: GeminiProvider) -> None:
    body, notes = written(provider, "gemini-1.5-flash", images=True)
    assert "generationConfig" not in body
    assert notes == ["images"]


def test_json_beside_tools_is_asked_for_in_words_of_older_models(provider: GeminiProvider) -> None:
    wanted = ResponseFormat("json_schema", {"type": "object", "title": "T"})
    body, notes = written(provider, "gemini-2.5-flash", tools=(LOOK_UP,), response_format=wanted)
    assert "responseMimeType" not in body["generationConfig"]
    assert '{"type":"object","title":"T"}' in body["systemInstruction"]["parts"][0]["text"]
    assert notes == ["response_format"]
    body, notes = written(provider, "gemini-2.5-flash", response_format=wanted)
    assert body["generationConfig"]["responseMimeType"] == "application/json"
    assert notes == []


def test_older_models_keep_the_caller_s_tools_of_two_kinds(provider: GeminiProvider) -> None:
    body, notes = written(provider, "gemini-2.5-flash", tools=(SEARCH, LOOK_UP))
    assert [list(tool) for tool in body["tools"]] == [["functionDeclarations"]]
    assert notes == ["tools"]


def test_system_text_leads_the_first_message_where_there_is_no_place_for_it(provider: GeminiProvider) -> None:
    body, notes = written(provider, "gemma-3-27b-it", Message.of("system", "Be brief."), HI)
    assert body["contents"] == [{"role": "user", "parts": [{"text": "Be brief.\n\n"}, {"text": "Hi"}]}]
    assert "systemInstruction" not in body
    assert notes == ["system"]


def test_a_model_that_does_not_go_on_from_its_own_turn_is_asked_to(provider: GeminiProvider) -> None:
    body, notes = written(provider, "gemini-3.8-flash", HI, Message.of("assistant", "Once"))
    assert body["contents"][-1] == {"role": "user", "parts": [{"text": "Continue."}]}
    assert notes == ["messages"]


@pytest.mark.parametrize(
    ("model", "effort", "notes"),
    [
        ("gemini-3.8-flash", "none", ["effort"]),
        ("gemini-3.8-flash", "medium", []),
        ("gemini-3.5-flash", "minimal", []),
        ("gemini-2.5-flash", "none", []),
        ("gemini-2.5-pro", "none", ["effort"]),
        ("gemini-1.5-pro", "high", ["effort"]),
    ],
)
def test_effort_that_a_model_does_not_know_has_a_note(
    provider: GeminiProvider, model: str, effort: Any, notes: list[str]
) -> None:
    assert written(provider, model, effort=effort)[1] == notes


def refuse(provider: GeminiProvider, request: CompletionRequest, message: str, status: int = 400) -> bool:
    return provider.revise(request, RequestError("No", status=status, detail=message))


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("Thinking is not enabled for models/m", "thinkingConfig"),
        ("thinking_config is not supported.", "thinkingConfig"),
        ("Thinking level is not supported for this model.", "thinkingConfig"),
        ("JSON mode is not enabled for models/m", "responseMimeType"),
        (
            "Function calling with a response mime type: 'application/json' is unsupported",
            "responseMimeType",
        ),
        ("temperature is not supported by this model", "temperature"),
    ],
)
def test_a_refusal_is_learned_from_once(provider: GeminiProvider, message: str, gone: str) -> None:
    request = CompletionRequest(
        "gemini-3.1-pro-preview",
        (HI,),
        temperature=0.1,
        tools=(LOOK_UP,),
        response_format=ResponseFormat("json_object"),
    )
    assert gone in provider.completion_body(request)["generationConfig"]
    assert refuse(provider, request, message)
    adapted, _ = provider.adapt(request)
    assert gone not in provider.completion_body(adapted)["generationConfig"]
    assert not refuse(provider, request, message)


def test_a_level_that_is_refused_gives_way_to_the_next(provider: GeminiProvider) -> None:
    request = CompletionRequest("gemini-4-argon", (HI,), effort="max")
    message = "Thinking level XHIGH is not supported for this model. Please retry with other thinking level."
    assert refuse(provider, request, message)
    adapted, notes = provider.adapt(request)
    assert provider.completion_body(adapted)["generationConfig"]["thinkingConfig"]["thinkingLevel"] == "HIGH"
    assert [note.parameter for note in notes] == ["effort"]


def test_an_older_interface_gets_schemas_in_its_own_words(provider: GeminiProvider) -> None:
    schema = {"$schema": "x", "type": "object", "properties": {"n": {"const": 1, "type": "integer"}}}
    request = CompletionRequest(
        "gemini-3.1-pro-preview",
        (HI,),
        tools=(LOOK_UP,),
        response_format=ResponseFormat("json_schema", schema),
    )
    message = "Invalid JSON payload received. Unknown name \"responseJsonSchema\" at 'generation_config'"
    assert refuse(provider, request, message)
    body = provider.completion_body(provider.adapt(request)[0])
    assert body["generationConfig"]["responseSchema"] == {
        "type": "object",
        "properties": {"n": {"type": "integer", "enum": [1]}},
    }
    (declared,) = body["tools"][0]["functionDeclarations"]
    assert declared["parameters"]["properties"]["a"] == {"type": "string", "nullable": True}


@pytest.mark.parametrize(
    ("message", "status"), [("Please use a valid role.", 400), ("Thinking is not enabled for models/m", 500)]
)
def test_any_other_refusal_teaches_nothing(provider: GeminiProvider, message: str, status: int) -> None:
    request = CompletionRequest("gemini-3.1-pro-preview", (HI,))
    assert not refuse(provider, request, message, status)


def test_a_schema_that_refers_to_itself_ends() -> None:
    tree = {"$ref": "#/$defs/T", "$defs": {"T": {"type": "array", "items": {"$ref": "#/$defs/T"}}}}
    assert schema_of_openapi(tree)["items"]["type"] == "array"
