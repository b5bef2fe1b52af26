from __future__ import annotations

import asyncio
import json
import os
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings

from aiproxy_desktop.services.exchange.service import Format, ImportSummary
from aiproxy_desktop.storage.archives import Archived
from tests.unit.services.exchange.parts import Parts, history
from tests.unit.services.exchange.trees import conversations
from tests.unit.storage.acts import ACTS, Act, Life


async def test_an_answer_and_its_versions_come_back_as_they_were(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one, history(tmp_path / "two") as two:
        turn = await one.store.add_turn("Why?", "openai:gpt", title="Why")
        await one.store.append(turn.answer.id, "Because ", "let me think")
        await one.store.add_turn(
            "Why not?", "openai:gpt", conversation_id=turn.conversation.id, version_of=turn.question.id
        )
        await one.service.export_one(turn.conversation.id, tmp_path / "it.json", "json")
        assert await two.take_in(tmp_path / "it.json") == ImportSummary(imported=1)
        (there,) = await two.all()
        assert there == (await one.all())[0]
        assert [message.text for message in there.messages] == ["Why?", "Because ", "Why not?", ""]
        assert there.messages[1].status == "interrupted"


@settings(max_examples=60)
@given(conversations())
def test_any_tree_of_edits_and_regenerations_exports_and_imports_equal(
    drawn: tuple[Archived, dict[str, bytes]],
) -> None:
    archived, files = drawn
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_there_and_back(Path(name), archived, files))


async def _there_and_back(folder: Path, archived: Archived, files: dict[str, bytes]) -> None:
    first, second, packed = folder / "1.json", folder / "2.json", folder / "3.zip"
    async with (
        history(folder / "one") as one,
        history(folder / "two") as two,
        history(folder / "three") as three,
    ):
        for data in files.values():
            await one.blobs.put(data)
        await one.put_in(archived)
        (there,) = await one.all()
        assert there == archived
        await one.service.export_one(archived.conversation.id, first, "json")
        await one.service.export_all(packed, "json")
        for other, path in ((two, first), (three, packed)):
            assert await other.take_in(path) == ImportSummary(imported=1)
            assert await other.all() == [archived]
            for message in archived.messages:
                for attachment in message.attachments:
                    assert await other.blobs.read(attachment.hash) in files.values()
        await two.service.export_one(archived.conversation.id, second, "json")
        assert first.read_bytes() == second.read_bytes()
        assert await two.take_in(first) == ImportSummary(already_there=1)


@settings(max_examples=60)
@given(ACTS)
@example([(act, 0, "thyme") for act in ("begin", "shelve", "copy", "shelve")])
def test_whatever_was_done_to_a_history_exports_and_imports_equal(acts: list[Act]) -> None:
    """Regenerating, editing, comparing, deleting and bringing back, archiving, killing: then out, and in."""
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(_lived(Path(name), acts))


async def _lived(folder: Path, acts: list[Act]) -> None:
    async with history(folder / "one") as one, history(folder / "two") as two:
        life = Life.over(one.db)
        await life.act(acts)
        there = await one.all()
        hidden = await one.db.read(
            lambda c: [row[0] for row in c.execute("SELECT id FROM messages WHERE deleted_at IS NOT NULL")]
        )
        await one.service.export_all(folder / "all.zip", "json")
        document = zipfile.ZipFile(folder / "all.zip").read("conversations.json").decode()
        assert not [one for one in hidden if one in document]
        if there:
            assert (await two.take_in(folder / "all.zip")).imported == len(there)
        assert sorted(await two.all(), key=_identity) == sorted(there, key=_identity)
        if there:
            assert await two.take_in(folder / "all.zip") == ImportSummary(
                already_there=len(there), missing_files=_files_in(there)
            )
            # Whatever is here already is known, deleted branches beside it or not.
            assert (await one.take_in(folder / "all.zip")).imported == 0
        await two.service.export_all(folder / "again.zip", "json")
        again = zipfile.ZipFile(folder / "again.zip").read("conversations.json").decode()
        assert sorted(again.splitlines()) == sorted(document.splitlines())


def _identity(archived: Archived) -> str:
    return archived.conversation.id


def _files_in(there: list[Archived]) -> int:
    return len({file.hash for it in there for message in it.messages for file in message.attachments})


