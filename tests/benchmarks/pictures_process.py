"""Opens, writes and composites large pictures beside a ticking thread; prints milliseconds as JSON."""

from __future__ import annotations

import io
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from PIL import Image, ImageChops, ImageDraw, ImageFilter
from PySide6.QtCore import QBuffer
from PySide6.QtGui import QImage

from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.services.images.composing import composited
from aiproxy_desktop.services.images.editing import finish_edit, prepare_edit
from aiproxy_desktop.services.images.masks import for_openai, mask_file
from aiproxy_desktop.services.images.opening import Preview, open_picture
from aiproxy_desktop.services.images.picture import Mask, Picture

_SIDE = 4096
_REPEATS = 3
_FACTS = ImageModelFacts(
    "any", (), (), (), 32_000, 1, frozenset({"size"}), True, free_size=True, masks=True, most_inputs=16
)


class _Ticking:
    """A thread that wants to run every millisecond, as a window does; `worst`: how long it could not (ms)."""

    def __init__(self) -> None:
        self.worst = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> _Ticking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        last = time.perf_counter()
        while not self._ended.is_set():
            time.sleep(0.001)
            now = time.perf_counter()
            self.worst = max(self.worst, (now - last) * 1000)
            last = now


@contextmanager
def _ticking(found: dict[str, float], key: str) -> Iterator[None]:
    """The least of several: what else runs on the machine only adds to it."""
    with _Ticking() as ticking:
        yield
    found[key] = min(found.get(key, float("inf")), ticking.worst)


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _median(work: Callable[[], object]) -> float:
    return statistics.median(_milliseconds(work) for _ in range(_REPEATS))


def _photo(size: tuple[int, int]) -> Image.Image:
    """About as hard to pack as a photo: soft shapes with grain."""
    small = [Image.effect_noise((size[0] // 32, size[1] // 32), 120) for _ in "RGB"]
    shapes = Image.merge("RGB", [one.resize(size, Image.Resampling.BICUBIC) for one in small])
    grain = Image.effect_noise((size[0] // 4, size[1] // 4), 6).resize(size, Image.Resampling.NEAREST)
    return ImageChops.add(shapes, Image.merge("RGB", (grain,) * 3), 1, -128)


def _saved(image: Image.Image, form: str, **options: int) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def _note(seen: list[float], _preview: Preview) -> None:
    seen.append(time.perf_counter())


def _opening(found: dict[str, float], form: str, data: bytes) -> None:
    key = form.lower()
    previews: list[float] = []
    for _ in range(_REPEATS):
        seen: list[float] = []
        began = time.perf_counter()
        with _ticking(found, f"{key}_stall"):
            open_picture(data, "photo", partial(_note, seen))
        previews.append((seen[0] - began) * 1000)
    found[f"{key}_preview"] = statistics.median(previews)
    found[f"{key}_full"] = _median(lambda: open_picture(data, "photo"))


def _strokes() -> Image.Image:
    mask = Image.new("L", (_SIDE, _SIDE))
    draw = ImageDraw.Draw(mask)
    for at in range(0, _SIDE, 256):
        draw.line((at, 100, _SIDE - at // 2, _SIDE - 50, _SIDE // 3, at), 255, 50, "curve")
    return mask.filter(ImageFilter.BoxBlur(6))


def _save_qt(image: QImage) -> None:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes


def _masks(found: dict[str, float]) -> None:
    strokes = _strokes()
    mask = Mask(strokes)
    nothing = Image.new("L", strokes.size)
    kept = strokes.point([255 - value for value in range(256)])
    clear = Image.merge("RGBA", (nothing, nothing, nothing, kept)).tobytes("raw", "BGRA")
    grey = strokes.tobytes()
    found["mask_qt"] = _median(
        lambda: _save_qt(QImage(clear, _SIDE, _SIDE, 4 * _SIDE, QImage.Format.Format_ARGB32))
    )
    found["grey_qt"] = _median(
        lambda: _save_qt(QImage(grey, _SIDE, _SIDE, _SIDE, QImage.Format.Format_Grayscale8))
    )
    for _ in range(_REPEATS):
        with _ticking(found, "mask_stall"):
            for_openai(mask)
    found["mask_ours"] = _median(lambda: for_openai(mask))
    found["grey_ours"] = _median(lambda: mask_file(mask))


def _compositing(found: dict[str, float], photo: Image.Image) -> None:
    picture, mask = Picture(photo), Mask(_strokes())
    prepared = prepare_edit(picture, mask, 12, _FACTS, "anything")
    answer = _saved(ImageChops.offset(photo.resize(prepared.plan.sent_size), 3, 2), "PNG", compress_level=1)
    for _ in range(_REPEATS):
        with _ticking(found, "finish_stall"):
            finish_edit(prepared, answer)
    found["finish"] = _median(lambda: finish_edit(prepared, answer))
    found["composite"] = _median(lambda: composited(picture, photo, mask))


def main() -> None:
    """Measure all of it."""
    sys.setswitchinterval(0.0005)  # as the application does
    found: dict[str, float] = {}
    photo = _photo((8192, 6144))
    for form, options in (("JPEG", {"quality": 90}), ("PNG", {"compress_level": 3})):
        _opening(found, form, _saved(photo, form, **options))
    _masks(found)
    _compositing(found, photo.crop((0, 0, _SIDE, _SIDE)))
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
