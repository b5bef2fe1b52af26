from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import LocalModelError
from aiproxy_desktop.services.local_models import Memory
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.model_settings import ModelFileOptions
from tests.gguf_files import model_file
from tests.local_desk import GB, LocalDesk, local_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[LocalDesk]:
    async with local_desk(tmp_path) as found:
        yield found


async def names(desk: LocalDesk) -> list[str]:
    return [file.name for file in await desk.service.files()]


async def test_at_first_there_is_the_bundled_model(desk: LocalDesk) -> None:
    (only,) = await desk.service.files()
    assert (only.path, only.bundled, only.id, only.parameters) == ("", True, "smollm2-135m", "135M")
    assert (only.trained, only.context, only.chosen_context, only.threads) == (8192, 8192, None, None)
    assert only.contexts == (2048, 4096, 8192)
    assert only.fit.verdict == "fits"
    assert not only.deletable
    assert desk.offered["smollm2-135m"].quantization == "Q4_1"


async def test_a_file_is_looked_at_before_it_is_added(desk: LocalDesk, tmp_path: Path) -> None:
    path = str(model_file(tmp_path / "big.gguf", size=5 * GB))
    seen = await desk.service.inspect(path)
    assert (seen.name, seen.parameters, seen.quantization, seen.context) == ("big", "7B", "Q4_K_M", 8192)
    assert seen.fit.verdict == "fits"
    assert seen.fit_at(32768).verdict == "tight"
    assert seen.contexts == (2048, 4096, 8192, 16384, 32768)
    assert seen.comfortable_context == 8192
    assert await names(desk) == ["SmolLM2 135M"]
    desk.memory = Memory(2 * GB, 4 * GB)
    assert (await desk.service.inspect(path)).fit.verdict == "too_large"
    desk.memory = Memory(None, None)
    assert (await desk.service.inspect(path)).fit.verdict == "unknown"


async def test_an_added_file_is_offered_at_once_and_kept(desk: LocalDesk, tmp_path: Path) -> None:
    path = model_file(tmp_path / "a b.gguf")
    added = await desk.service.add(str(path))
    assert (added.name, added.path) == ("a b", str(path))
    assert desk.offered["a-b"].parameters == "7B"
    assert desk.store.load().settings.model_files == (str(path),)
    with pytest.raises(LocalModelError, match=r"a b\.gguf is already here"):
        await desk.service.add(str(path))
    await desk.service.offer(str(path))
    assert desk.store.load().settings.model_files == (str(path),)
    (tmp_path / "text.gguf").write_text("text")
    with pytest.raises(LocalModelError):
        await desk.service.offer(str(tmp_path / "text.gguf"))


async def test_the_same_file_by_another_way_is_already_here(desk: LocalDesk, tmp_path: Path) -> None:
    path = model_file(tmp_path / "a.gguf")
    link = tmp_path / "link.gguf"
    link.symlink_to(path)
    added = await desk.service.add_many([str(path), str(link), str(path)])
    assert [file.name for file in added.files] == ["a"]
    assert added.already == ("link.gguf", "a.gguf")


async def test_folders_give_the_models_in_them_and_one_bad_file_stops_no_other(
    desk: LocalDesk, tmp_path: Path
) -> None:
    folder = tmp_path / "models of mine" / "deep"
    folder.mkdir(parents=True)
    model_file(folder / "one.gguf")
    model_file(folder.parent / "two.GGUF")
    for part in (1, 2):
        model_file(folder / f"three-{part:05}-of-00002.gguf")
    (folder / "bad.gguf").write_text("no model")
    (folder / "notes.txt").write_text("no model")
    empty = tmp_path / "empty"
    empty.mkdir()
    added = await desk.service.add_many([str(folder.parent), str(empty), str(tmp_path / "absent.gguf")])
    assert sorted(file.name for file in added.files) == ["one", "three", "two"]
    assert [error.title for error in added.refused] == [
        "bad.gguf is not a model file",
        "There is no GGUF file in empty",
        "The model file absent.gguf cannot be read (No such file or directory)",
    ]
    assert set(desk.offered) == {"smollm2-135m", "one", "two", "three"}


async def test_a_file_that_is_cut_off_is_not_added(desk: LocalDesk, tmp_path: Path) -> None:
    path = model_file(tmp_path / "cut.gguf")
    os.truncate(path, path.stat().st_size - 70)
    with pytest.raises(LocalModelError, match="is not whole"):
        await desk.service.add(str(path))
    assert desk.settings.current.model_files == ()


