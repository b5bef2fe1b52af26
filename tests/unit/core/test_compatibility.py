from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from aiproxy_desktop.core.compatibility import alternatives, check, refuse
from aiproxy_desktop.core.errors import RequestTooLargeError, UnsupportedError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaLink,
    MediaPart,
    Message,
    NativeTool,
    Part,
    ResponseFormat,
    TextPart,
    Tool,
    ToolResultPart,
)
from aiproxy_desktop.core.models import Capabilities, ModelInfo

TODAY = date(2026, 11, 22)
UNKNOWN = ModelInfo("unknown", "a", "Unknown")
NOTHING = ModelInfo(
    "nothing",
    "a",
    "Nothing",
    capabilities=Capabilities(
        vision=False,
        audio=False,
        video=False,
        documents=False,
        tools=False,
        json_mode=False,
        json_schema=False,
        images_out=False,
    ),
)
IMAGE = MediaPart("image", "image/png", b"x")
SOUND = MediaPart("audio", "audio/x-m4a", b"x")
FILM = MediaPart("video", "video/mp4", b"x")
PDF = MediaLink("document", "paper.pdf", "application/pdf")
TEXT_FILE = MediaPart("document", "text/markdown", b"# x")
UNSEEN_FILE = MediaLink("document", "https://example.org/file")


def request(*parts: Part, **options: Any) -> CompletionRequest:
    return CompletionRequest("m", (Message("user", (TextPart("Look"), *parts)),), **options)


def asked_for(kind: Any) -> CompletionRequest:
    return request(response_format=ResponseFormat(kind, {}))


@pytest.mark.parametrize(
    ("asked", "part", "capability"),
    [
        (request(IMAGE), "image", "vision"),
        (request(SOUND), "audio", "audio"),
        (request(FILM), "video", "video"),
        (request(PDF), "document", "documents"),
        (request(tools=(Tool("look"),)), "tools", "tools"),
    ],
)
def test_what_a_model_is_known_not_to_take_is_refused_by_name(
    asked: CompletionRequest, part: str, capability: str
) -> None:
    can = ModelInfo("can", "b", "Can", capabilities=Capabilities(**{capability: True}))
    bigger = replace(can, id="bigger", context_window=100_000)
    known = (UNKNOWN, NOTHING, can, bigger, replace(can, id="third"), replace(can, id="fourth"))
    with pytest.raises(UnsupportedError) as caught:
        refuse(NOTHING, asked, known)
    error = caught.value
    assert (error.part, error.model, error.provider) == (part, "a:nothing", "a")
    assert error.alternatives == ("b:bigger", "b:can", "b:fourth")
    assert "Nothing" in error.title
    assert "b:bigger" in error.advice
    (problem,) = check(NOTHING, asked, known)
    assert (problem.part, problem.refused, problem.title, problem.advice) == (
        part,
        True,
        error.title,
        error.advice,
    )
    refuse(UNKNOWN, asked, known)
    assert check(UNKNOWN, asked) == ()


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        (asked_for("json_object"), "json_mode"),
        (asked_for("json_schema"), "json_schema"),
        (request(images=True), "images"),
    ],
)
def test_what_can_be_put_in_other_words_is_a_remark(asked: CompletionRequest, part: str) -> None:
    refuse(NOTHING, asked)
    (problem,) = check(NOTHING, asked)
    assert (problem.part, problem.refused) == (part, False)
    assert problem.advice


def test_an_alternative_takes_all_of_it() -> None:
    asked = request(IMAGE, SOUND)
    sees = ModelInfo("sees", "b", "S", capabilities=Capabilities(vision=True))
    both = ModelInfo("both", "b", "B", capabilities=Capabilities(vision=True, audio=True))
    assert alternatives(NOTHING, asked, (sees, both)) == (both,)
    assert [one.part for one in check(NOTHING, asked)] == ["image", "audio"]
    with pytest.raises(UnsupportedError, match="pick another model"):
        refuse(NOTHING, asked, (sees,))


@pytest.mark.parametrize(
    "asked",
    [
        request(),
        request(TEXT_FILE),
        request(UNSEEN_FILE),
        request(tools=(NativeTool({"type": "web_search"}),)),
    ],
)
def test_what_needs_no_capability(asked: CompletionRequest) -> None:
    assert check(NOTHING, asked) == ()


def test_a_schema_may_be_met_by_a_model_that_only_knows_json() -> None:
    model = ModelInfo("m", "a", "M", capabilities=Capabilities(json_mode=True, json_schema=False))
    assert check(model, asked_for("json_schema")) == ()