async def _some(parts: Parts, count: int) -> None:
    for number in range(count):
        await parts.store.add_turn(f"Question {number}", "openai:gpt", title=f"Title {number}")


async def test_importing_twice_adds_nothing_and_changes_nothing(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one, history(tmp_path / "two") as two:
        await _some(one, 3)
        await one.service.export_all(tmp_path / "all.zip", "json")
        await two.take_in(tmp_path / "all.zip")
        (first, *_) = await two.all()
        await two.store.rename(first.conversation.id, "My own title")
        assert await two.take_in(tmp_path / "all.zip") == ImportSummary(already_there=3)
        titles = [one.conversation.title for one in await two.all()]
        assert titles == ["My own title", "Title 1", "Title 2"]


async def test_another_conversation_of_the_same_identity_comes_beside_it(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one:
        await _some(one, 1)
        await one.service.export_all(tmp_path / "all.zip", "json")
        text = zipfile.ZipFile(tmp_path / "all.zip").read("conversations.json").decode()
        (tmp_path / "changed.json").write_text(text.replace("Question 0", "Another question"))
        assert await one.take_in(tmp_path / "changed.json") == ImportSummary(imported=1)
        assert await one.take_in(tmp_path / "changed.json") == ImportSummary(already_there=1)
        both = await one.all()
        assert [it.messages[0].text for it in both] == ["Question 0", "Another question"]
        assert both[1].messages[1].parent_id == both[1].messages[0].id


async def test_what_cannot_be_kept_is_no_reason_to_take_it_in_again(tmp_path: Path) -> None:
    document = json.loads((Path(__file__).parents[3] / "exports" / "ours.json").read_text())
    document["conversations"][0]["messages"][1] |= {
        "usage": {"cached_tokens": 5},
        "notes": ["", " ", "A  note."],
    }
    (tmp_path / "it.json").write_text(json.dumps(document))
    async with history(tmp_path / "one") as one:
        assert await one.take_in(tmp_path / "it.json") == ImportSummary(imported=1)
        assert await one.take_in(tmp_path / "it.json") == ImportSummary(already_there=1)
        (there,) = await one.all()
        assert (there.messages[1].usage, there.messages[1].notes) == (None, ("A note.",))


async def test_a_deleted_branch_is_not_exported(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one:
        turn = await one.store.add_turn("Why?", "openai:gpt", title="Why")
        await one.db.run(
            lambda connection: connection.execute(
                "UPDATE messages SET deleted_at = 1 WHERE id = ?", [turn.question.id]
            )
        )
        (there,) = await one.all()
        assert there.messages == ()
        assert there.conversation.leaf_id is None


async def test_an_attachment_that_is_gone_is_counted_and_its_facts_stay(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one, history(tmp_path / "two") as two:
        archived = json.loads((Path(__file__).parents[3] / "exports" / "ours.json").read_text())
        assert archived["attachments"]
        await one.take_in(Path(__file__).parents[3] / "exports" / "ours.json")
        for path in (tmp_path / "one" / "attachments").glob("??/*"):
            path.unlink()
        for ending in ("zip", "json"):
            (it,) = await one.archives.ids()
            summary = await one.service.export_one(it, tmp_path / f"it.{ending}", "json")
            assert summary.missing_files == 1
        assert await two.take_in(tmp_path / "it.zip") == ImportSummary(imported=1, missing_files=1)
        assert await two.all() == await one.all()


async def test_what_a_killed_import_had_staged_is_gone_after_the_next_start(tmp_path: Path) -> None:
    async with history(tmp_path / "one") as one:
        await _some(one, 1)
        (archived,) = await one.all()
    async with history(tmp_path / "two") as two:
        await two.archives.begin().add(archived)
        assert await two.all() == []
        assert await two.traces() > 0
        await two.store.recover()
        assert await two.traces() == 0


FORMATS: tuple[Format, ...] = ("markdown", "html", "pdf", "json")


@pytest.mark.parametrize("form", FORMATS)
async def test_a_failed_export_leaves_what_was_there(tmp_path: Path, form: Format) -> None:
    async with history(tmp_path / "one") as one:
        (tmp_path / "it").write_text("mine")
        with pytest.raises(Exception, match="no longer there"):
            await one.service.export_one("none", tmp_path / "it", form)
        assert (tmp_path / "it").read_text() == "mine"
        left = [name for _, _, names in os.walk(tmp_path) for name in names if "part" in name]
        assert left == []
