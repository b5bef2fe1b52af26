from __future__ import annotations

import pytest
from shipping.releasing.long_description import absolute


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("![A tab](pictures/tab.png)", "![A tab](https://git.example/a/b/raw/v1.2.3/pictures/tab.png)"),
        ("see [this](docs/A.md#keys).", "see [this](https://git.example/a/b/blob/v1.2.3/docs/A.md#keys)."),
        ("[up](#there) [out](https://example.org/x)", "[up](#there) [out](https://example.org/x)"),
    ],
)
def test_links_into_the_tree_lead_there_from_anywhere(text: str, after: str) -> None:
    assert absolute(text, "https://git.example/a/b", "v1.2.3") == after
