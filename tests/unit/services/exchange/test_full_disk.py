"""Exports and imports where there is no room left."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import IO

import pytest

from aiproxy_desktop.services.exchange import files
from aiproxy_desktop.services.exchange.service import Format, ImportSummary
from aiproxy_desktop.storage.errors import DiskFullError
from tests.unit.services.exchange.parts import Parts, history


async def limit(parts: Parts, pages: int) -> None:
    # SQLite's own bound gives the very error that a full disk gives.
    await parts.db.read(lambda c: c.execute(f"PRAGMA max_page_count = {pages:d}").fetchone())


async def test_an_import_that_does_not_fit_takes_in_nothing_and_can_be_done_later(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one:
        for number in range(40):
            await one.store.add_turn(f"{number} " + os.urandom(5000).hex(), "p:m", title=f"Theirs {number}")
        await one.service.export_all(tmp_path / "all.zip", "json")
    async with history(tmp_path / "two") as two:
        await two.store.create("Mine")
        await limit(two, 100)
        with pytest.raises(DiskFullError, match="no room left"):
            await two.take_in(tmp_path / "all.zip")
        assert [one.conversation.title for one in await two.all()] == ["Mine"]
        await limit(two, 1_000_000)
        assert await two.take_in(tmp_path / "all.zip") == ImportSummary(imported=40)
        assert await two.take_in(tmp_path / "all.zip") == ImportSummary(already_there=40)
        assert await two.traces() == 1 + 40 * 3


@pytest.mark.parametrize("form", ["markdown", "html", "json"])
@pytest.mark.parametrize("one_only", [True, False])
async def test_an_export_that_does_not_fit_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Format, *, one_only: bool
) -> None:
    class Full(files.WholeFile):
        def open(self) -> IO[bytes]:
            opened = super().open()

            def write(_data: object) -> int:
                raise OSError(errno.ENOSPC, "No space left on device")

            monkeypatch.setattr(opened, "write", write, raising=False)
            return opened

    async with history(tmp_path / "one") as one:
        turn = await one.store.add_turn("Why?", "p:m", title="Why")
        (tmp_path / "it").write_text("mine")
        monkeypatch.setattr("aiproxy_desktop.services.exchange.writing.WholeFile", Full)
        target, service = tmp_path / "it", one.service
        export = (
            service.export_one(turn.conversation.id, target, form)
            if one_only
            else service.export_all(target, form)
        )
        with pytest.raises(DiskFullError, match="no room left"):
            await export
        assert (tmp_path / "it").read_text() == "mine"
        left = [name for _, _, names in os.walk(tmp_path) for name in names if "part" in name]
        assert left == []
