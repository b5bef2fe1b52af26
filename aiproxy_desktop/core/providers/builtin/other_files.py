"""GGUF files that hold no model to talk to: each is refused in a sentence that says what it is.

`general.type` after https://github.com/ggml-org/ggml/blob/master/docs/gguf.md and llama.cpp's gguf-py
(GGUFType); names of architectures after llama.cpp's src/llama-arch.cpp and, for image models, those that
stable-diffusion.cpp and ComfyUI-GGUF write.
"""

from __future__ import annotations

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.core.providers.builtin.gguf import GgufHead

_BY_TYPE = {
    "mmproj": "the eyes or ears of another model",
    "adapter": "an addition to another model (LoRA)",
    "controlvector": "an addition to another model (a control vector)",
    "imatrix": "a table for quantising another model",
    "vocab": "a vocabulary without a model",
}

_BY_ARCHITECTURE = {
    "clip": "the eyes or ears of another model",
    "controlvector": "an addition to another model (a control vector)",
    "imatrix": "a table for quantising another model",
    "wavtokenizer-dec": "a part of a speech model",
    **dict.fromkeys(
        (
            *("bert", "nomic-bert", "nomic-bert-moe", "jina-bert-v2", "jina-bert-v3", "modern-bert"),
            *("neo-bert", "eurobert", "gemma-embedding", "t5encoder"),
        ),
        "a model for searching text (embeddings)",
    ),
    **dict.fromkeys(
        (
            *("flux", "sd1", "sdxl", "sd3", "aura", "hidream", "wan", "ltxv", "hyvid", "cosmos"),
            *("lumina2", "qwen_image", "pig"),
        ),
        "a model for making pictures",
    ),
}

# How the vectors of all tokens become one (LLAMA_POOLING_TYPE_*): 0 is not at all; 4 ranks instead.
_MOST_POOLING = 4


def refuse_other_kinds(head: GgufHead, shown: str) -> None:
    """Let pass what may be a language model, by what the head says of itself.

    Args:
        head: of the file.
        shown: how to call the file.

    Raises:
        LocalModelError: it is something else.
    """
    found = _BY_TYPE.get(head.text("general.type")) or _BY_ARCHITECTURE.get(head.architecture)
    if found is None and head.number(f"{head.architecture}.pooling_type", _MOST_POOLING):
        found = "a model for searching text (embeddings)"
    if found is not None:
        raise LocalModelError(
            f"{shown} is {found}, not a model to talk to", "Pick the file of a language model."
        )
