"""Controls, values, sizes and words of the request panel, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts, image_model_facts
from aiproxy_desktop.core.images.requests import check_options
from aiproxy_desktop.services.images.catalogue import ImageOffer
from aiproxy_desktop.ui.images.panel.choices import Choices, fields_from
from aiproxy_desktop.ui.images.panel.controls import Chosen, controls_of, sections_of
from aiproxy_desktop.ui.images.panel.rows import chosen_words, offer_rows
from aiproxy_desktop.ui.images.panel.sizes import presets, shape, size_problem, size_row
from aiproxy_desktop.ui.images.panel.words import about, cost_before


@pytest.mark.parametrize("facts", IMAGE_MODELS, ids=lambda facts: facts.id)
@pytest.mark.parametrize("editing", [False, True], ids=["new", "edit"])
def test_all_that_can_be_chosen_is_taken(facts: ImageModelFacts, editing: bool) -> None:
    """Every value that the panel offers passes the check before sending."""
    controls = controls_of(facts, editing=editing)
    for control in controls:
        values = [control.least, control.most] if control.most else [*control.values]
        for value in values:
            options = {control.option: value}
            if control.option == "output_compression":
                options["output_format"] = "webp"
            check_options(facts, "Boat", options, inputs=int(editing and facts.edits))


def test_every_preset_of_a_free_size_is_allowed() -> None:
    for size in presets((), free=True):
        width, height = map(int, size.split("x"))
        assert not size_problem(width, height), size


@given(st.integers(16, 5000), st.integers(16, 5000))
def test_sizes_are_refused_as_the_core_refuses_them(width: int, height: int) -> None:
    facts = image_model_facts("gpt-image-2")
    assert facts is not None
    if size_problem(width, height):
        with pytest.raises(InvalidRequestError, match="size"):
            check_options(facts, "Boat", {"size": f"{width}x{height}"})
    else:
        check_options(facts, "Boat", {"size": f"{width}x{height}"})


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((0, 0), "Give a width and a height, in pixels."),
        ((1024, 1000), "Height goes in steps of 16: 992 or 1008."),
        ((4096, 1024), "The longer side can have at most 3840 pixels."),
        ((3840, 1024), "One side can be at most three times the other: at least 1280."),
        ((3840, 3840), "That is too many pixels: at most as many as 3840 × 2160."),
        ((1536, 1024), ""),
    ],
)
def test_a_size_that_is_not_taken_says_what_is(size: tuple[int, int], sentence: str) -> None:
    assert size_problem(*size) == sentence


def test_sizes_in_words() -> None:
    assert size_row("1536x1024") == "1536 × 1024, 3:2"
    assert shape(512, 512) == "Square"
    assert size_row("auto") == "auto"


def test_common_controls_and_those_of_one_alone() -> None:
    known = {facts.id: Chosen(f"openai:{facts.id}", facts.id, facts) for facts in IMAGE_MODELS}
    alike = sections_of([known["gpt-image-2"], known["gpt-image-2.6-flare"]], editing=False)
    assert [section.title for section in alike] == [""]
    unlike = sections_of([known["gpt-image-2"], known["dall-e-2"]], editing=False)
    assert [section.title for section in unlike] == ["", "gpt-image-2", "dall-e-2"]
    assert [control.option for control in unlike[0].controls] == ["n"]


def test_a_value_is_sent_to_who_takes_it_alone() -> None:
    known = {facts.id: Chosen(facts.id, facts.id, facts) for facts in IMAGE_MODELS}
    sections = sections_of([known["gpt-image-2.6-sunburst"], known["dall-e-3"]], editing=False)
    choices = Choices()
    for section in sections:
        choices.choose(section, "quality", "max" if section.title.startswith("gpt") else "hd")
    assert choices.options("gpt-image-2.6-sunburst", sections)["quality"] == "max"
    assert choices.options("dall-e-3", sections)["quality"] == "hd"
    alone = sections_of([known["dall-e-2"]], editing=False)
    assert choices.options("dall-e-2", alone) == {}


def test_compression_goes_with_compressed_formats_alone() -> None:
    facts = image_model_facts("gpt-image-2")
    sections = sections_of([Chosen("m", "m", facts)], editing=False)
    choices = Choices()
    choices.choose(sections[0], "output_compression", 60)
    assert "output_compression" not in choices.options("m", sections)
    choices.choose(sections[0], "output_format", "webp")
    assert choices.options("m", sections)["output_compression"] == 60


def test_further_fields_of_a_model_that_nobody_knows() -> None:
    assert fields_from("seed=7\n\nlora = fog , v2") == {"seed": 7, "lora": "fog , v2"}
    sections = sections_of([Chosen("m", "m", None)], editing=False)
    choices = Choices()
    choices.choose(sections[0], "fields", "steps=4")
    choices.choose(sections[0], "size", "768x512")
    choices.choose(sections[0], "n", 3)
    assert choices.options("m", sections) == {"size": "768x512", "steps": 4}
    assert choices.count("m", sections) == 3
    for line, words in (("seed", "name=value"), ("n=2", "set elsewhere")):
        with pytest.raises(ValueError, match=words):
            fields_from(line)


@pytest.mark.parametrize(
    ("count", "costs", "words"),
    [
        (2, [0.1264], "2 pictures, about $0.13"),
        (1, [None], "1 picture, price not known"),
        (3, [0.1, None], "3 pictures, more than $0.10"),
        (4, [0.0, None], "4 pictures, not all prices known"),
        (1, [0.0], "1 picture, free"),
        (1, [0.0042], "1 picture, about $0.004"),
    ],
)
def test_the_price_before(count: int, costs: list[float | None], words: str) -> None:
    assert cost_before(count, costs) == words


def test_small_prices_are_never_nothing() -> None:
    assert about(0.0004) == "under $0.001"
    assert about(0) == "Free"


def test_models_in_lines_by_provider() -> None:
    ready = ImageOffer("a:x", "Painter", "a", "Alpha", None, retires_on=date(2026, 12, 1))
    other = replace(ready, reference="b:y", name="Sketch", provider_label="Beta", ready=False, why="No key.")
    rows = offer_rows([other, ready], "", {"a:x"})
    assert [(row.name, row.note) for row in rows] == [
        ("Alpha", ""),
        ("Painter", "until 1 Dec 2026"),
        ("Beta", ""),
        ("Sketch", "Not ready"),
    ]
    assert rows[1].chosen
    assert rows[3].spoken == "Sketch, No key."
    assert [row.name for row in offer_rows([other, ready], "alph paint", ())] == ["Alpha", "Painter"]
    assert chosen_words([ready, other]) == "2 models side by side"
