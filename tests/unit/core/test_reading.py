"""Bad input: one named error each, which says where it is; and good input in every shape."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.media import MediaLimits
from aiproxy_desktop.core.messages import (
    HostedMediaPart,
    MediaLink,
    MediaPart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.reading import read_messages

PNG = b"\x89PNG\r\n\x1a\n1"
WAV = b"RIFF\x04\0\0\0WAVEfmt "
PDF = b"%PDF-1.7\n"
MP4 = b"\0\0\0\x18ftypmp42"


def b64(data: bytes) -> str:
    return b64encode(data).decode()


def user(*parts: Any) -> list[Any]:
    return [{"role": "user", "content": list(parts)}]


def calling(arguments: Any, **more: Any) -> list[Any]:
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": arguments}, **more}
    return [{"role": "user", "content": "x"}, {"role": "assistant", "content": None, "tool_calls": [call]}]


def part_of(part: Any) -> Part:
    return read_messages(user(part))[0].parts[0]


def test_every_role_is_one_of_four() -> None:
    roles = ["system", "developer", "user", "assistant", "model"]
    read = read_messages([{"role": role, "content": "x"} for role in roles])
    assert [message.role for message in read] == ["system", "system", "user", "assistant", "assistant"]


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ({"role": "user", "content": "x"}, "one message, not a list"),
        (Message.of("user", "x"), "one message, not a list"),
        ("Hello", "a text, not a list"),
        (None, "messages are null, not a list"),
        (5, "messages are a number"),
        ([], "There are no messages"),
        (["x"], "Message 1 is a text, not a message"),
        ([{"content": "x"}], "Message 1 has no role"),
        (
            [{"role": "user", "content": "x"}, {"role": "wizard", "content": "x"}],
            "Message 2 has “wizard” as its role",
        ),
        ([{"role": 5, "content": "x"}], "Message 1 has a number as its role"),
        ([{"role": ["user"], "content": "x"}], "Message 1 has a list as its role"),
        ([{"role": "user", "content": None}], "Message 1 of the role “user” has no content"),
        ([{"role": "user"}], "Message 1 of the role “user” has no content"),
        ([{"role": "user", "content": []}], "Message 1 of the role “user” has no content"),
        ([{"role": "assistant", "content": None}], "Message 1 of the role “assistant” has no content"),
        ([{"role": "user", "content": {"type": "text", "text": "x"}}], "an object as its content"),
        ([{"role": "user", "content": b"x"}], "bytes as its content"),
        (user(5), "Message 1, part 1, is a number, not a part"),
        (user({"type": "hologram"}), "of the type “hologram”, so that it cannot be sent"),
        (user({"url": "x"}), "has no type"),
        (user({"type": "text"}), "is null, not a text"),
        ([{"role": "user", "content": "half a \ud83d"}], "lone surrogate"),
        (user({"type": "text", "text": "\udc00"}), "lone surrogate"),
        (
            [{"role": "system", "content": [{"type": "image_url", "image_url": "https://a.example/b.png"}]}],
            "system message",
        ),
        (
            [{"role": "tool", "content": "x", "tool_call_id": "c9"}],
            "tool call “c9”, which no message before it made",
        ),
        ([{"role": "tool", "content": "x"}], "does not say which tool call it answers"),
        ([{"role": "function", "name": "f", "content": "x"}], "does not say which tool call of “f”"),
        (calling('{"a": NaN}'), "Message 2, tool call 1, “arguments” of “f”, is not JSON"),
        (calling('{"a": Infinity}'), "is not JSON"),
        (calling('{"a": 1'), "is not JSON"),
        (calling("[1]"), "is a list, not an object"),
        (calling(5), "is a number, not an object"),
        (calling(f'{{"a": {DEEP}}}'), "nested more than 128 deep"),
        (calling('{"a": ' + "[" * 300 + "]" * 300 + "}"), "nested more than 128 deep"),
        (calling('{"a": ' + "9" * 5000 + "}"), "more than 4300 digits"),
        (calling('{"a": 0.' + "9" * 5000 + "}"), "more than 4300 digits"),
        (calling('{"a": 1e999}'), "a number that is too large"),
        (calling({"a": 10**5000}), "more than 4300 digits"),
        (calling({"a": float("nan")}), "NaN or Infinity"),
        (calling({"a": {1}}), "which JSON does not know"),
        (calling({1: 1}), "a number as a name"),
        (calling({"a": "\ud800"}), "lone surrogate"),
        (calling("{}", type="custom"), "of the type “custom”"),
        (calling("{}", function={"arguments": "{}"}), "is null, not a text"),
        (calling("{}", function=None), "has no function"),
        ([{"role": "assistant", "tool_calls": {"id": 1}}], "an object as its tool calls"),
        (
            [{"role": "assistant", "tool_calls": [calling("{}")[1]["tool_calls"][0]] * 2}],
            "the id “c1” of another",
        ),
    ],
)
def test_bad_messages_are_refused_by_name(messages: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said) as caught:
        read_messages(messages)
    assert caught.value.advice
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"type": "image_url", "image_url": {"url": "data:"}}, "is not a data URL"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64"}}, "is not a data URL"),
        ({"type": "image_url", "image_url": {"url": "data:png;base64,AAAA"}}, "is not a data URL"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,A?=="}}, "is not base64"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAA"}}, "is not base64"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,ÄÄÄÄ"}}, "is not base64"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}, "holds no bytes"),
        ({"type": "image_url", "image_url": {"url": "data:;base64,AAAA"}}, "of no known type"),
        ({"type": "image_url", "image_url": {"url": "photo.png"}}, "neither an address nor a path"),
        (
            {"type": "image_url", "image_url": {"url": "ftp://a.example/b?secret"}},
            "neither an address nor a path",
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://me:secret@a.example/b"}},
            "no sound address",
        ),
        ({"type": "image_url", "image_url": {"url": "https://a.example:99999/?secret"}}, "no sound address"),
        ({"type": "image_url", "image_url": {"url": "/a\0b"}}, "neither an address nor a path"),
        ({"type": "image_url", "image_url": {"url": 5}}, "a number, not a text"),
        ({"type": "image_url", "image_url": 5}, "a number as its file"),
        ({"type": "image_url"}, "holds no file"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "midi"}}, "has the format “midi”"),
        ({"type": "input_audio", "input_audio": {"data": "AAAA"}}, "of no known type"),
        ({"type": "input_audio", "input_audio": {"data": "A", "format": "mp3"}}, "is not base64"),
        (
            {"type": "document", "document": {"data": b64(b"\xff\xfe"), "mime_type": "text/plain"}},
            "not UTF-8",
        ),
        ({"type": "file", "file": {"file_id": 5}}, "a number, not a text"),
    ],
)
def test_bad_media_are_refused_by_name(part: Any, said: str) -> None:
    with pytest.raises(InvalidRequestError, match=said) as caught:
        read_messages(user("look", part))
    assert caught.value.title.startswith("Message 1, part 2,")
    assert "secret" not in str(caught.value)


def test_formats_of_sound_that_are_taken_are_named() -> None:
    with pytest.raises(InvalidRequestError) as caught:
        part_of({"type": "input_audio", "input_audio": {"data": "AAAA", "format": "pcm16"}})
    assert "mp3, wav, aac, ogg, flac" in caught.value.advice


def test_what_is_too_large_is_refused_before_it_is_decoded() -> None:
    body = "A" * (300 * 1024 * 1024)
    with pytest.raises(InvalidRequestError, match="too large: 225 MiB, where 50 MiB"):
        part_of({"type": "image_url", "image_url": {"url": "data:image/png;base64," + body}})
    with pytest.raises(InvalidRequestError, match="too large"):
        part_of({"type": "text", "text": body})
    with pytest.raises(InvalidRequestError, match="too large"):
        read_messages(calling(body))


def test_all_parts_together_have_a_bound() -> None:
    limits = MediaLimits(image=20, request=30)
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64(PNG * 2)}"}}
    assert read_messages(user(image), None, limits)
    with pytest.raises(InvalidRequestError, match="message 1, part 2"):
        read_messages(user(image, image), None, limits)


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ("x", TextPart("x")),
        ({"type": "text", "text": "x"}, TextPart("x")),
        ({"type": "input_text", "text": "x"}, TextPart("x")),
        (
            {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}},
            MediaLink("image", "https://a.example/b.png"),
        ),
        ({"type": "image_url", "image_url": "/tmp/b.png"}, MediaLink("image", "/tmp/b.png")),
        ({"type": "input_image", "image_url": "file:///b.png"}, MediaLink("image", "file:///b.png")),
        (
            {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{b64(PNG)}"}},
            MediaPart("image", "image/png", PNG),
        ),
        (
            {"type": "image_url", "image_url": {"url": f"DATA:image/x;charset=a;base64, {b64(b'?')}\n"}},
            MediaPart("image", "image/x", b"?"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:text/plain,a%20b"}},
            MediaPart("document", "text/plain", b"a b"),
        ),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgox%2B%2B%2B%2B"}},
            MediaPart("image", "image/png", PNG[:-1] + b"1\xfb\xef\xbe"),
        ),
        (
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64(PNG)}},
            MediaPart("image", "image/png", PNG),
        ),
        ({"type": "image", "data": PNG}, MediaPart("image", "image/png", PNG)),
        (
            {"type": "audio_url", "audio_url": {"url": f"data:audio/mp3;base64,{b64(b'AAA')}"}},
            MediaPart("audio", "audio/mpeg", b"AAA"),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": b64(b"AAA"), "format": "mp3"}},
            MediaPart("audio", "audio/mpeg", b"AAA"),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": b64(WAV), "format": "mp3"}},
            MediaPart("audio", "audio/wav", WAV),
        ),
        (
            {"type": "input_audio", "input_audio": {"data": f"data:;base64,{b64(b'A')}", "format": "flac"}},
            MediaPart("audio", "audio/flac", b"A"),
        ),
        ({"type": "pdf", "pdf": {"data": b64(PDF)}}, MediaPart("document", "application/pdf", PDF)),
        (
            {"type": "pdf", "pdf": {"url": "https://a.example/b"}},
            MediaLink("document", "https://a.example/b", "application/pdf"),
        ),
        (
            {
                "type": "file",
                "file": {"file_data": f"data:application/pdf;base64,{b64(PDF)}", "filename": "a.pdf"},
            },
            MediaPart("document", "application/pdf", PDF, "a.pdf"),
        ),
        ({"type": "file", "file": {"file_id": "file-1"}}, HostedMediaPart("document", "", "file-1")),
        (
            {"type": "input_file", "file_url": "https://a.example/b.pdf"},
            MediaLink("document", "https://a.example/b.pdf"),
        ),
        (
            {"type": "input_file", "file_data": b64(b"a,b"), "filename": "a.csv"},
            MediaPart("document", "text/csv", b"a,b", "a.csv"),
        ),
        (
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"},
                "title": "t",
            },
            MediaPart("document", "text/plain", "Grüße".encode(), "t"),
        ),
        (
            {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{b64(MP4)}"}},
            MediaPart("video", "video/mp4", MP4),
        ),
        ({"type": "video", "url": "https://youtu.be/x"}, HostedMediaPart("video", "", "https://youtu.be/x")),
        (
            {"type": "video", "video": {"url": "gs://a/b.mp4"}},
            HostedMediaPart("video", "video/mp4", "gs://a/b.mp4"),
        ),
    ],
)
def test_every_shape_of_a_part_is_read(part: Any, read: Part) -> None:
    assert part_of(part) == read


URL = f"data:image/png;base64,{b64(PNG)}"


@pytest.mark.parametrize(
    ("part", "read"),
    [
        (
            {"type": "image_url", "image_url": {"url": URL, "detail": "low"}},
            MediaPart("image", "image/png", PNG, detail="low"),
        ),
        (
            {"type": "input_image", "image_url": URL, "detail": "original"},
            MediaPart("image", "image/png", PNG, detail="original"),
        ),
        (
            {"type": "input_image", "image_url": URL, "detail": None},
            MediaPart("image", "image/png", PNG),
        ),
        (
            {"type": "image_url", "image_url": {"url": "https://a.test/x.png", "detail": "high"}},
            MediaLink("image", "https://a.test/x.png", detail="high"),
        ),
        (
            {"type": "input_file", "file_id": "file-1", "detail": "auto"},
            HostedMediaPart("document", "", "file-1", "auto"),
        ),
    ],
)
def test_how_closely_to_look_is_read(part: Any, read: Part) -> None:
    assert part_of(part) == read


@pytest.mark.parametrize("detail", ["enormous", 5])
def test_a_detail_that_is_none_is_refused(detail: Any) -> None:
    with pytest.raises(InvalidRequestError, match="Message 1, part 1"):
        part_of({"type": "image_url", "image_url": {"url": URL, "detail": detail}})


def test_calls_and_results_find_each_other() -> None:
    def call(name: str, **more: Any) -> dict[str, Any]:
        return {"function": {"name": name, "arguments": {"a": 1}}, **more}

    read = read_messages(
        [
            {"role": "assistant", "tool_calls": [call("f", id="c1"), call("g"), call("g")]},
            {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "1"}, "2"]},
            {"role": "tool", "name": "g", "content": "first"},
            {"role": "tool", "content": "second", "is_error": True},
            {"role": "assistant", "content": "", "function_call": {"name": "h", "arguments": ""}},
            {"role": "function", "name": "h", "content": ""},
        ]
    )
    assert read == (
        Message(
            "assistant",
            (
                ToolCallPart("c1", "f", '{"a":1}'),
                ToolCallPart("call_1_2", "g", '{"a":1}'),
                ToolCallPart("call_1_3", "g", '{"a":1}'),
            ),
        ),
        Message("tool", (ToolResultPart("c1", "f", "12"),)),
        Message("tool", (ToolResultPart("call_1_2", "g", "first"),)),
        Message("tool", (ToolResultPart("call_1_3", "g", "second", failed=True),)),
        Message("assistant", (ToolCallPart("call_5_1", "h", "{}"),)),
        Message("tool", (ToolResultPart("call_5_1", "h", ""),)),
    )


def test_a_result_may_answer_a_call_of_a_value() -> None:
    call = Message("assistant", (ToolCallPart("c1", "f", "{}"),))
    read = read_messages([call, {"role": "tool", "tool_call_id": "c1", "content": "x"}])
    assert read[0] is call
    assert read[1].parts == (ToolResultPart("c1", "f", "x"),)


def test_arguments_stay_as_they_were_written() -> None:
    text = ' { "a" : 12345678901234567890.10 , "b":"\\u2028", "n": ' + "7" * 4000 + " }"
    (call,) = read_messages(calling(text))[1].tool_calls
    assert call.arguments == text


def test_what_a_model_thought_and_painted_is_read() -> None:
    images = [{"type": "image_url", "image_url": {"url": f"data:;base64,{b64(PNG)}"}}, b64(PNG), PNG]
    (message,) = read_messages(
        [{"role": "assistant", "content": None, "reasoning": "hm", "images": [*images, {"data": PNG}]}]
    )
    assert message.parts == (ReasoningPart("hm"), *[MediaPart("image", "image/png", PNG)] * 4)


def test_what_another_wants_back_is_read_where_it_names_its_owner() -> None:
    details = [
        {"type": "reasoning.encrypted", "data": "theirs"},
        {"type": "reasoning.encrypted", "provider": "p", "data": {"a": 1}, "after": {"content": 99}},
    ]
    (message,) = read_messages([{"role": "assistant", "content": "x", "reasoning_details": details}])
    assert message.parts == (TextPart("x"), OpaquePart("p", '{"a":1}'))


def test_a_system_instruction_comes_first() -> None:
    given = Message.of("user", "x")
    assert read_messages([given], "Be brief.") == (Message.of("system", "Be brief."), given)
    assert read_messages([given], "") == (given,)
    wrong: Any = 5
    with pytest.raises(AIProxyError, match="system instruction is a number"):
        read_messages([given], wrong)


def test_a_speaker_has_a_name_that_is_a_text() -> None:
    (message,) = read_messages([{"role": "user", "content": "Hi", "name": "ann"}])
    assert message == Message("user", (TextPart("Hi"),), "ann")
    with pytest.raises(InvalidRequestError, match="Message 1"):
        read_messages([{"role": "user", "content": "Hi", "name": 5}])
