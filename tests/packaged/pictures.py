"""Pictures of windows: kept in build/rooms/pictures to be looked at, and looked over here."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageGrab

from tests.packaged.clean_root import FOLDER

# Fewer are a window that was never painted, or one with boxes in place of letters.
_COLOURS = 200


def drawn_in(picture: Path, name: str) -> Image.Image:
    """A picture in which a window was drawn; it is kept under the name.

    Raises:
        AssertionError: nothing was drawn.
    """
    with Image.open(picture) as opened:
        opened.load()
        return _kept(opened.convert("RGB"), name)


def _kept(image: Image.Image, name: str) -> Image.Image:
    kept = FOLDER / "pictures" / f"{name}.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    image.save(kept)
    colours = image.getcolors(image.width * image.height) or []
    assert len(colours) > _COLOURS, f"{kept} shows {len(colours)} colours"
    return image


def shot(display: str, name: str) -> Image.Image:
    """What is to be seen on a display now."""
    return _kept(ImageGrab.grab(xdisplay=display), name)
