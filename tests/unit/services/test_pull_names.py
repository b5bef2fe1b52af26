from __future__ import annotations

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.services.pull_names import pull_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("llama3.2", "llama3.2"),
        ("  gemma3:4b \n", "gemma3:4b"),
        ("llama3.2:latest", "llama3.2"),
        ("ollama pull llama3.2", "llama3.2"),
        ("$ ollama run qwen3:0.6b", "qwen3:0.6b"),
        ("ollama run --verbose qwen3 'Tell me a joke'", "qwen3"),
        ("OLLAMA.EXE pull phi4", "phi4"),
        (r"C:\Ollama\ollama.exe pull phi4", "phi4"),
        ("`mistral`", "mistral"),
        ("“mistral”", "mistral"),
        ("https://ollama.com/library/llama3.2:3b", "llama3.2:3b"),
        ("https://ollama.com/library/llama3.2/tags", "llama3.2"),
        ("ollama.com/library/llama3.2?x=1#y", "llama3.2"),
        ("https://ollama.com/mannix/gemma2-9b", "mannix/gemma2-9b"),
        ("ollama pull https://ollama.com/library/phi4", "phi4"),
        ("hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF", "hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF"),
        ("ollama run hf.co/a/b-GGUF:Q4_K_M", "hf.co/a/b-GGUF:Q4_K_M"),
        ("https://huggingface.co/a/b-GGUF", "hf.co/a/b-GGUF"),
        ("https://huggingface.co/a/b-GGUF/tree/main", "hf.co/a/b-GGUF"),
        ("https://huggingface.co/a/b-GGUF/blob/main/b-q4_k_m.gguf?download=true", "hf.co/a/b-GGUF:Q4_K_M"),
        ("https://huggingface.co/a/b-GGUF/resolve/main/b.IQ3_XS.gguf", "hf.co/a/b-GGUF:IQ3_XS"),
        ("registry.example.com:5000/team/model:v1", "registry.example.com:5000/team/model:v1"),
    ],
)
def test_a_name_is_found_in_what_people_paste(text: str, name: str) -> None:
    assert pull_name(text) == name


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No model is named yet"),
        ("   ", "No model is named yet"),
        ("ollama pull", "The command names no model"),
        ("ollama run --verbose", "The command names no model"),
        ("gemma 3 4b", "“gemma 3 4b” is not the name of a model"),
        ("../../etc/passwd", "is not the name"),
        ("a" * 500, "is not the name"),
        ("naïve", "is not the name"),
        ("llama3.2:", "is not the name"),
        ("<b>x</b>\x00", "is not the name"),
        ("https://ollama.com/download", "about no single model"),
        ("https://ollama.com", "about no single model"),
        ("https://huggingface.co/models?library=gguf", "about no single model"),
        ("https://example.com/a.gguf", "the address of a file"),
        ("https://example.com/a", "example.com has no models"),
        ("http://[", "has no models"),
    ],
)
def test_what_names_none_is_said(text: str, words: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        pull_name(text)
    assert words in caught.value.title
    assert caught.value.advice
    assert len(caught.value.title) < 140
