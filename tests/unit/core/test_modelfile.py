"""Modelfiles: what people write, and the sentence for what cannot be read."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.providers.ollama.modelfile import FileLine, parse_modelfile

WHOLE = '''\
# A pirate
from llama3.2:3b

PARAMETER temperature 0.7
parameter num_ctx   8192
PARAMETER stop "<|im_end|>"
PARAMETER stop User:
PARAMETER use_mmap false
TEMPLATE """{{ if .System }}{{ .System }}{{ end }}
{{ .Prompt }}"""
SYSTEM You are a pirate, # and no comment
LICENSE """
MIT
"""
LICENSE Apache
MESSAGE user Who are you?
MESSAGE assistant """Arr,
a pirate."""
ADAPTER ./arr.gguf
'''


def test_all_there_is() -> None:
    plan = parse_modelfile(WHOLE)
    assert plan.body() == {
        "from": "llama3.2:3b",
        "template": "{{ if .System }}{{ .System }}{{ end }}\n{{ .Prompt }}",
        "system": "You are a pirate, # and no comment",
        "license": ["\nMIT\n", "Apache"],
        "parameters": {
            "temperature": 0.7,
            "num_ctx": 8192,
            "stop": ["<|im_end|>", "User:"],
            "use_mmap": False,
        },
        "messages": [
            {"role": "user", "content": "Who are you?"},
            {"role": "assistant", "content": "Arr,\na pirate."},
        ],
    }
    assert plan.files == ()
    assert plan.adapters == (FileLine("./arr.gguf", 19),)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "./m.gguf",
            "m.GGUF",
            "/models/m",
            "~/m.gguf",
            "..\\m.gguf",
            "C:\\models\\m",
            '"/with space/m.gguf"',
        ),
        *("model/", "model.safetensors", '"/with space/m.gguf"'),
    ],
)
def test_a_file_after_from(path: str) -> None:
    plan = parse_modelfile(f"FROM {path}")
    assert (plan.model, plan.files) == ("", (FileLine(path.strip('"'), 1),))


@pytest.mark.parametrize(
    "name", ["llama3.2", "hf.co/someone/model-GGUF:Q4_K_M", "mine/model:tag", '"llama3.2"', "model.v2"]
)
def test_a_model_after_from(name: str) -> None:
    plan = parse_modelfile(f"FROM {name}\r\nSYSTEM hi\r\n")
    assert (plan.model, plan.files) == (name.strip('"'), ())


def test_a_model_that_sees_has_two_files() -> None:
    plan = parse_modelfile("FROM ./m.gguf\nFROM ./mmproj.gguf")
    assert [file.path for file in plan.files] == ["./m.gguf", "./mmproj.gguf"]


def test_parameters_of_a_newer_ollama_are_passed_on() -> None:
    lines = ["shiny 3", "warmth 0.5", "quick True", "mode deep thought", 'label "7b"', "bare", "shiny 4"]
    made = parse_modelfile("\n".join(["FROM a", *(f"PARAMETER {line}" for line in lines)]))
    assert made.body()["parameters"] == {
        "shiny": 4,
        "warmth": 0.5,
        "quick": True,
        "mode": "deep thought",
        "label": "7b",
        "bare": "",
    }
    with pytest.raises(InvalidRequestError) as caught:
        parse_modelfile("FROM a\nPARAMETER temprature 1")
    assert caught.value.advice == "Is temperature meant?"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("", "The Modelfile does not say what the model is made from"),
        ("# only\n\nSYSTEM hi", "The Modelfile does not say what the model is made from"),
        ("FROM a\nFORM b", "Line 2 of the Modelfile: “FORM” is no instruction"),
        ("FROM", "Line 1 of the Modelfile: FROM names nothing"),
        ("FROM a\nFROM b", "Line 2 of the Modelfile: FROM names a second model"),
        ("FROM a\nFROM ./b.gguf", "Line 2 of the Modelfile: FROM names a model and a file"),
        ("FROM a\nADAPTER", "Line 2 of the Modelfile: ADAPTER names nothing"),
        ("FROM a\nPARAMETER temprature 1", "Line 2 of the Modelfile: Ollama has no parameter “temprature”"),
        ("FROM a\nPARAMETER", "Line 2 of the Modelfile: PARAMETER names nothing"),
        ("FROM a\nPARAMETER temperature hot", "Line 2 of the Modelfile: temperature cannot be “hot”"),
        ("FROM a\nPARAMETER temperature nan", "Line 2 of the Modelfile: temperature cannot be “nan”"),
        ("FROM a\nPARAMETER num_ctx 1.5", "Line 2 of the Modelfile: num_ctx cannot be “1.5”"),
        ("FROM a\nPARAMETER numa maybe", "Line 2 of the Modelfile: numa cannot be “maybe”"),
        ("FROM a\n\nMESSAGE robot hi", "Line 3 of the Modelfile: a MESSAGE cannot be from “robot”"),
        ("FROM a\nSYSTEM one\nSYSTEM two", "Line 3 of the Modelfile: SYSTEM stands there twice"),
        ('FROM a\nSYSTEM """no\nend', 'Line 2 of the Modelfile: the text after """ has no end'),
        ('FROM a\nSYSTEM """one\n""" two', 'Line 3 of the Modelfile: something follows the closing """'),
    ],
)
def test_what_cannot_be_read(text: str, title: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parse_modelfile(text)
    assert caught.value.title == title
    assert caught.value.advice


def test_text_in_quotes_keeps_its_lines_as_they_are() -> None:
    plan = parse_modelfile('FROM a\nSYSTEM """\n  # not a comment\n\tFROM here\n"""\n# one\n')
    assert plan.body()["system"] == "\n  # not a comment\n\tFROM here\n"
    assert parse_modelfile('FROM a\nSYSTEM """one line"""').body()["system"] == "one line"


@given(st.text(max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    with suppress(InvalidRequestError):
        parse_modelfile(text)


@given(st.text(st.characters(exclude_characters='"', exclude_categories=("Cs", "Cc"))))
def test_what_is_written_in_quotes_comes_back(said: str) -> None:
    assert parse_modelfile(f'FROM a\nSYSTEM """{said}"""').body()["system"] == said
