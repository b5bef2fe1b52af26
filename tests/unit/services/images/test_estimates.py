from __future__ import annotations

from aiproxy_desktop.services.images.estimates import EarlierCosts

MODEL = "openai:gpt-image-2"


def test_a_median_is_that_of_images_of_the_same_model_size_and_quality() -> None:
    earlier = EarlierCosts()
    earlier.learn(
        [
            (MODEL, {"size": "1024x1024", "quality": "low"}, 0.03),
            (MODEL, {"size": "1024x1024", "quality": "low", "background": "opaque"}, 0.01),
            (MODEL, {"size": "1024x1024", "quality": "high"}, 0.20),
        ]
    )
    earlier.note(MODEL, {"quality": "low", "size": "1024x1024"}, 0.02)

    assert earlier.median(MODEL, {"size": "1024x1024", "quality": "low"}) == 0.02
    assert earlier.median(MODEL, {"size": "1024x1024", "quality": "high"}) == 0.20
    assert earlier.median(MODEL, {"size": "1536x1024", "quality": "high"}) is None
    assert earlier.median("gemini:gemini-3-pro-image", {}) is None


def test_no_size_and_any_size_are_the_same_choice() -> None:
    earlier = EarlierCosts()
    earlier.note(MODEL, {"size": "auto"}, 0.05)
    assert earlier.median(MODEL, {"quality": "auto"}) == 0.05


def test_what_was_noted_since_outlives_what_was_read_later() -> None:
    earlier = EarlierCosts()
    for _ in range(30):
        earlier.note(MODEL, {}, 1.0)
    earlier.learn((MODEL, {}, 9.0) for _ in range(200))
    assert earlier.median(MODEL, {}) == 1.0
