"""Decoded images of any mode as the studio works on them: RGB or RGBA, 8 bits, upright."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from PIL import Image

from aiproxy_desktop.services.image_metadata import exif_turn
from aiproxy_desktop.services.images.colours import fits, is_srgb, to_srgb
from aiproxy_desktop.services.images.formats.container import Container
from aiproxy_desktop.services.images.picture import Picture
from aiproxy_desktop.services.images.strips import least_and_most, strips

NoteKind: TypeAlias = Literal["turned", "first_frame", "cmyk", "deep", "profile"]
_SENTENCES: dict[NoteKind, str] = {
    "turned": "It was turned upright, as its camera noted.",
    "first_frame": "It holds several pictures; the first was opened.",
    "cmyk": "Its printing colours (CMYK) were converted to screen colours.",
    "deep": "It has more than 8 bits a channel; it was opened with 8.",
    "profile": "Its colour profile is damaged or not for its pixels, and was left out.",
}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that was done to a picture while it was opened; `sentence` says it in English."""

    kind: NoteKind

    @property
    def sentence(self) -> str:
        """The note in words."""
        return _SENTENCES[self.kind]


def upright(image: Image.Image, turn: int) -> Image.Image:
    """An image turned and mirrored as Exif's orientation (1 to 8) says."""
    return image.transpose(_TURNS[turn]) if turn in _TURNS else image


def normalised(image: Image.Image, container: Container) -> tuple[Picture, tuple[Note, ...]]:
    """A decoded image as a picture, and what was done to it."""
    notes: list[NoteKind] = []
    frames = container.frames or getattr(image, "n_frames", 1) > 1
    if frames:
        notes.append("first_frame")
    icc = container.icc or image.info.get("icc_profile") or b""
    turn = container.turn if container.turn != 1 else _said_turn(image)
    if container.deep or image.mode in {"I", "F"} or image.mode.startswith("I;16"):
        notes.append("deep")
    if image.mode in {"CMYK", "LAB"}:
        if image.mode == "CMYK":
            notes.append("cmyk")
        plain, icc = to_srgb(image, icc), b""
    else:
        plain, icc, kept = _plain(image, icc)
        if not kept:
            notes.append("profile")
    if turn != 1:
        notes.append("turned")
        plain = upright(plain, turn)
    return Picture(plain, icc), tuple(Note(kind) for kind in notes)


def _said_turn(image: Image.Image) -> int:
    """What a decoder found in the file: WebP's Exif data, and what AVIF says in its own way."""
    exif = image.info.get("exif")
    return exif_turn(exif.removeprefix(b"Exif\0\0")) if isinstance(exif, bytes) else 1


def _plain(image: Image.Image, icc: bytes) -> tuple[Image.Image, bytes, bool]:
    """RGB or RGBA, the profile they are in, and whether the file's own could be used."""
    grey = image.mode in {"1", "L", "LA"} or image.mode.startswith(("I", "F"))
    plain = _eight_bits(image)
    see_through = plain.has_transparency_data
    if icc and grey and fits(icc, "GRAY"):
        # Grey of its own kind: as colours, the picture's profile would say nothing.
        bands = to_srgb(plain.convert("L"), icc)
        if see_through:
            bands.putalpha(plain.convert("RGBA").getchannel("A"))
        return bands, b"", True
    mode = "RGBA" if see_through else "RGB"
    if plain.mode != mode:
        plain = plain.convert(mode)
    # Without what else its file said: none of it is to be written into another one.
    fresh = plain._new(plain.im)
    fresh.info = {}
    if not icc or is_srgb(icc):
        return fresh, b"", True
    return (fresh, icc, True) if fits(icc, "RGB") else (fresh, b"", False)


def _eight_bits(image: Image.Image) -> Image.Image:
    """Integers and fractions of any range as 8 bits: scaled by their format's range, not cut off."""
    if image.mode.startswith("I;16"):
        return _scaled(image, 0.0, 65535.0)
    if image.mode not in {"I", "F"}:
        return image
    least, most = least_and_most(image)
    if image.mode == "F" and least >= 0 and most <= 1:
        low, high = 0.0, 1.0
    elif least >= 0 and most <= 255:
        low, high = 0.0, 255.0
    elif least >= 0 and most <= 65535:
        low, high = 0.0, 65535.0
    else:
        low, high = least, most
    return _scaled(image, low, high)


def _scaled(image: Image.Image, low: float, high: float) -> Image.Image:
    """Values between two bounds as 0 to 255, rounded."""
    scale = 255 / (high - low) if high > low else 0.0
    whole = Image.new("L", image.size)
    for box in strips(image.size):
        part = image.crop(box)
        # There is no way from 16 bits to fractions but through integers.
        part = part.convert("I") if part.mode.startswith("I;16") else part
        part = part.convert("F").point(lambda value: value * scale + (0.5 - low * scale))
        whole.paste(part.convert("L"), box)
    return whole
