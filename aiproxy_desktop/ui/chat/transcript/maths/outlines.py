"""A formula as one outline: what ziamath draws, taken over as numbers alone.

No markup goes from here to a renderer of images: of ziamath's drawing only coordinates are read, so
nothing that a formula says can name a file or an address. Text of the formula never meets an XML parser
as markup either.
"""

from __future__ import annotations

import contextlib
import math
import re
import sys
import threading
import time
import unicodedata
import warnings
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any, Final, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from aiproxy_desktop.ui.markdown.formulas import Latex

# Pixels an em was drawn with; outlines are scaled from there.
EM: Final = 16.0

_LONGEST_WORK: Final = 2.0
_LONGEST_LOADING: Final = math.inf
# ziamath keeps what it is at in its fonts: two threads at once draw each other's sizes.
_ONE_AT_A_TIME: Final = threading.Lock()
_DEPTH: Final = 40
_MOST_ELEMENTS: Final = 60_000
_WIDEST: Final = 400 * EM
_LOOK_EVERY: Final = 32
_SLICE: Final = 0.001

# Characters that mean something in XML travel as others that nobody writes.
_HIDDEN: Final = {"\\$": "\ue0f3", "<": "\ue0f0", ">": "\ue0f1", '"': "\ue0f2"}
_SHOWN: Final = {hidden: characters[-1] for characters, hidden in _HIDDEN.items()}
_FOREIGN = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
# What says nothing of the ink, or would number and colour it.
_UNDRAWN = re.compile(
    r"\\(?:notag|nonumber|mathop)(?![A-Za-z])|\\label\s*\{[^{}]*\}|\\f?colorbox\s*(?:\{[^{}]*\}\s*)+?(?=\{)"
    r"|\\(?:begin|end)\s*\{(?:equation|gather|multline|displaymath|math)\*?\}"
)
_TAG = re.compile(r"\\tag\*?\s*\{([^{}]*)\}")
_ALIGNED = re.compile(r"\{(?:align|eqnarray|split|alignat|flalign)\*?\}")
_COMMAND = re.compile(r"\\[A-Za-z]{2,}")
_OPENERS = re.compile(r"\\left\b|\\begin\b|\{")
_CLOSERS = re.compile(r"\\right\b|\\end\b|\}")
_NAMESPACE: Final = ' xmlns="http://www.w3.org/1998/Math/MathML"'
# Of MathML, what ziamath draws; anything else it would only complain of.
_ELEMENTS: Final = frozenset(
    {
        *("math", "mrow", "mstyle", "mpadded", "mphantom", "menclose", "mfenced", "none", "ms"),
        *("mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mtable", "mtr", "mtd"),
        *("msub", "msup", "msubsup", "munder", "mover", "munderover"),
    }
)
_NUMBERS: Final = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A formula's ink, its baseline's left end at (0, 0), and its size, all at `EM` pixels an em."""

    path: QPainterPath
    width: float
    ascent: float
    descent: float

    @property
    def weight(self) -> int:
        """How much memory it takes, in elements of its path."""
        return self.path.elementCount() + 1


class Stopped(Exception):  # noqa: N818 - it reports no error
    """Nobody waits for the outline."""


class Unreadable(Exception):  # noqa: N818 - it reports no error of ours
    """ziamath cannot draw this formula as it is meant."""


class Owner(Protocol):
    """Who waits for an outline."""

    @property
    def closed(self) -> bool:
        """Whether nobody waits any more."""


def outline(latex: Latex, owner: Owner) -> Outline | None:
    """Draw a formula; None if it cannot be read. For a thread of its own: the first time takes 0.2 s.

    Raises:
        Stopped: `owner` was closed meanwhile.
    """
    with _ONE_AT_A_TIME:
        try:
            with _in_slices(owner, _LONGEST_LOADING):
                _load()
            with _in_slices(owner, _LONGEST_WORK):
                return _drawn(latex)
        except Stopped:
            raise
        except Exception:  # noqa: BLE001 - whatever a foreign parser makes of odd text: it is unreadable
            return None


@contextlib.contextmanager
def _in_slices(owner: Owner, longest: float) -> Iterator[None]:
    """Rest after each millisecond of work, and stop what works too long: seconds of this thread's own.

    ziamath knows no pauses. A profiler sees each of this thread's calls, so it can rest there: the
    window's thread never waits for the interpreter longer than for one slice.
    """
    since, began = time.perf_counter(), time.thread_time()
    calls = 0

    def look(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal calls, since
        calls += 1
        if calls % _LOOK_EVERY:
            return
        now = time.perf_counter()
        if now - since < _SLICE:
            return
        if owner.closed:
            raise Stopped
        if time.thread_time() - began > longest:
            raise Unreadable("it takes too long")
        time.sleep(_SLICE)
        since = time.perf_counter()

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


def _load() -> None:
    """Read the library and its font: no formula's fault, however long a busy machine takes."""
    # It reads its font by a function that Python 3.11 says will go, and 3.13 kept after all.
    warnings.filterwarnings("ignore", "path is deprecated", DeprecationWarning)
    import ziamath.operators
    import ziamath.zmath  # noqa: F401 - loaded here, used below