@pytest.mark.parametrize(
    ("provider", "mime", "taken"),
    [
        ("openai", "audio/mpeg", True),
        ("openai", "audio/x-wav", True),
        ("openai", "audio/flac", False),
        ("gemini", "audio/flac", True),
        ("gemini", "audio/ogg; codecs=opus", True),
        ("gemini", "audio/midi", False),
        ("somewhere", "audio/midi", True),
    ],
)
def test_formats_of_sound(provider: str, mime: str, taken: bool) -> None:
    model = ModelInfo("m", provider, "M", capabilities=Capabilities(audio=True))
    found = check(model, request(MediaPart("audio", mime, b"x")))
    assert (not found) == taken
    assert all(one.part == "audio" and "Convert" in one.advice for one in found)


def test_what_is_certainly_too_long() -> None:
    model = ModelInfo("m", "a", "M", context_window=100)
    fits = CompletionRequest("m", (Message.of("user", "x" * 3200),))
    assert check(model, fits) == ()
    longer = CompletionRequest(
        "m", (Message.of("user", "ü" * 1599), Message("tool", (ToolResultPart("1", "t", "abc"),)))
    )
    larger = replace(model, id="larger", context_window=1000)
    (problem,) = check(model, longer, (model, larger, UNKNOWN))
    assert (problem.part, problem.refused) == ("length", True)
    with pytest.raises(RequestTooLargeError, match=r"100 tokens at most.*a:larger could take it"):
        refuse(model, longer, (model, larger, UNKNOWN))
    refuse(UNKNOWN, longer)


def test_remarks_refuse_nothing() -> None:
    model = ModelInfo("m", "a", "M", output_limit=10, retires_on=TODAY)
    asked = request(max_tokens=11)
    assert [(one.part, one.refused) for one in check(model, asked, today=TODAY)] == [
        ("max_tokens", False),
        ("retired", False),
    ]
    refuse(model, asked, today=TODAY)
    assert check(model, request(max_tokens=10), today=date(2026, 11, 21)) == ()


def test_what_is_refused_comes_before_the_remarks() -> None:
    model = replace(NOTHING, retires_on=TODAY)
    found = check(model, request(IMAGE), today=TODAY)
    assert [one.part for one in found] == ["image", "retired"]
    assert all(one.advice for one in found)


@pytest.mark.parametrize(
    ("provider", "uri", "taken"),
    [
        ("gemini", "gs://films/a.mp4", True),
        ("gemini", "https://youtu.be/x", True),
        ("gemini", "files/1", False),
        ("gemini", "file-1", False),
        ("openai", "file-1", True),
        ("anthropic", "file_1", True),
        ("openai", "gs://films/a.mp4", False),
        ("anthropic", "https://generativelanguage.googleapis.com/v1beta/files/1?key=k", False),
        ("openrouter", "https://youtu.be/x", False),
        ("lmstudio", "gs://films/a.mp4", False),
        ("litellm", "gs://films/a.mp4", True),
        ("a plug-in", "gs://films/a.mp4", True),
        ("a plug-in", "file-1", True),
    ],
)
def test_files_are_read_where_they_are_held(provider: str, uri: str, taken: bool) -> None:
    model = ModelInfo("m", provider, "Model M")
    asked = request(HostedMediaPart("video", "video/mp4", uri))
    if taken:
        refuse(model, asked)
        assert check(model, asked) == ()
        return
    with pytest.raises(UnsupportedError) as caught:
        refuse(model, asked)
    assert (caught.value.part, caught.value.model) == ("video", f"{provider}:m")
    assert caught.value.title == f"Model M cannot read the video “{uri.partition('?')[0]}”"
    assert "the file itself" in caught.value.advice
    assert [one.title for one in check(model, asked)] == [caught.value.title]


def test_who_reads_a_file_where_it_is_is_told() -> None:
    films = Capabilities(video=True)
    known = [ModelInfo("m", provider, "M", capabilities=films) for provider in ("gemini", "openrouter")]
    mine = ModelInfo("m", "openai", "M")
    with pytest.raises(UnsupportedError, match="gemini:m could take it") as caught:
        refuse(mine, request(HostedMediaPart("video", "", "https://youtu.be/x")), known)
    assert caught.value.alternatives == ("gemini:m",)


def test_an_id_of_a_file_is_not_taken_elsewhere() -> None:
    sees = Capabilities(vision=True)
    known = [ModelInfo("sees", provider, "S", capabilities=sees) for provider in ("openai", "anthropic")]
    blind = ModelInfo("m", "openai", "M", capabilities=Capabilities(vision=False))
    assert alternatives(blind, request(HostedMediaPart("image", "", "file-1")), known) == (known[0],)
