"""`aiproxy-desktop image` as a person types it: real processes, image services on loopback."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from PIL import Image, ImageChops, ImageDraw

from aiproxy_desktop.storage.paths import AppPaths
from tests.image_servers import GeminiImages, OpenAIImages, picture
from tests.integration.test_cli import one_line, start
from tests.unit.services.images.desk import gemini_at, noise, openai_at
from tests.waiting import until

GPT = "gpt-image-2"
NANO = "gemini:gemini-3.1-flash-image"


class Done(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
async def server() -> AsyncIterator[OpenAIImages]:
    async with OpenAIImages() as found:
        yield found


async def image(*arguments: str | Path, environment: Mapping[str, str]) -> Done:
    process = await start("image", *map(str, arguments), environment=environment)
    out, err = await process.communicate()
    assert process.returncode is not None
    return Done(process.returncode, out.decode(), err.decode())


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def opened(path: Path) -> Image.Image:
    return picture(path.read_bytes())


def photo(folder: Path, size: tuple[int, int] = (320, 200)) -> Path:
    path = folder / "photo.png"
    noise(size).save(path)
    return path


def white_box(folder: Path, size: tuple[int, int], box: tuple[int, int, int, int]) -> Path:
    path, mask = folder / "mask.png", Image.new("L", size)
    ImageDraw.Draw(mask).rectangle(box, fill=255)
    mask.save(path)
    return path


def changed_box(before: Path, after: Path) -> tuple[int, int, int, int] | None:
    """The smallest box around all pixels that differ in any channel."""
    pair = [opened(path).convert("RGB") for path in (before, after)]
    bands = ImageChops.difference(*pair).split()
    return ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2]).getbbox()


async def test_an_image_goes_where_it_is_told_and_nothing_else_is_kept(
    server: OpenAIImages, tmp_path: Path
) -> None:
    target = tmp_path / "boat.png"
    done = await image(
        *("A red boat", "-m", GPT, "-o", target, "--size", "1536x1024", "--quality", "low"),
        environment=openai_at(server.url),
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{target}  1536 x 1024  $0.")
    assert done.out.count("\n") == 1
    made = opened(target)
    assert (made.format, made.size, made.getpixel((700, 500))) == ("PNG", (1536, 1024), (255, 0, 0))
    (request,) = server.requests
    assert (request.fields["size"], request.fields["quality"]) == ("1536x1024", "low")
    assert files(tmp_path) == {"boat.png"}
    assert not AppPaths.resolve(None, os.environ).database_file.exists()


async def test_several_images_are_numbered_and_formats_are_by_name(
    server: OpenAIImages, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / "settings.json").write_text(f'{{"image_model": "openai:{GPT}"}}')
    done = await image(
        *("A red boat", "--data-dir", home, "-o", tmp_path / "boat.jpg", "-n", "3"),
        environment=openai_at(server.url),
    )
    assert (done.code, done.err) == (0, "")
    assert [line.split("  ")[0] for line in done.out.splitlines()] == [
        str(tmp_path / f"boat-{number}.jpg") for number in (1, 2, 3)
    ]
    assert files(tmp_path) == {"boat-1.jpg", "boat-2.jpg", "boat-3.jpg"}
    assert {opened(tmp_path / name).format for name in files(tmp_path)} == {"JPEG"}

    async with GeminiImages() as gemini:  # which is asked for no format, and sends PNG
        done = await image(
            *("A blue boat", "-m", NANO, "-o", tmp_path / "boat", "--format", "webp"),
            *("--aspect-ratio", "16:9", "--resolution", "2K"),
            environment=gemini_at(gemini.url),
        )
    assert (done.code, done.err) == (0, "")
    assert (opened(tmp_path / "boat").format, opened(tmp_path / "boat").size) == (
        "WEBP",
        (2688, 1536),
    )


@pytest.mark.parametrize("feather", [0, 8])
async def test_what_is_outside_the_mask_stays_byte_for_byte(
    server: OpenAIImages, tmp_path: Path, feather: int
) -> None:
    before, target = photo(tmp_path), tmp_path / "after.png"
    mask = white_box(tmp_path, (320, 200), (60, 40, 140, 120))
    done = await image(
        *("Make it lime", "-m", GPT, "-o", target, "--edit", before, "--mask", mask),
        *("--feather", str(feather)),
        environment=openai_at(server.url),
    )
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{target}  320 x 200  $0.")
    found = changed_box(before, target)
    assert found is not None
    assert found[0] >= 60 - feather
    assert found[1] >= 40 - feather
    assert found[2] <= 141 + feather
    assert found[3] <= 121 + feather
    assert opened(target).convert("RGB").getpixel((100, 80)) == (0, 255, 0)
    (request,) = server.requests
    assert request.mask is not None
    holes = picture(request.mask)
    sent = request.pictures()[0]
    assert holes.size == sent.size
    middle = (sent.width * 100 // 320, sent.height * 80 // 200)
    alpha = holes.getchannel("A")
    assert (alpha.getpixel(middle), alpha.getpixel((1, 1))) == (0, 255)


async def test_the_guarantee_can_be_switched_off_and_holds_without_masks(
    server: OpenAIImages, tmp_path: Path
) -> None:
    before, target = photo(tmp_path), tmp_path / "after.png"
    mask = white_box(tmp_path, (320, 200), (60, 40, 140, 120))
    asked = ("Make it lime", "-o", target, "--edit", before, "--mask", mask)
    done = await image(*asked, "-m", GPT, "--no-protect", environment=openai_at(server.url))
    assert (done.code, done.err) == (0, "")
    found = changed_box(before, target)
    assert found is not None
    assert found[2] - found[0] > 300  # the service changes every pixel

    async with GeminiImages() as gemini:
        done = await image(*asked, "-m", NANO, "--force", environment=gemini_at(gemini.url))
        assert (done.code, done.err) == (0, "")
        assert not gemini.refusals
    found = changed_box(before, target)
    assert found is not None
    assert found[0] >= 60
    assert found[1] >= 40
    assert found[2] <= 141
    assert found[3] <= 121


@pytest.mark.parametrize("fault", ["html", "refusal", "executable", "bomb", "cut", "disconnect"])
async def test_whatever_fails_is_one_sentence_and_leaves_no_file(
    server: OpenAIImages, tmp_path: Path, fault: str
) -> None:
    server.behave(fault=fault)
    done = await image(
        "A red boat", "-m", GPT, "-o", tmp_path / "boat.png", environment=openai_at(server.url)
    )
    assert (done.code, done.out) == (1, "")
    assert one_line(done.err)
    assert "went wrong" not in done.err
    assert files(tmp_path) == set()


async def test_what_cannot_be_is_said_before_anything_is_sent(server: OpenAIImages, tmp_path: Path) -> None:
    before, there = photo(tmp_path), tmp_path / "there.png"
    there.write_bytes(b"precious")
    (tmp_path / "boat-2.png").write_bytes(b"precious")
    (tmp_path / "notes.png").write_text("no picture at all")
    mask = white_box(tmp_path, (100, 100), (1, 1, 5, 5))
    free = tmp_path / "free.png"
    at_start = files(tmp_path)
    wrong: dict[str, tuple[str | Path, ...]] = {
        "is there already": ("A boat", "-m", GPT, "-o", there),
        "boat-2.png” is there already": ("A boat", "-m", GPT, "-o", tmp_path / "boat.png", "-n", "2"),
        "There is no folder": ("A boat", "-m", GPT, "-o", tmp_path / "none" / "a.png"),
        "does not tell the format": ("A boat", "-m", GPT, "-o", tmp_path / "a.gif"),
        "--format says webp": ("A boat", "-m", GPT, "-o", free, "--format", "webp"),
        "cannot keep what is outside": (
            *("A boat", "-m", GPT, "-o", tmp_path / "a.jpg", "--edit", before, "--mask", mask),
        ),
        "mask.png": ("A boat", "-m", GPT, "-o", free, "--edit", before, "--mask", mask),
        "notes.png": ("A boat", "-m", GPT, "-o", free, "--edit", tmp_path / "notes.png"),
        "nowhere.png": ("A boat", "-m", GPT, "-o", free, "--reference", tmp_path / "nowhere.png"),
        "No image model is chosen": ("A boat", "-o", free),
        "nothing to ask": (" ", "-m", GPT, "-o", free),
        "makes no images": ("A boat", "-m", "builtin:smollm2-135m", "-o", free),
    }
    for words, arguments in wrong.items():
        done = await image(*arguments, environment=openai_at(server.url))
        assert (done.code, done.out, words in done.err) == (1, "", True), done
        assert one_line(done.err), done
    for usage in (
        ("A boat", "-m", GPT),
        ("A boat", "-o", free, "--mask", mask),
        ("A", "-o", free, "-n", "0"),
    ):
        done = await image(*usage, environment=openai_at(server.url))
        assert done.code == 2, done
        assert "usage: aiproxy-desktop" in done.err
    assert server.requests == []
    assert server.refusals == []
    assert files(tmp_path) == at_start
    assert there.read_bytes() == b"precious"


async def test_what_came_is_written_where_the_rest_fails(server: OpenAIImages, tmp_path: Path) -> None:
    server.behave(fault="refusal", times=1)
    done = await image(
        *("A boat", "-m", "openai:dall-e-3", "-o", tmp_path / "boat.png", "-n", "3"),
        environment=openai_at(server.url),
    )
    assert done.code == 1
    assert len(done.out.splitlines()) == 2
    assert one_line(done.err)
    assert files(tmp_path) == {Path(line.split("  ")[0]).name for line in done.out.splitlines()}
    assert len(files(tmp_path)) == 2


async def test_an_interrupt_closes_the_connection_and_leaves_nothing(
    server: OpenAIImages, tmp_path: Path
) -> None:
    server.behave(fault="silent")
    process = await start(
        *("image", "A boat", "-m", GPT, "-o", str(tmp_path / "boat.png")), environment=openai_at(server.url)
    )
    await until(lambda: server.requests, "the request is there")
    process.send_signal(signal.SIGINT)
    out, err = await process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"")
    await asyncio.wait_for(server.requests[0].closed.wait(), 60)
    assert files(tmp_path) == set()
