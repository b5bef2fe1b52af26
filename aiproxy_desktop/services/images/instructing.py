"""Where an edit may change a picture, for models that take no mask: in words, and marked in an image."""

from __future__ import annotations

from PIL import Image

from aiproxy_desktop.services.images.picture import Mask

# What marks the area: a colour that photos have little of.
_MARK = (255, 0, 255)
_MARK_NAME = "magenta"
_OPACITY = 0.65


def instruction(prompt: str, mask: Mask, *, marked: bool) -> str:
    """The prompt, with sentences that say where.

    Args:
        prompt: what the person asked for.
        mask: of the size that is sent; it is not empty.
        marked: whether the second image shows the area.
    """
    box = mask.box
    if box is None:
        return prompt
    width, height = mask.size
    left, right = (round(100 * side / width) for side in (box[0], box[2]))
    top, bottom = (round(100 * side / height) for side in (box[1], box[3]))
    said = [
        prompt.strip(),
        "",
        (
            f"Change only one area of the first image: it lies {_place(box, mask.size)}, from {left}% to "
            f"{right}% of the width (from the left) and from {top}% to {bottom}% of the height (from the "
            f"top), about {box[2] - box[0]} × {box[3] - box[1]} of {width} × {height} pixels."
        ),
    ]
    if marked:
        said.append(
            f"The second image is the first one with that area painted over in {_MARK_NAME}. It only shows "
            f"where: leave no {_MARK_NAME} in the result."
        )
    said.append(
        "Keep everything outside of the area exactly as it is, with the same framing, size and position, and "
        "let the change blend in with it."
    )
    return "\n".join(said)


def marked_area(image: Image.Image, mask: Mask) -> Image.Image:
    """The image as RGB, with the mask's area painted over so that what is below can still be seen."""
    plain = image.convert("RGB")
    colour = Image.new("RGB", plain.size, _MARK)
    return Image.composite(colour, plain, mask.image.point([round(value * _OPACITY) for value in range(256)]))


def _place(box: tuple[int, int, int, int], size: tuple[int, int]) -> str:
    if (box[2] - box[0]) * (box[3] - box[1]) > 0.8 * size[0] * size[1]:
        return "across nearly all of it"
    across = _third((box[0] + box[2]) / 2 / size[0], ("left", "", "right"))
    down = _third((box[1] + box[3]) / 2 / size[1], ("top", "", "bottom"))
    if not across and not down:
        return "in the middle"
    return f"at the {' '.join(word for word in (down, across) if word)}"


def _third(part: float, words: tuple[str, str, str]) -> str:
    return words[min(2, int(part * 3))]