async def test_options_reach_the_model_and_are_bounded(desk: LocalDesk, tmp_path: Path) -> None:
    path = str(model_file(tmp_path / "a.gguf"))
    await desk.service.add(path)
    await desk.service.set_options(path, 16384, 1)
    file = await desk.file("a")
    assert (file.context, file.chosen_context, file.threads) == (16384, 16384, 1)
    assert desk.offered["a"].context_window == 16384
    await desk.service.set_options(path, 10**9, 10**9)
    assert (await desk.file("a")).context == 32768
    assert desk.store.load().settings.model_options == (
        ModelFileOptions(path=path, context=16_777_216, threads=256),
    )
    await desk.service.set_options("", 2048, None)
    assert desk.offered["smollm2-135m"].context_window == 2048
    await desk.service.set_options(path, None, None)
    await desk.service.set_options("", None, None)
    assert desk.settings.current.model_options == ()
    assert desk.offered["a"].context_window == 8192


async def test_a_removed_model_comes_back_to_its_place_with_its_options(
    desk: LocalDesk, tmp_path: Path
) -> None:
    paths = [str(model_file(tmp_path / f"{name}.gguf")) for name in "abc"]
    await desk.service.add_many(paths)
    await desk.service.set_options(paths[1], 4096, 2)
    undo = await desk.service.remove(paths[1])
    assert await names(desk) == ["SmolLM2 135M", "a", "c"]
    assert desk.settings.current.model_options == ()
    assert (tmp_path / "b.gguf").exists()
    await undo()
    assert await names(desk) == ["SmolLM2 135M", "a", "b", "c"]
    file = await desk.file("b")
    assert (file.chosen_context, file.threads) == (4096, 2)
    await undo()
    assert len(await names(desk)) == 4


async def test_a_file_that_was_moved_away_says_so_and_can_be_found_again(
    desk: LocalDesk, tmp_path: Path
) -> None:
    path = model_file(tmp_path / "a.gguf")
    await desk.service.add(str(path))
    await desk.service.set_options(str(path), 4096, None)
    there = path.rename(tmp_path / "elsewhere.gguf")
    gone = await desk.file("a")
    assert gone.missing
    assert gone.problem.startswith("The model file a.gguf cannot be read")
    with pytest.raises(LocalModelError):
        await desk.service.locate(str(path), str(tmp_path / "absent.gguf"))
    assert (await desk.file("a")).missing
    await desk.service.locate(str(path), str(there))
    found = await desk.file("elsewhere")
    assert (found.problem, found.chosen_context) == ("", 4096)
    there.write_text("not a model any more")
    broken = await desk.file("elsewhere")
    assert not broken.missing
    assert "is not a model file" in broken.problem


async def test_only_downloaded_files_are_deleted(desk: LocalDesk, tmp_path: Path) -> None:
    own = model_file(desk.folder / "own.gguf", size=1000)
    other = model_file(tmp_path / "other.gguf")
    link = desk.folder / "link.gguf"
    link.symlink_to(other)
    await desk.service.add_many([str(own), str(other)])
    assert (await desk.file("own")).deletable
    assert not (await desk.file("other")).deletable
    for path in (str(other), str(link), "", str(desk.folder / ".." / "other.gguf")):
        with pytest.raises(LocalModelError, match="was not downloaded"):
            await desk.service.delete_file(path)
    assert other.exists()
    assert await desk.service.delete_file(str(own)) == 1000
    assert not own.exists()
    assert await names(desk) == ["SmolLM2 135M", "other"]


async def test_all_parts_of_a_model_are_deleted(desk: LocalDesk) -> None:
    paths = [model_file(desk.folder / f"m-{part:05}-of-00002.gguf", size=1000) for part in (1, 2)]
    await desk.service.add(str(paths[0]))
    assert await desk.service.delete_file(str(paths[0])) == 2000
    assert not any(path.exists() for path in paths)


async def test_a_file_that_cannot_be_deleted_stays_on_the_list(desk: LocalDesk) -> None:
    path = model_file(desk.folder / "own-00001-of-00002.gguf")
    second = model_file(desk.folder / "own-00002-of-00002.gguf")
    await desk.service.add(str(path))
    second.unlink()
    second.mkdir()  # which nobody can delete as a file
    with pytest.raises(StorageError, match="cannot be deleted"):
        await desk.service.delete_file(str(path))
    assert path.exists()
    assert "own" in await names(desk)


async def test_whoever_listens_hears_of_these_changes_only(desk: LocalDesk, tmp_path: Path) -> None:
    heard: list[None] = []
    unsubscribe = desk.service.subscribe(lambda: heard.append(None))
    await desk.settings.update(zoom=110)
    assert not heard
    await desk.service.add(str(model_file(tmp_path / "a.gguf")))
    await desk.service.set_options("", 2048, None)
    assert len(heard) == 2
    unsubscribe()
    await desk.service.set_options("", None, None)
    assert len(heard) == 2


async def test_models_of_the_same_name_have_the_ids_that_they_are_offered_under(
    desk: LocalDesk, tmp_path: Path
) -> None:
    (tmp_path / "x").mkdir()
    await desk.service.add_many(
        [str(model_file(tmp_path / "a.gguf")), str(model_file(tmp_path / "x/a.gguf"))]
    )
    listed = [file.id for file in await desk.service.files()]
    assert listed == ["smollm2-135m", "a", "a-2"] == list(desk.offered)
