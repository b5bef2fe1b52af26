"""What model files say about themselves, and files that say too much, too little or what is not so."""

from __future__ import annotations

import io
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import NotGgufError, read_head, read_tail
from aiproxy_desktop.core.providers.builtin.local_models import clean, default_model, local_model
from aiproxy_desktop.core.providers.builtin.memory import shape_of
from aiproxy_desktop.core.providers.builtin.quantization import quantization_name
from aiproxy_desktop.core.providers.builtin.whole_file import check_whole
from tests.gguf_files import (
    LLAMA,
    gguf,
    long_number,
    model_file,
    number,
    numbers,
    short_number,
    string,
    strings,
    tensors,
    text,
    truth,
    truths,
)

VOCABULARY = strings("tokenizer.ggml.tokens", *(f"word{at}" for at in range(300)))
WHOLE = gguf(
    *LLAMA, VOCABULARY, string("tokenizer.chat_template", "{{ messages }}"), tensors=tensors(100, 50, 10)
)


def refusal(path: Path) -> str:
    with pytest.raises(LocalModelError) as caught:
        local_model(path)
    assert caught.value.advice
    return caught.value.title


def test_a_model_tells_its_size_rounding_licence_and_author(tmp_path: Path) -> None:
    model = local_model(model_file(tmp_path / "a.gguf"))
    assert (model.parameters, model.quantization) == ("7B", "Q4_K_M")
    assert (model.license, model.author, model.context_window) == ("mit", "Someone", 32768)
    assert model.shape is not None
    assert model.shape.cache_widths == (8 * 256,) * 32


def test_the_default_model_is_what_its_head_says() -> None:
    model = default_model()
    assert model is not None
    found = local_model(Path(model.path))
    assert (
        (found.parameters, found.quantization) == (model.parameters, model.quantization) == ("135M", "Q4_1")
    )
    assert (found.license, found.author, found.shape) == (model.license, model.author, model.shape)
    check_whole(Path(model.path), "it")


def test_the_rounding_may_stand_behind_the_vocabulary_or_in_the_name(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(LLAMA[0], VOCABULARY, number("general.file_type", 7)))
    assert local_model(path).quantization == "Q8_0"
    named = tmp_path / "some-model-IQ3_XXS.gguf"
    named.write_bytes(gguf(LLAMA[0], VOCABULARY))
    assert local_model(named).quantization == "IQ3_XXS"


@pytest.mark.parametrize(
    ("file_type", "stem", "name"),
    [
        (15, "x", "Q4_K_M"),
        (1024 + 7, "x", "Q8_0"),
        (5, "x.Q5_K_S", "Q5_K_S"),
        (None, "Llama-3-8B-q6_k", "Q6_K"),
        (None, "model.f16", "F16"),
        (None, "model.BF16", "BF16"),
        (None, "GQ4_0", ""),
        (None, "model", ""),
        (2**31, "model", ""),
    ],
)
def test_roundings_have_names(file_type: int | None, stem: str, name: str) -> None:
    assert quantization_name(file_type, stem) == name


@pytest.mark.parametrize(
    ("pair", "parameters"),
    [
        (string("general.size_label", "8x7B"), "8x7B"),
        (string("general.size_label", "<b>7B</b>"), ""),
        (string("general.size_label", "7" * 10_000), ""),
        (long_number("general.parameter_count", 7_615_616_512), "7.62B"),
        (long_number("general.parameter_count", 134_515_008), "135M"),
        (long_number("general.parameter_count", 2**63), ""),
        (string("general.parameter_count", "many"), ""),
    ],
)
def test_the_number_of_parameters_comes_from_the_label_or_the_count(
    tmp_path: Path, pair: bytes, parameters: str
) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(gguf(LLAMA[0], pair))
    assert local_model(path).parameters == parameters


