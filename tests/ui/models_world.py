"""Providers with lists of models on loopback, and the application that uses them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint

from aiproxy_desktop.ui.models.page import ModelsPage
from aiproxy_desktop.ui.models.table.columns import COLUMNS
from aiproxy_desktop.ui.models.table.view import ModelsTable
from tests.application import Person, running
from tests.waiting import until
from tests.wire import ByteServer, Reply

KEY = "sk-test-1234567890"


def listed(*ids: str, **more: Any) -> Reply:
    """A list in OpenAI's shape."""
    return Reply.json({"object": "list", "data": [{"id": name, "object": "model", **more} for name in ids]})


def many_ids(count: int, seed: int = 7) -> list[str]:
    """Names as a router lists them."""
    chance = random.Random(seed)
    kinds = ("mini", "pro", "flash", "turbo", "instruct")
    return [f"vendor{chance.randrange(60)}/model-{n}-{chance.choice(kinds)}" for n in range(count)]


@dataclass
class Models:
    """Someone in front of the models tab."""

    person: Person
    page: ModelsPage

    @property
    def table(self) -> ModelsTable:
        return self.page.table

    @property
    def names(self) -> list[str]:
        """The names in the table, from the top."""
        return [row.model.display_name for row in self.table.rows]

    async def shows(self, *names: str) -> None:
        """Wait until the table shows these, in this order."""
        await until(lambda: self.names == list(names), f"{names}, not {self.names}")

    def line(self, name: str) -> int:
        return self.names.index(name)

    def text(self, name: str, column: str) -> str:
        """What stands in a column of a model."""
        place = [one.id for one in COLUMNS].index(column)
        return str(self.table.model().index(self.line(name), place).data())

    def place(self, name: str, column: str = "name") -> QPoint:
        """The middle of a cell, in the table's viewport."""
        at = [one.id for one in COLUMNS].index(column)
        return self.table.visualRect(self.table.model().index(self.line(name), at)).center()

    async def click(self, name: str, column: str = "name") -> None:
        """Press on a cell."""
        await self.person.click_at(self.table.viewport(), self.place(name, column))

    async def click_head(self, column: str) -> None:
        """Press on the head of a column."""
        head = self.table.horizontalHeader()
        at = [one.id for one in COLUMNS].index(column)
        x = head.sectionViewportPosition(at) + head.sectionSize(at) // 2
        await self.person.click_at(head.viewport(), QPoint(x, head.height() // 2))


async def open_models(person: Person) -> Models:
    """Go to the tab as a person does."""
    await person.click("shell.rail.models")
    await until(lambda: person.sees("models.table") or person.sees("models.empty"), "the tab")
    page = person.window.page("models")
    assert isinstance(page, ModelsPage)
    return Models(person, page)


@asynccontextmanager
async def models_tab(
    home: Path, patch: pytest.MonkeyPatch, environ: Mapping[str, str]
) -> AsyncIterator[Models]:
    """The application on its models tab, with these variables set."""
    for name, value in environ.items():
        patch.setenv(name, value)
    async with running(home) as person:
        yield await open_models(person)


def openai_at(url: str) -> dict[str, str]:
    """The variables that put OpenAI there."""
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1"}


def server_of(*ids: str) -> ByteServer:
    """A server that lists these whenever it is asked."""
    return ByteServer(lambda _exchange: listed(*ids))
