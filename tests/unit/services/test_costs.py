from __future__ import annotations

import pytest

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.models import ModelInfo, Price
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.costs import cost_of, describe_from


def priced(price: Price | None, *, local: bool = False) -> ModelInfo:
    return ModelInfo("m", "p", "M", price=price, local=local)


@pytest.mark.parametrize(
    ("usage", "price", "cost"),
    [
        (Usage(1_000_000, 500_000), Price(2.0, 10.0), 7.0),
        (Usage(1_000_000, 0, cached_tokens=400_000), Price(2.0, 10.0, 0.5), 1.4),
        (Usage(1_000_000, 0, cached_tokens=400_000), Price(2.0, 10.0), 2.0),
        (Usage(10, 10), Price(0.0, 0.0), 0.0),
        (Usage(10, None), Price(2.0, 10.0), None),
        (Usage(10, 10), Price(2.0, None), None),
        (Usage(10, 10), None, None),
        (None, Price(2.0, 10.0), None),
    ],
)
def test_tokens_times_price(usage: Usage | None, price: Price | None, cost: float | None) -> None:
    found = cost_of(usage, priced(price))
    assert found == (cost if cost is None else pytest.approx(cost))


def test_a_model_on_this_machine_is_free_and_an_unknown_one_is_not() -> None:
    assert cost_of(None, priced(None, local=True)) == 0.0
    assert cost_of(Usage(1, 1), None) is None


def test_what_a_provider_lists_goes_first() -> None:
    registry = Registry((ScriptedProvider(()),))
    listed = ModelInfo("script", "scripted", "Script", price=Price(1.0, 1.0))
    registry.remember("scripted", [listed])
    describe = describe_from(registry)
    assert describe("scripted", "script").price == Price(1.0, 1.0)
    assert describe("scripted", "other").price is None


def test_a_picture_in_an_answer_costs_what_pictures_cost() -> None:
    model = ModelInfo("gemini-3.1-flash-image", "gemini", "Flash image", price=Price(0.5, 3.0))
    words = cost_of(Usage(1000, 1290), model)
    picture = cost_of(Usage(1000, 1290, output_image_tokens=1290), model)
    assert words == pytest.approx(0.00437)
    assert words is not None
    assert picture is not None
    assert picture > 10 * words
