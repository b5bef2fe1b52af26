"""Exports in which anything stands in the place of anything: taken in or refused, never more than that."""

from __future__ import annotations

import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.services.exchange.errors import UnreadableExportError
from tests.unit.services.exchange.parts import history

EXPORTS = Path(__file__).parents[3] / "exports"
ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, -1, 10**30, 1e300, "", "\ud800", "x" * 5000, "../..", [], {}, [[]], [None], {"parts": {}}]
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a document, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            found += [(value, key), *places(value[key])]
    return found


@pytest.mark.parametrize("name", ["chatgpt.json", "open_webui.json", "ours.json"])
@settings(max_examples=80)
@given(data=st.data())
def test_anything_in_the_place_of_anything(name: str, data: st.DataObject) -> None:
    document = json.loads((EXPORTS / name).read_text())
    for _ in range(data.draw(st.integers(1, 4))):
        there = places(document)
        if not there:
            break
        container, key = data.draw(st.sampled_from(there))
        other = data.draw(st.one_of(ODD, st.sampled_from([it[at] for it, at in there])))
        container[key] = json.loads(json.dumps(other))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_take_in(Path(folder), json.dumps(document)))


async def _take_in(folder: Path, text: str) -> None:
    (folder / "it.json").write_text(text)
    async with history(folder / "history") as parts:
        try:
            summary = await parts.take_in(folder / "it.json")
        except UnreadableExportError:
            assert await parts.traces() == 0
            return
        there = await parts.all()
        assert len(there) == summary.imported
        # What came in goes out, and is known when it comes again.
        again = await parts.take_in(folder / "it.json")
        assert (again.imported, again.already_there) == (0, summary.imported + summary.already_there)
        await parts.service.export_all(folder / "out.zip", "json")
        await parts.service.export_all(folder / "out.md.zip", "markdown")
        async with history(folder / "other") as other:
            if there:
                await other.take_in(folder / "out.zip")
            assert await other.all() == there


def test_half_a_character_in_code_is_known_when_it_comes_again(tmp_path: Path) -> None:
    text = (EXPORTS / "chatgpt.json").read_text()
    assert "print('thyme')" in text
    asyncio.run(_take_in(tmp_path, text.replace("print('thyme')", "\\ud800")))
