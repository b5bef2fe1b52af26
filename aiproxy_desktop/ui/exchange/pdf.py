"""A conversation as PDF: A4, page numbers, text that can be searched, fonts inside it.

The only place where Qt reads HTML, and only HTML of our own writing, every text in it escaped. The document
loads nothing: whatever it asks for, it gets an image that was there before, or an empty one.

Qt lays text out and paints it while it holds the interpreter, on whatever thread. So it is done here on the
loop, in slices of a few milliseconds.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import re
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSize, QSizeF, Qt, QUrl
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFont,
    QImage,
    QImageReader,
    QPageLayout,
    QPageSize,
    QPainter,
    QPalette,
    QPdfWriter,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
)

from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.storage.errors import plain
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import MONO_FAMILIES, load_themes
from aiproxy_desktop.ui.translation import tr

# Dots an inch: a logical pixel of the interface is a dot of the page.
_RESOLUTION = 96

# Millimetres.
_MARGIN = 18
_FOOT = 10

# An image is at most this wide and high in dots; twice as many of its own pixels are kept.
_WIDEST, _HIGHEST = 640, 800

# Formats that are pixels and nothing else; SVG can name other files.
_FORMATS = {b"png", b"jpeg", b"jpg", b"webp", b"gif", b"bmp"}

_IMAGE = re.compile(r'<img src="attachment:(?P<hash>[0-9a-f]{64})"')

_SPEAKER = re.compile(r'<h2 class="who"([^>]*)>(.*?)</h2>')
_TICKED, _OPEN = '<input type="checkbox" disabled checked> ', '<input type="checkbox" disabled> '

# In a table of a PDF, the characters of glyphs that follow one another.
_NAMES = re.compile(rb"\[[^\]]*\]")

# Seconds of the loop's time between two breaths.
_SLICE = 0.006


async def write_pdf(target: Path, title: str, pieces: list[str], images: dict[str, bytes]) -> None:
    """Write a document, which takes the place of `target` once it is whole.

    Args:
        target: the file.
        title: of the document.
        pieces: its HTML, a few thousand characters each.
        images: bytes of `attachment:<hash>` images; what is no picture is left out.

    Raises:
        StorageError: the file cannot be written.
    """
    decoded = {digest: await on_thread(partial(_decoded, data), "images") for digest, data in images.items()}
    try:
        unfinished = Path(await on_thread(partial(_fresh, target), "export"))
    except OSError as error:
        raise plain(error, "The export", target, "written") from error
    try:
        await _Pages(unfinished, title, decoded).write(pieces)
        await on_thread(partial(_keep, unfinished, target), "export")
    except OSError as error:
        raise plain(error, "The export", target, "written") from error
    finally:
        with suppress(OSError):
            await on_thread(partial(unfinished.unlink, missing_ok=True), "export")


class _Document(QTextDocument):
    """Text that never loads anything."""

    def __init__(self, images: dict[str, QImage]) -> None:
        super().__init__()
        self._images = images

    def loadResource(self, _kind: int, name: QUrl | str) -> QImage:
        # Anything but an image, None included, would make Qt open the address itself.
        url = name if isinstance(name, QUrl) else QUrl(name)
        found = self._images.get(url.path()) if url.scheme() == "attachment" else None
        return QImage() if found is None else found


class _Pages:
    def __init__(self, path: Path, title: str, images: dict[str, QImage]) -> None:
        self._images = images
        self._writer = QPdfWriter(str(path))
        self._writer.setTitle(title)
        self._writer.setCreator("AI Proxy Desktop")
        self._writer.setResolution(_RESOLUTION)
        margins = QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN + _FOOT)
        self._writer.setPageLayout(
            QPageLayout(
                QPageSize(QPageSize.PageSizeId.A4),
                QPageLayout.Orientation.Portrait,
                margins,
                QPageLayout.Unit.Millimeter,
            )
        )
        self._size = QSizeF(self._writer.width(), self._writer.height())
        self._document = _Document(images)
        self._palette = QPalette()
        self._palette.setColor(QPalette.ColorRole.Text, QColor(load_themes()[0].text))
        font("code")  # loads it
        self._last_breath = time.perf_counter()

    async def write(self, pieces: list[str]) -> None:
        document = self._document
        document.setUndoRedoEnabled(False)
        document.setDocumentMargin(0)
        document.setDefaultFont(font("body"))
        document.setDefaultStyleSheet(_style())
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        document.setDefaultTextOption(option)
        document.documentLayout().setPaintDevice(self._writer)
        document.setPageSize(self._size)
        cursor = QTextCursor(document)
        for number, piece in enumerate(pieces):
            if number:
                cursor.movePosition(QTextCursor.MoveOperation.End)
                cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            cursor.beginEditBlock()  # laid out once, when all of it is there
            first = cursor.block()
            cursor.insertHtml(_for_paper(_IMAGE.sub(self._sized, piece)))
            _draw_bold_once(first)
            cursor.endEditBlock()
            document.pageCount()  # lays out what was added
            await self._breathe()
        await self._paint()

    async def _paint(self) -> None:
        count = max(1, self._document.pageCount())
        painter = QPainter(self._writer)
        if not painter.isActive():
            raise OSError("the page cannot be painted on")
        try:
            for page in range(count):
                if page:
                    self._writer.newPage()
                self._paint_page(painter, page, count)
                await self._breathe()
        finally:
            painter.end()

    def _paint_page(self, painter: QPainter, page: int, count: int) -> None:
        height = self._size.height()
        painter.save()
        painter.translate(0, -page * height)
        context = QAbstractTextDocumentLayout.PaintContext()
        whole = QRectF(0, page * height, self._size.width(), height)
        # A line that only touches the edge is the next page's; it would be in the text of both.
        context.clip = whole.adjusted(0, 0.5, 0, -0.5)
        context.palette = self._palette  # the window's own may be a dark one
        painter.setClipRect(whole)
        self._document.documentLayout().draw(painter, context)
        painter.restore()
        small = QFont(font("meta"))
        painter.setFont(small)
        painter.setPen(load_themes()[0].text_muted)
        foot = QRectF(0, height, self._size.width(), _FOOT / 25.4 * _RESOLUTION)
        words = tr("Page {page} of {count}", page=page + 1, count=count)
        painter.drawText(foot, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, words)

    def _sized(self, match: re.Match[str]) -> str:
        image = self._images.get(match["hash"])
        if image is None or image.isNull():
            return '<img src="attachment:none"'
        size = image.size()
        if size.width() > _WIDEST or size.height() > _HIGHEST:
            size.scale(QSize(_WIDEST, _HIGHEST), Qt.AspectRatioMode.KeepAspectRatio)
        return f'{match[0]} width="{size.width()}" height="{size.height()}"'

    async def _breathe(self) -> None:
        if time.perf_counter() - self._last_breath > _SLICE:
            await asyncio.sleep(0)
            self._last_breath = time.perf_counter()


def _draw_bold_once(block: QTextBlock) -> None:
    """From a block to the end: bold by the font's own axis of weight.

    Where a font has no bold face Qt paints it twice, and then it stands in the text of the page twice.
    """
    cursor = QTextCursor(block)
    while block.isValid():
        for position, length, format_ in _bold_runs(block):
            heavy = format_.font()
            heavy.setWeight(QFont.Weight.Normal)
            heavy.setVariableAxis(QFont.Tag("wght"), QFont.Weight.Bold.value)
            format_.setFont(heavy)
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(format_)
        block = block.next()


def _bold_runs(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    found: list[tuple[int, int, QTextCharFormat]] = []
    at = block.begin()
    while not at.atEnd():
        fragment = at.fragment()
        if fragment.charFormat().fontWeight() >= QFont.Weight.Bold.value:
            found.append((fragment.position(), fragment.length(), fragment.charFormat()))
        at += 1
    return found


def _for_paper(html: str) -> str:
    """What Qt's HTML has no words for, in others: a speaker's name would be large, boxes left out."""
    html = _SPEAKER.sub(r'<p class="who"\1>\2</p>', html)
    return html.replace(_TICKED, "[x] ").replace(_OPEN, "[ ] ")


def _style() -> str:
    theme = load_themes()[0]
    mono = ", ".join(f'"{family}"' for family in MONO_FAMILIES)
    return f"""
        h1, h2, h3, h4, h5, h6 {{ font-weight: bold; margin-top: 12px; margin-bottom: 4px; }}
        .who {{ font-size: 14px; font-weight: bold; margin-top: 24px; margin-bottom: 0; }}
        .facts, summary, blockquote, details {{ color: {theme.text_muted}; }}
        .facts {{ font-size: 11px; }}
        .error {{ color: {theme.danger}; }}
        p {{ margin-top: 0; margin-bottom: 6px; }}
        a {{ color: {theme.accent}; }}
        pre, code {{ font-family: {mono}; font-size: 11px; }}
        pre {{ background-color: {theme.syntax.code_bg}; margin-bottom: 6px; white-space: pre-wrap; }}
        th, td {{ padding: 3px 10px 3px 0; }}
    """


def _decoded(data: bytes) -> QImage:
    """The image, no larger than it is shown twice; an empty one where it is none. Blocks."""
    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    if bytes(reader.format().data()).lower() not in _FORMATS:
        return QImage()
    reader.setAutoTransform(True)
    size = reader.size()
    most = QSize(2 * _WIDEST, 2 * _HIGHEST)
    if size.isValid() and (size.width() > most.width() or size.height() > most.height()):
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    return reader.read()


def _fresh(target: Path) -> str:
    descriptor, name = tempfile.mkstemp(prefix=".export.", suffix=".part", dir=target.parent)
    os.close(descriptor)
    return name


def _let_spaces_be_found(content: mmap.mmap) -> None:
    """Say of the glyph of a space that it is one.

    Fonts draw a tab with it too, and Qt writes the first character that it finds for a glyph, so that no
    search for two words would find them. The tables stand in the file as text, each name four digits long.
    """
    at = content.find(b"beginbfrange")
    while at >= 0:
        end = content.find(b"endbfrange", at)
        if end < 0:
            return
        names = _NAMES.sub(lambda found: found[0].replace(b"<0009>", b"<0020>"), content[at:end])
        content[at:end] = names
        at = content.find(b"beginbfrange", end)


def _keep(unfinished: Path, target: Path) -> None:
    with unfinished.open("rb+") as file:
        with mmap.mmap(file.fileno(), 0) as content:
            _let_spaces_be_found(content)
        os.fsync(file.fileno())
    unfinished.replace(target)
