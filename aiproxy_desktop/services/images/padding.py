"""Padding that a model may as well see: the picture goes on, mirrored, beyond its edges."""

from __future__ import annotations

from PIL import Image, ImageOps

from aiproxy_desktop.services.images.extending import with_edges


def padded(image: Image.Image, place: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    """An image at a place of a larger one; around it goes on mirrored, farther out as its edges are."""
    left, top, right, bottom = place
    if (left, top, right, bottom) == (0, 0, *size):
        return image
    # First the edges, for what lies too far out to be a mirror's; then one mirror at each side.
    across = min(image.width, max(left, size[0] - right))
    down = min(image.height, max(top, size[1] - bottom))
    mirrored = Image.new(image.mode, (image.width + 2 * across, image.height + 2 * down))
    mirrored.paste(image, (across, down))
    if across:
        flipped = ImageOps.mirror(image)
        mirrored.paste(flipped.crop((image.width - across, 0, image.width, image.height)), (0, down))
        mirrored.paste(flipped.crop((0, 0, across, image.height)), (across + image.width, down))
    if down:
        above = ImageOps.flip(mirrored.crop((0, down, mirrored.width, 2 * down)))
        below = ImageOps.flip(mirrored.crop((0, image.height, mirrored.width, image.height + down)))
        mirrored.paste(above, (0, 0))
        mirrored.paste(below, (0, down + image.height))
    start = left - across, top - down
    shown = mirrored.crop((max(0, -start[0]), max(0, -start[1]), mirrored.width, mirrored.height))
    at = max(0, start[0]), max(0, start[1])
    shown = shown.crop((0, 0, min(shown.width, size[0] - at[0]), min(shown.height, size[1] - at[1])))
    return with_edges(shown, (*at, at[0] + shown.width, at[1] + shown.height), size)
