"""The table of image models, what images cost, and what the heads of files tell."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any, get_args, get_type_hints

import pytest
from openai.types import image_edit_params, image_generate_params
from PIL import Image

from aiproxy_desktop.core.errors import InvalidRequestError, ProtocolError
from aiproxy_desktop.core.images.costs import cost, estimate
from aiproxy_desktop.core.images.inputs import dimensions, image_inputs, received_image
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModel, image_model_facts
from aiproxy_desktop.core.images.requests import check_options, is_free_size, without_unknown
from aiproxy_desktop.core.images.values import ImageUsage
from tests.image_servers.behaviour import EXECUTABLE, bomb
from tests.image_servers.forms import BadFormError, read_form


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("gpt-image-2-2026-04-21", "gpt-image-2"),
        ("gpt-image-2.5-sunburst-2026-09-08", "gpt-image-2.5-sunburst"),
        ("models/gemini-3-pro-image", "gemini-3-pro-image"),
        ("gemini-3-pro-image-preview", "gemini-3-pro-image"),
        ("g2.5-flash-image", "gemini-2.5-flash-image-preview"),
        ("gemini-2.5-flash-image", "gemini-2.5-flash-image-preview"),
        ("google/gemini-3-pro-image-preview", "gemini-3-pro-image"),
        ("someone/gpt-image-2", None),
        ("gpt-image-3", None),
        ("flux-9", None),
    ],
)
def test_a_model_is_known_by_each_of_its_names(name: str, row: str | None) -> None:
    facts = image_model_facts(name)
    assert (facts.id if facts else None) == row


def test_every_name_has_its_row_and_the_ends_are_known() -> None:
    assert all(image_model_facts(model.value) for model in ImageModel)
    ends = {facts.id: facts.retired_on for facts in IMAGE_MODELS if facts.retired_on}
    assert ends == {
        "gpt-image-1.5": date(2026, 12, 1),
        "gpt-image-1-mini": date(2026, 12, 1),
        "gpt-image-1": date(2026, 10, 23),
        "dall-e-3": date(2026, 5, 12),
        "dall-e-2": date(2026, 5, 12),
    }


def test_the_table_has_the_words_of_openais_own_package() -> None:
    generate = image_generate_params.ImageGenerateParamsBase.__annotations__
    edit = image_edit_params.ImageEditParamsBase.__annotations__
    for facts in IMAGE_MODELS:
        if facts.maker != "openai":
            continue
        assert facts.fields <= set(generate), facts.id
        assert facts.edit_fields <= set(edit), facts.id
    hints = get_type_hints(image_generate_params.ImageGenerateParamsBase)
    for name, row in (("background", "backgrounds"), ("moderation", "moderations"), ("style", "styles")):
        words = {word for facts in IMAGE_MODELS for word in getattr(facts, row)}
        assert words == set(get_args(get_args(hints[name])[0])), name


@pytest.mark.parametrize(
    ("size", "taken"),
    [
        ("3840x2160", True),
        ("2160x3840", True),
        ("1024x1040", True),
        ("16x48", True),
        ("16x64", False),
        ("3856x2160", False),
        ("3840x2176", False),
        ("1000x1000", False),
        ("0x16", False),
        ("1024 x 1024", False),
        ("1024x1024x3", False),
        (1024, False),
    ],
)
def test_the_bounds_of_a_free_size(size: Any, taken: bool) -> None:
    assert is_free_size(size) is taken


def test_what_a_model_does_not_have_is_left_out_with_a_sentence_where_that_is_wanted() -> None:
    taken, notes = without_unknown(
        image_model_facts("gpt-image-2"), {"style": "vivid", "size": None, "response_format": "url", "n": 2}
    )
    assert taken == {"n": 2}
    assert notes == {"style": "style was left out: gpt-image-2 takes none."}
    taken, notes = without_unknown(image_model_facts("gpt-image-1"), {"output_compression": 95})
    assert taken == {}
    assert "jpeg or webp" in notes["output_compression"]
    assert without_unknown(None, {"style": "oil"}) == ({"style": "oil"}, {})


@pytest.mark.parametrize("count", [0, -1, "2", 1.0, True])
def test_even_an_unknown_model_makes_a_number_of_images(count: Any) -> None:
    with pytest.raises(InvalidRequestError, match="number of images"):
        check_options(None, "A boat", {"n": count})


def test_a_cost_is_text_and_images_each_at_its_price() -> None:
    usage = ImageUsage(1_000, 2_000, 400, 600, 2_000)
    assert cost("openai", "gpt-image-2", usage) == pytest.approx((400 * 5 + 600 * 8 + 2_000 * 30) / 1e6)
    words = ImageUsage(1_000, 1_500, output_image_tokens=1_120)
    assert cost("gemini", "gemini-3-pro-image", words) == pytest.approx(
        (1_000 * 2 + 380 * 12 + 1_120 * 120) / 1e6
    )
    preview = cost(
        "gemini", "gemini-2.5-flash-image-preview", ImageUsage(10, 1_290, output_image_tokens=1_290)
    )
    assert preview == pytest.approx((10 * 0.3 + 1_290 * 30) / 1e6)


@pytest.mark.parametrize(
    ("maker", "model", "usage"),
    [
        ("openai", "gpt-image-2", None),
        ("openai", "gpt-image-2", ImageUsage(1, None, 1, 0, None)),
        ("openai", "gpt-image-2", ImageUsage(10, 10, output_image_tokens=10)),  # of which kind they are
        ("openai", "gpt-image-2.6-flare", ImageUsage(1, 10, 1, 0, 5)),  # text that comes out has no price
        ("openai", "flux-9", ImageUsage(1, 1, 1, 0, 1)),
        ("team", "gpt-image-2", ImageUsage(1, 1, 1, 0, 1)),
    ],
)
def test_what_is_not_known_is_no_cost(maker: str, model: str, usage: ImageUsage | None) -> None:
    assert cost(maker, model, usage) is None


@pytest.mark.parametrize(
    ("model", "options", "dollars"),
    [
        ("gpt-image-1.5", {"quality": "high", "size": "1024x1024"}, 4160 * 32 / 1e6),
        ("gpt-image-1.5", {"quality": "low", "size": "1024x1536", "n": 3}, 3 * 408 * 32 / 1e6),
        ("gpt-image-1-mini", {"quality": "medium", "size": "1536x1024"}, 0.015),
        ("gpt-image-1.5", {"quality": "auto", "size": "1024x1024"}, None),
        ("gpt-image-1.5", {"quality": "high"}, None),
        ("gpt-image-2", {"quality": "high", "size": "1024x1024"}, None),
        ("gemini-3-pro-image", {}, 0.1344),
        ("gemini-3-pro-image", {"image_size": "4K", "n": 2}, 0.48),
        ("gemini-3.1-flash-image", {"image_size": "2K"}, 1680 * 60 / 1e6),
        ("gemini-3.1-flash-lite-image", {"image_size": "2K"}, None),
        ("gemini-nano-banana-2.1", {}, None),
        ("dall-e-3", {"quality": "hd", "size": "1024x1024"}, None),
    ],
)
def test_an_estimate_is_what_the_maker_publishes_or_none(
    model: str, options: dict[str, Any], dollars: float | None
) -> None:
    facts = image_model_facts(model)
    assert facts is not None
    found = estimate(facts, options)
    assert found == (pytest.approx(dollars) if dollars is not None else None)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"}),
    ],
)
def test_the_head_of_a_file_tells_its_size(kind: str, options: dict[str, Any]) -> None:
    out = BytesIO()
    Image.radial_gradient("L").resize((321, 123)).convert("RGB").save(out, kind, **options)
    data = out.getvalue()
    assert dimensions(data) == (321, 123)
    for length in range(0, 64, 3):
        dimensions(data[:length])  # a cut one is no fault of ours


def test_what_comes_is_what_its_bytes_are() -> None:
    for data, words in ((EXECUTABLE, "a program"), (b" <html>", "a web page"), (b"", "nothing")):
        with pytest.raises(ProtocolError, match=f"It sent {words} instead of an image"):
            received_image("It", "it", data)
    with pytest.raises(ProtocolError, match="audio/mpeg"):
        received_image("It", "it", b"ID3\x03")
    with pytest.raises(ProtocolError, match="60,000 x 60,000"):
        received_image("It", "it", bomb())
    with pytest.raises(InvalidRequestError, match="at least one"):
        image_inputs([])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x\r\ncontent-disposition: form-data; name=a\r\n\r\n1\r\n--x--\r\n",
        b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n1\r\n',
        b'--x\r\ncontent-disposition: form-data; name="a"; filename="f"\r\n\r\n1\r\n--x--\r\n',
        b'--x\ncontent-disposition: form-data; name="a"\n\n1\n--x--\n',
    ],
)
def test_the_form_of_the_tests_is_read_strictly(body: bytes) -> None:
    with pytest.raises(BadFormError):
        read_form("multipart/form-data; boundary=x", body)
