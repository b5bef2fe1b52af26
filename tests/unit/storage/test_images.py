from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.storage.backups import BackupFolder
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.image_query import Counted, GalleryQuery
from aiproxy_desktop.storage.image_records import ImageParent, NewImage, StoredImage
from aiproxy_desktop.storage.image_rows import MissingImageError
from aiproxy_desktop.storage.images import ImageStore

START = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
PICTURE = NewImage(
    *("generated", "image/png", 1024, 768, "lamp.png", "A lamp at dusk", "openai:gpt-image-2"),
    parameters={"size": "1024x768", "n": 2},
    cost=0.04,
)


@pytest.fixture
def images(db: Database) -> ImageStore:
    ticks = count()
    return ImageStore(db, lambda: START + timedelta(minutes=next(ticks)))


async def found(images: ImageStore, text: str = "", **more: object) -> list[str]:
    return [row.name for row in await images.search(replace(GalleryQuery(text), **more))]  # type: ignore[arg-type]  # by name


async def named(images: ImageStore, name: str, **more: object) -> StoredImage:
    new = replace(PICTURE, name=name, **more)  # type: ignore[arg-type]  # by name
    return await images.add(new, (name.encode().hex() + "0" * 64)[:64], 7)


async def test_an_image_comes_back_as_it_was_kept(images: ImageStore) -> None:
    odd = replace(PICTURE, prompt="Odd \x00 \ud800 \U0001f332", parents=(ImageParent("gone", "reference"),))
    kept = await images.add(odd, "ab" * 32, 2048, "cd" * 32)
    assert await images.get(kept.id) == kept
    assert (kept.prompt, kept.parameters, kept.cost) == (odd.prompt, {"size": "1024x768", "n": 2}, 0.04)
    assert (kept.mask_hash, kept.parents, kept.family) == ("cd" * 32, odd.parents, kept.id)
    with pytest.raises(MissingImageError):
        await images.get("nobody")


async def test_versions_are_a_family_whatever_is_deleted_of_it(images: ImageStore) -> None:
    first = await named(images, "first")
    second = await named(images, "second", parents=(ImageParent(first.id),))
    third = await named(images, "third", parents=(ImageParent(second.id),))
    other = await named(images, "other", parents=(ImageParent(first.id, "reference"),))
    assert [one.name for one in await images.family(third.id)] == ["first", "second", "third"]
    assert other.family == other.id
    assert [one.name for one in await images.children(first.id)] == ["second", "other"]
    await images.delete([first.id])
    assert [one.name for one in await images.family(first.id)] == ["second", "third"]
    await images.purge()
    fourth = await named(images, "fourth", parents=(ImageParent(second.id),))
    assert fourth.family == first.id
    assert (await images.get(second.id)).base == first.id  # named, though it is gone


async def test_words_are_looked_for_in_prompt_name_model_and_tags(images: ImageStore) -> None:
    fox = await named(images, "one", prompt="A Füchsin in the snow")
    await named(images, "two", prompt="海辺の灯台と夜空")
    await named(images, "three", model="gemini:nano-banana", prompt="C++ on a mug")
    await images.set_tags(fox.id, ["Winter landscape"])
    assert await found(images, "fuchs") == ["one"]
    assert await found(images, "snow winter") == ["one"]
    assert await found(images, "灯台") == ["two"]
    assert await found(images, "C++") == ["three"]
    assert await found(images, "nano-ban") == ["three"]
    await images.rename(fox.id, "Renamed")
    assert await found(images, "one") == []
    assert await found(images, "renamed") == ["Renamed"]
    for odd in ('"', "-x", "NEAR(", "a OR b", "*", "prompt:snow", "\x00"):
        await images.search(GalleryQuery(odd))


