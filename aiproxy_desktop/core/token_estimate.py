"""About how many tokens something takes, told without the model's own tokeniser. Values in, values out.

Every provider cuts text in its own way, so no count made here is exact; what a provider reports after an
answer is. Estimates are for showing and for warning early, never for refusing.
"""

from __future__ import annotations

from math import ceil

# What bytes of UTF-8 stand for: a run of letters, a run of spaces, a digit, a sign, or the first byte of a
# longer character (the bytes that follow it count for nothing).
_LETTERS = bytes((*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)))
_DIGITS = b"0123456789"
_BLANKS = b" \t\r\n\v\f"
_FOLLOWING = bytes(range(0x80, 0xC0))
_TWO_BYTES = bytes(range(0xC0, 0xE0))  # accented letters, Greek, Cyrillic, Hebrew, Arabic
_THREE_BYTES = bytes(range(0xE0, 0xF0))  # Chinese, Japanese, Korean, Indic, most signs
_FOUR_BYTES = bytes(range(0xF0, 0x100))  # emoji and rare characters
_SIGNS = bytes(set(range(0x80)) - set(_LETTERS) - set(_DIGITS) - set(_BLANKS))

_WORDS = bytes(byte if byte in _LETTERS else 0x20 for byte in range(0x100))
_LINES = bytes(byte if byte in b"\n" else 0x20 for byte in range(0x100))

# Tokens a piece, fitted to what cl100k_base and o200k_base make of prose, code and tables.
_A_WORD = 1.08
_LETTERS_A_TOKEN = 4.6
_A_SIGN = 0.68
_DIGITS_A_TOKEN = 2.0
_A_LINE = 0.8
_A_TWO_BYTE = 0.42
_A_THREE_BYTE = 0.8
_A_FOUR_BYTE = 2.2

# Of media. OpenAI: platform.openai.com/docs/guides/images-vision (tiles of 512 after fitting into 2,048 and
# bringing the short side to 768) and its audio guide (10 a second).
# Gemini: ai.google.dev/gemini-api/docs/tokens (an image is one up to 384 pixels, else in tiles of 768; 32 a
# second of sound and 258 more of film; 258 a page).
# Anthropic: docs.anthropic.com/en/docs/build-with-claude/vision and pdf-support (pixels by 750 after fitting
# into 1,568; a page is an image and its text).
_PIXELS_A_TOKEN = 750
_CLAUDE_SIDE, _CLAUDE_MOST = 1568, 1600
_OPENAI_SIDE, _OPENAI_SHORT, _OPENAI_TILE = 2048, 768, 512
_OPENAI_BASE, _OPENAI_A_TILE = 85, 170
_GEMINI_SMALL, _GEMINI_TILE, _GEMINI_A_TILE = 384, 768, 258
_SOUND_A_SECOND = 32
_OPENAI_SOUND_A_SECOND = 10
_FILM_A_SECOND = 290
_A_PAGE_IMAGE = 1500
_A_PAGE_TEXT = 500

# Long texts are looked at in this many pieces of this many characters, spread evenly.
_SAMPLE = 64
_PIECE = 16_384


def estimate_tokens(text: str) -> int:
    """About how many tokens a text is.

    Fast enough for every key: under a millisecond for 100,000 characters, and a few for any length, since
    texts of more than a million characters are estimated by samples.

    Measured against cl100k_base and o200k_base, the error is under a fifth for English prose, code and
    tables of numbers. Other scripts and emoji lie between what those two make of them, which differ by up
    to three times themselves. Base64 is told short by two thirds.
    """
    if not text:
        return 0
    most = _SAMPLE * _PIECE
    if len(text) <= most:
        return max(1, round(_weight(text)))
    step = (len(text) - _PIECE) / (_SAMPLE - 1)
    sampled = sum(_weight(text[int(at * step) : int(at * step) + _PIECE]) for at in range(_SAMPLE))
    return round(sampled * len(text) / most)


def image_tokens(width: int, height: int, provider: str = "") -> int:
    """About how many tokens an image of this size (pixels, positive) takes, by the provider's rule.

    Of other providers it is its pixels by 750, which most come near to.
    """
    if provider in {"openai", "azure"}:
        return _openai_image(width, height)
    if provider == "gemini":
        if max(width, height) <= _GEMINI_SMALL:
            return _GEMINI_A_TILE
        return _GEMINI_A_TILE * ceil(width / _GEMINI_TILE) * ceil(height / _GEMINI_TILE)
    if provider == "anthropic":
        scale = min(1.0, _CLAUDE_SIDE / max(width, height))
        return min(_CLAUDE_MOST, ceil(width * scale * height * scale / _PIXELS_A_TOKEN))
    return ceil(width * height / _PIXELS_A_TOKEN)


def audio_tokens(seconds: float, provider: str = "") -> int:
    """About how many tokens a sound of this length takes."""
    return ceil(seconds * (_OPENAI_SOUND_A_SECOND if provider in {"openai", "azure"} else _SOUND_A_SECOND))


def video_tokens(seconds: float) -> int:
    """About how many tokens a film of this length takes, at one picture a second and with its sound."""
    return ceil(seconds * _FILM_A_SECOND)


def document_tokens(pages: int, provider: str = "") -> int:
    """About how many tokens a PDF takes whose pages are read as images and as text."""
    if provider == "gemini":
        return pages * _GEMINI_A_TILE
    return pages * (_A_PAGE_IMAGE + _A_PAGE_TEXT)


def _openai_image(width: int, height: int) -> int:
    scale = min(1.0, _OPENAI_SIDE / max(width, height))
    scale = min(scale, _OPENAI_SHORT / min(width, height))
    across, down = ceil(width * scale / _OPENAI_TILE), ceil(height * scale / _OPENAI_TILE)
    return _OPENAI_BASE + _OPENAI_A_TILE * across * down


def _weight(text: str) -> float:
    data = text.encode("utf-8", "replace")
    left = len(data)

    def count(kind: bytes) -> int:
        nonlocal data, left
        data = data.translate(None, kind)
        found, left = left - len(data), len(data)
        return found

    words = len(data.translate(_WORDS).split())
    lines = data.count(b"\n")
    letters = count(_LETTERS)
    count(_BLANKS)
    signs = count(_SIGNS)
    digits = count(_DIGITS)
    count(_FOLLOWING)
    two, three = count(_TWO_BYTES), count(_THREE_BYTES)
    return (
        max(words * _A_WORD, letters / _LETTERS_A_TOKEN)
        + signs * _A_SIGN
        + digits / _DIGITS_A_TOKEN
        + lines * _A_LINE
        + two * _A_TWO_BYTE
        + three * _A_THREE_BYTE
        + left * _A_FOUR_BYTE
    )
