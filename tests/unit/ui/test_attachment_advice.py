"""What is said where a model cannot take what is attached, and which models are offered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.services.attaching import Taken
from aiproxy_desktop.services.providers import ProviderState
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.attachments.advice import advise, advise_all
from aiproxy_desktop.ui.chat.attachments.facts import attachment_facts, taken_facts
from aiproxy_desktop.ui.chat.models.rows import Choice, choose

PICTURE = Attachment("0" * 64, "a.png", "image", "image/png", 184_200, 1024, 768, tokens=1049)
TEXT = Attachment("1" * 64, "a.md", "text", "text/markdown", 2000, tokens=500)
PAPER = Attachment("2" * 64, "a.pdf", "document", "application/pdf", 1_200_000, pages=12, tokens=24_000)
SOUND = Attachment("3" * 64, "a.flac", "audio", "audio/flac", 900_000, seconds=185.2, tokens=5927)

BLIND = Capabilities(vision=False, audio=False, video=False, documents=False)
SEEING = Capabilities(vision=True, audio=False, video=False, documents=True, streaming=True)


def model(name: str, provider: str, able: Capabilities, window: int | None = 8192) -> ModelInfo:
    return ModelInfo(name, provider, name, window, capabilities=able)


def state(provider: str, *models: ModelInfo, ready: bool = True) -> ProviderState:
    return ProviderState(provider, provider, "ollama", "ready" if ready else "unreachable", models=models)


LLAMA = model("llama3.2:3b", "ollama", BLIND)
STATES = [
    state("ollama", LLAMA, model("mystery", "ollama", Capabilities())),
    state("away", model("far-1", "away", SEEING, 9_000_000), ready=False),
    state("openai", model("luna", "openai", SEEING, 400_000), model("sol", "openai", SEEING, 100_000)),
]


def choice(reference: str = "ollama:llama3.2:3b") -> Choice:
    found = choose(STATES, reference, None)
    assert found is not None
    return found


def test_what_a_model_does_not_read_is_said_with_those_that_do_and_are_ready_first() -> None:
    found = advise(choice(), STATES, [PICTURE, TEXT])
    assert found is not None
    assert found.blocks
    assert found.sentence == "llama3.2:3b does not read images. luna and 2 others do."
    assert found.models == (("openai:luna", "luna"), ("openai:sol", "sol"), ("away:far-1", "far-1"))


def test_several_kinds_are_one_sentence() -> None:
    found = advise(choice(), STATES, [PICTURE, PAPER, SOUND])
    assert found is not None
    assert found.sentence.startswith("llama3.2:3b does not read images, PDF or sound. ")
    assert "No model at hand is known to" in found.sentence
    assert found.models == ()


@pytest.mark.parametrize("reference", ["ollama:mystery", "openai:luna", "openai:unlisted"])
def test_what_is_taken_or_not_known_passes(reference: str) -> None:
    states = [*STATES[:2], replace(STATES[2], status="checking")]
    found = choose(states, reference, None)
    assert advise(found, states, [PICTURE]) is None


def test_text_passes_everywhere_and_nothing_is_nothing_to_say() -> None:
    assert advise(choice(), STATES, [TEXT]) is None
    assert advise(choice(), STATES, []) is None
    assert advise(None, STATES, [PICTURE]) is None


def test_more_than_a_model_reads_is_said_and_may_be_sent() -> None:
    found = advise(choice(), STATES, [replace(TEXT, tokens=80_000)])
    assert found is not None
    assert not found.blocks
    assert found.sentence == "That is about 80,000 tokens, and llama3.2:3b reads at most 8,192."


def test_a_type_of_sound_that_is_not_taken_names_those_that_are() -> None:
    hearing = model("ear", "openai", replace(SEEING, audio=True))
    states = [state("openai", hearing)]
    found = advise(choose(states, "openai:ear", None), states, [SOUND])
    assert found is not None
    assert "audio/flac" in found.sentence
    assert "mp3, wav" in found.sentence


def test_figures_are_told_as_far_as_they_are_known() -> None:
    assert attachment_facts(PICTURE) == "184 KB · about 1,049 tokens"
    assert attachment_facts(PICTURE, "openai") == "184 KB · about 765 tokens"
    assert attachment_facts(PAPER) == "12 pages · 1.2 MB · about 24,000 tokens"
    assert attachment_facts(SOUND) == "3:05 · 900 KB · about 5,927 tokens"
    assert attachment_facts(replace(SOUND, seconds=None, tokens=None)) == "900 KB"


def test_a_folder_is_summed_up() -> None:
    taken = Taken("project", (replace(TEXT, size=155_000, tokens=40_000),) * 2, left_out=5)
    assert taken_facts(taken) == "2 files · 310 KB · about 80,000 tokens; 5 were left out"
    assert taken_facts(replace(taken, left_out=1, cut="only the first 2 were taken")).endswith(
        "; 1 was left out; only the first 2 were taken"
    )


def test_of_models_that_are_compared_those_that_cannot_are_named_and_none_is_replaced() -> None:
    asked = [choice().reference, "openai:luna", "ollama:mystery"]
    found = advise_all(asked, STATES, [PICTURE])
    assert found is not None
    assert found.blocks
    assert found.models == ()
    assert found.sentence.startswith("llama3.2:3b does not read images.")
    assert "luna" not in found.sentence
    assert advise_all(asked[1:], STATES, [PICTURE]) is None


def test_what_is_too_much_for_one_that_is_compared_may_be_sent() -> None:
    found = advise_all([choice().reference, "openai:luna"], STATES, [replace(TEXT, tokens=80_000)])
    assert found is not None
    assert not found.blocks
    assert "llama3.2:3b reads at most" in found.sentence
