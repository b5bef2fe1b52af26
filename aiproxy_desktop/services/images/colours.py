"""Colour profiles (ICC.1): what they are for, and pixels brought from one into another."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def fits(icc: bytes, space: str) -> bool:
    """Whether a profile can be read and is one of a colour space: "RGB", "GRAY" or "CMYK"."""
    profile = _profile(icc)
    return profile is not None and str(profile.profile.xcolor_space).strip() == space


def is_srgb(icc: bytes) -> bool:
    """Whether a profile says that it is sRGB, the space of pixels without a profile."""
    profile = _profile(icc)
    return profile is not None and "srgb" in str(profile.profile.profile_description or "").lower()


def to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """An image in sRGB, RGB or RGBA; where its profile cannot be used, by the usual formula."""
    from PIL import ImageCms

    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    source = _profile(icc) if icc else None
    if image.mode == "LAB":
        source = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    colours = image.convert("RGB") if alpha is not None else image
    done = _transformed(colours, source, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))
    if alpha is not None:
        done.putalpha(alpha)
    return done


def from_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    """An RGB or RGBA image in sRGB, brought into the space of a profile; as it is where there is none."""
    from PIL import ImageCms

    target = _profile(icc) if icc else None
    if target is None:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    done = _transformed(image.convert("RGB"), srgb, target)
    if alpha is not None:
        done.putalpha(alpha)
    return done


def _profile(icc: bytes) -> Any:
    from PIL import ImageCms

    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(icc))
    except (OSError, ValueError, TypeError):
        return None


def _transformed(image: Image.Image, source: Any, target: Any) -> Image.Image:
    from PIL import ImageCms

    if source is not None:
        try:
            done = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, ValueError):
            done = None
        if done is not None:
            return done
    return image.convert("RGB")