async def test_filters_narrow_together_and_orders_hold(images: ImageStore) -> None:
    small = await named(images, "b small", width=10, height=10, cost=None)
    large = await named(images, "A large", width=4000, cost=0.5, model="gemini:x", origin="edited")
    middle = await named(images, "c middle", cost=0.1)
    await images.set_favourite([small.id, large.id], True)
    await images.set_tags(small.id, ["Draft", "draft", " lamp,\n light "])
    await images.set_tags(large.id, ["DRAFT"])
    assert (await images.get(small.id)).tags == ("Draft", "lamp light")
    assert await images.tags() == (Counted("Draft", 2), Counted("lamp light", 1))
    assert await images.models() == (Counted("openai:gpt-image-2", 2), Counted("gemini:x", 1))
    assert await found(images) == ["c middle", "A large", "b small"]
    assert await found(images, order="oldest") == ["b small", "A large", "c middle"]
    assert await found(images, order="name") == ["A large", "b small", "c middle"]
    assert await found(images, order="largest") == ["A large", "c middle", "b small"]
    assert await found(images, order="cost") == ["A large", "c middle", "b small"]
    assert await found(images, tags=("Draft",), favourites=True, origin="edited") == ["A large"]
    assert await found(images, tags=("Draft", "lamp light")) == ["b small"]
    assert await found(images, model="gemini:x") == ["A large"]
    between = await found(images, made_from=large.created_at, made_until=middle.created_at)
    assert between == ["A large"]


async def test_what_is_deleted_comes_back_until_it_is_purged(images: ImageStore, db: Database) -> None:
    kept, gone = await named(images, "kept"), await named(images, "gone")
    await images.set_tags(gone.id, ["Tag"])
    assert await images.delete([gone.id, "nobody", gone.id]) == (gone.id,)
    assert (await found(images), await images.count(), await images.tags()) == (["kept"], 1, ())
    assert await images.restore([gone.id, kept.id]) == (gone.id,)
    assert await found(images, "gone") == ["gone"]
    await images.delete([gone.id])
    await ConversationStore(db).recover()  # the next start
    assert await images.restore([gone.id]) == ()

    def rows(connection: sqlite3.Connection) -> list[int]:
        tables = ("images", "image_tags", "image_parents")
        return [connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]

    assert await db.read(rows) == [1, 0, 0]
    # The index knows what the table knows, and nothing else.
    check = "INSERT INTO image_index (image_index, rank) VALUES ('integrity-check', 1)"
    await db.run(lambda connection: connection.execute(check).fetchall())


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "attachments")


async def test_tidying_spares_the_bytes_of_images_and_masks_until_they_are_purged(
    images: ImageStore, store: ConversationStore, blobs: BlobStore
) -> None:
    chat = ChatService(store, CompletionClient(Registry()), blobs)
    picture, mask, nobody = [await blobs.put(data) for data in (b"picture", b"mask", b"of nobody")]
    image = await images.add(PICTURE, picture, 7, mask)
    two_days_ago = START.timestamp() - 2 * 86_400
    for digest in (picture, mask, nobody):
        os.utime(blobs.path(digest), (two_days_ago, two_days_ago))
    assert await chat.collect_blobs() == 1
    await images.delete([image.id])
    assert await chat.collect_blobs() == 0  # it can still come back
    await images.purge([image.id])
    assert await chat.collect_blobs() == 2
    assert not blobs.path(picture).exists()


async def test_a_backup_keeps_the_bytes_of_its_images(
    images: ImageStore, store: ConversationStore, db: Database, blobs: BlobStore, tmp_path: Path
) -> None:
    folder = BackupFolder(tmp_path / "conversations.db", tmp_path / "backups")
    picture, mask, later = [await blobs.put(data) for data in (b"picture", b"mask", b"later")]
    image = await images.add(PICTURE, picture, 7, mask)
    deleted = await images.add(PICTURE, later, 5)
    await images.delete([deleted.id])
    made = folder.make(7)
    await images.delete([image.id])
    await images.purge()
    for digest in (picture, mask, later):
        os.utime(blobs.path(digest), (0, 0))
    assert folder.referenced() == {picture, mask}
    chat = ChatService(store, CompletionClient(Registry()), blobs)
    assert await chat.collect_blobs(folder.referenced()) == 1
    folder.wish(made.path)
    await db.close()
    assert folder.restore_if_wished().startswith("The backup was restored.")
    restored = await Database.open(tmp_path / "conversations.db")
    back = await ImageStore(restored).get(image.id)
    assert await blobs.read(back.hash) == b"picture"
    assert await blobs.read(back.mask_hash) == b"mask"
    await restored.close()