def test_texts_of_a_file_are_shown_in_one_bounded_line(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m <b>\nname\u202e.gguf"
    path.write_bytes(gguf(LLAMA[0], string("general.license", "l\n" * 10_000), VOCABULARY))
    model = local_model(path)
    assert model.display_name == "a [31m <b> name"
    assert model.id == "a-[31m-<b>-name"
    assert len(model.license) == 60
    assert model.license.endswith("…")
    assert clean("x" * 10_000).endswith("x…")
    assert len(clean("x" * 10_000)) == 120


# Shapes


def test_heads_may_differ_from_layer_to_layer() -> None:
    row = numbers("llama.attention.head_count_kv", *([8, 0] * 16))
    shape = shape_of(read_head(io.BytesIO(gguf(*LLAMA[:10], row))))
    assert shape is not None
    assert shape.cache_widths == (8 * 256, 0) * 16


def test_keys_and_values_may_have_lengths_of_their_own() -> None:
    more = (number("llama.attention.key_length", 192), number("llama.attention.value_length", 128))
    shape = shape_of(read_head(io.BytesIO(gguf(*LLAMA, *more))))
    assert shape is not None
    assert shape.cache_widths == (8 * 320,) * 32


def test_layers_with_a_window_keep_no_more_than_it() -> None:
    more = (
        number("llama.attention.sliding_window", 1024),
        truths("llama.attention.sliding_window_pattern", *([True, False] * 16)),
    )
    shape = shape_of(read_head(io.BytesIO(gguf(*LLAMA, *more))))
    assert shape is not None
    assert shape.cache_bytes(32768) == 16 * 8 * 256 * 2 * (32768 + 1280)


@pytest.mark.parametrize(
    "pairs",
    [
        (),
        (number("llama.block_count", 0),),
        (number("llama.block_count", 2**31),),
        (number("llama.block_count", 4),),
        (number("llama.block_count", 4), number("llama.attention.head_count", 2**31)),
        (number("llama.block_count", 4), numbers("llama.attention.head_count_kv", 1, 2)),
        (number("llama.block_count", 4), number("llama.attention.head_count", 0)),
        (string("llama.block_count", "four"), number("llama.attention.head_count", 4)),
    ],
)
def test_a_shape_that_no_model_has_is_unknown(pairs: tuple[bytes, ...]) -> None:
    assert shape_of(read_head(io.BytesIO(gguf(LLAMA[0], *pairs)))) is None


def test_a_context_that_no_model_has_is_unknown() -> None:
    for value in (0, 2**40, 2**63):
        head = read_head(io.BytesIO(gguf(LLAMA[0], long_number("llama.context_length", value))))
        assert head.context_length is None


# Files that are refused


@pytest.mark.parametrize(
    ("pairs", "what"),
    [
        ((string("general.architecture", "clip"), string("general.type", "mmproj")), "the eyes or ears"),
        ((string("general.architecture", "clip"),), "the eyes or ears"),
        ((string("general.architecture", "llama"), string("general.type", "adapter")), "an addition"),
        ((string("general.architecture", "nomic-bert"),), "searching text"),
        ((string("general.architecture", "qwen3"), number("qwen3.pooling_type", 3)), "searching text"),
        ((string("general.architecture", "flux"),), "making pictures"),
    ],
)
def test_what_is_no_language_model_is_named(tmp_path: Path, pairs: tuple[bytes, ...], what: str) -> None:
    path = tmp_path / "other.gguf"
    path.write_bytes(gguf(*pairs, VOCABULARY))
    sentence = refusal(path)
    assert sentence.startswith("other.gguf is ")
    assert what in sentence


def test_a_model_that_pools_nothing_is_a_language_model(tmp_path: Path) -> None:
    path = model_file(tmp_path / "m.gguf", number("llama.pooling_type", 0))
    assert local_model(path).display_name == "m"


def parts(folder: Path, *numbers: int, of: int = 3) -> list[Path]:
    split = (short_number("split.no", 0), short_number("split.count", of))
    return [model_file(folder / f"big-{number:05}-of-{of:05}.gguf", *split, size=5000) for number in numbers]


def test_a_model_in_parts_is_one_model(tmp_path: Path) -> None:
    first, *_ = parts(tmp_path, 1, 2, 3)
    model = local_model(first)
    assert (model.display_name, model.id, model.size_bytes) == ("big", "big", 15_000)


@pytest.mark.parametrize(
    ("present", "of", "words"),
    [
        ((1, 3), 3, "is one of 3 parts, and part 2 is not beside it"),
        ((1,), 3, "is one of 3 parts, and parts 2 and 3 are not beside it"),
        ((1,), 20, "is one of 20 parts, and parts 2, 3, 4 and 16 more are not beside it"),
        ((2, 1), 3, "is part 2 of 3 of a model"),
    ],
)
def test_missing_parts_are_named(tmp_path: Path, present: tuple[int, ...], of: int, words: str) -> None:
    assert words in refusal(parts(tmp_path, *present, of=of)[0])


def test_a_part_under_another_name_is_found_out(tmp_path: Path) -> None:
    path = parts(tmp_path, 1)[0].rename(tmp_path / "mine.gguf")
    assert refusal(path).startswith("mine.gguf is one of 3 parts of a model")


@pytest.mark.parametrize("name", ["m-00000-of-00003.gguf", "m-00005-of-00003.gguf", "m-1-of-3.gguf"])
def test_names_that_only_look_like_parts_are_names(tmp_path: Path, name: str) -> None:
    assert local_model(model_file(tmp_path / name)).display_name == name.removesuffix(".gguf")


def test_a_file_that_was_cut_off_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(WHOLE)
    check_whole(path, "cut.gguf")
    for size in (len(WHOLE) - 100, len(WHOLE) - 700, len(WHOLE) - 1000, 400):
        path.write_bytes(WHOLE[:size])
        with pytest.raises(LocalModelError, match=r"cut\.gguf is not whole"):
            check_whole(path, "cut.gguf")


def test_no_head_is_read_without_end() -> None:
    rows = [strings(f"k{at}", *([""] * 100_000)) for at in range(12)]
    with pytest.raises(NotGgufError, match="larger than any"):
        read_head(io.BytesIO(gguf(*rows)))


@settings(max_examples=300)
@given(st.data())
def test_any_mutation_is_refused_or_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    head = bytearray(WHOLE[:700] if data.draw(st.booleans()) else WHOLE)
    for _ in range(data.draw(st.integers(0, 8))):
        head[data.draw(st.integers(4, len(head) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(head)))
    path = tmp_path_factory.getbasetemp() / "mutated.gguf"
    path.write_bytes(head[:cut])
    try:
        model = local_model(path)
        check_whole(path, "it")
    except LocalModelError:
        return
    assert model.shape is None or model.shape.cache_bytes(4096) >= 0
    assert model.context_window is None or model.context_window > 0


@given(st.binary(max_size=300))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    read_tail(io.BytesIO(data))
    with suppress(NotGgufError):
        shape_of(read_head(io.BytesIO(b"GGUF\x03\0\0\0" + data)))


def test_truths_and_lone_numbers_are_read_as_rows() -> None:
    head = read_head(io.BytesIO(gguf(LLAMA[0], truth("a"), number("b", 3), numbers("c", 1, 2))))
    assert (head.numbers("a", 9), head.numbers("b", 9), head.numbers("c", 9)) == ((1,), (3,), (1, 2))
    assert (head.numbers("c", 1), head.numbers("d", 1), head.text("b"), head.number("c", 9)) == (
        (),
        (),
        "",
        None,
    )


def test_a_nested_array_is_refused() -> None:
    nested = text("a") + struct.pack("<IIQ", 9, 9, 5)
    with pytest.raises(NotGgufError):
        read_head(io.BytesIO(gguf(nested)))