def _drawn(latex: Latex) -> Outline | None:
    from ziamath.config import config
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

    config.svg2 = False
    config.precision = 4
    source = _ALIGNED.sub("{align*}", _TAG.sub(r"\\qquad \\text{(\1)}", _UNDRAWN.sub(" ", latex.source)))
    if not source.strip() or _FOREIGN.search(source) or _too_deep(source):
        return None
    for character, hidden in _HIDDEN.items():
        source = source.replace(character, hidden)
    markup = tex2mml(source, inline=not latex.display).replace(_NAMESPACE, "", 1)
    tree = ET.fromstring(markup)  # noqa: S314 - made by latex2mathml, of text without a mark of XML
    if any(element.tag not in _ELEMENTS for element in tree.iter()):
        return None
    _restore(tree)
    _keep_large_operators(tree)
    formula = Math(tree, size=EM)
    _check_readable(tree, formula.font)
    return _outlined(formula.svgxml(), formula.node.bbox)


def _too_deep(source: str) -> bool:
    """Whether things stand in each other deeper than anyone writes them."""
    depth = 0
    marks = sorted(
        [(found.start(), 1) for found in _OPENERS.finditer(source)]
        + [(found.start(), -1) for found in _CLOSERS.finditer(source)]
    )
    for _, change in marks:
        depth += change
        if depth > _DEPTH:
            return True
    return False


def _restore(tree: ET.Element) -> None:
    """Put the characters back that mean something in XML: as text now, they mean nothing."""
    for element in tree.iter():
        if element.text and any(hidden in element.text for hidden in _SHOWN):
            alone = element.text in _SHOWN
            for hidden, character in _SHOWN.items():
                element.text = element.text.replace(hidden, character)
            if alone and element.tag == "mi":
                element.tag = "mo"


def _keep_large_operators(tree: ET.Element) -> None:
    """Say that sums and the like, and what carries an index, do not stretch.

    ziamath takes such a sign's height for 999 while it measures what stands between brackets, and makes
    the brackets as high.
    """
    from ziamath import operators

    for element in tree.iter():
        first = element[0] if element.tag in {"msub", "msup", "msubsup"} and len(element) else element
        if first.tag != "mo" or first.get("stretchy") == "true":
            continue
        large = operators.get_params(first.text or "", first.get("form", "prefix")).get("largeop") == "true"
        if large or first is not element:
            first.set("stretchy", "false")


def _check_readable(tree: ET.Element, font: Any) -> None:
    for element in tree.iter():
        text = element.text or ""
        if _COMMAND.search(text):
            raise Unreadable(text)
        if text.isascii():
            continue
        for character in text:
            if unicodedata.category(character)[0] in "LNS" and not font.glyphindex(character):
                raise Unreadable(text)


def _outlined(drawing: ET.Element, bbox: Any) -> Outline | None:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for element in drawing.iter():
        _add(path, element)
        if path.elementCount() > _MOST_ELEMENTS:
            return None
    box = path.boundingRect()
    left, right = min(0.0, box.left(), bbox.xmin), max(box.right(), bbox.xmax)
    top, bottom = min(box.top(), -bbox.ymax), max(box.bottom(), -bbox.ymin)
    sizes = (right - left, -top, bottom)
    if path.isEmpty() or not all(map(math.isfinite, sizes)) or max(right - left, bottom - top) > _WIDEST:
        return None
    path.translate(-left, 0)
    return Outline(path, *sizes)


def _add(path: QPainterPath, element: ET.Element) -> None:
    """Add what one element of the drawing inks."""
    if element.tag in {"svg", "g"}:
        if element.get("transform"):
            raise Unreadable("a drawing that is turned")
        return
    shape = _shape(element)
    if element.get("stroke") not in {None, "none"}:
        stroker = QPainterPathStroker()
        stroker.setWidth(float(element.get("stroke-width", "1")))
        shape = stroker.createStroke(shape)
    path.addPath(shape)


def _shape(element: ET.Element) -> QPainterPath:
    shape = QPainterPath()
    if element.tag == "path":
        _trace(shape, element.get("d", ""))
        return shape
    names = {"rect": ("x", "y", "width", "height"), "ellipse": ("cx", "cy", "rx", "ry")}[element.tag]
    first, second, third, fourth = (float(element.get(name, "0")) for name in names)
    if element.tag == "rect":
        shape.addRect(QRectF(first, second, third, fourth))
    else:
        shape.addEllipse(QPointF(first, second), third, fourth)
    return shape


def _trace(shape: QPainterPath, commands: str) -> None:
    """Follow the commands of a path."""
    parts = commands.split()
    index = 0
    while index < len(parts):
        command = parts[index]
        count = _NUMBERS[command]
        numbers = [float(part) for part in parts[index + 1 : index + 1 + count]]
        index += 1 + count
        match command:
            case "M":
                shape.moveTo(*numbers)
            case "L":
                shape.lineTo(*numbers)
            case "Q":
                shape.quadTo(*numbers)
            case "C":
                shape.cubicTo(*numbers)
            case _:
                shape.closeSubpath()
