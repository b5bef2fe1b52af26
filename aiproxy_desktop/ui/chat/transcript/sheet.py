"""Fonts, sizes, colours and character formats of one theme at one zoom, ready for painting."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, TypeAlias

from PySide6.QtGui import QColor, QFont, QFontMetrics, QFontMetricsF, QTextCharFormat

from aiproxy_desktop.ui.chat.transcript.display import NOTE, PAD, PADDING
from aiproxy_desktop.ui.chat.transcript.maths.formulas import FormulaCache
from aiproxy_desktop.ui.markdown.highlight import Kind
from aiproxy_desktop.ui.markdown.inline import BOLD, CODE, ITALIC, STRIKE
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import TYPE, Theme, TypeName

Tone: TypeAlias = Literal["text", "secondary", "muted"]

_STRONG: Final[dict[TypeName, TypeName]] = {"reading": "reading_strong", "body": "body_strong"}
_PAD_SIZE: Final = 7
_ROOMS: Final = 2000


@dataclass(frozen=True, slots=True)
class Metrics:
    """Of one step of the type scale: line height, and from a line's top to its baseline."""

    line_height: int
    baseline: float


def scaled(pixels: float, zoom: int) -> int:
    """A size at a zoom, in whole pixels: text is crisp at whole sizes only."""
    return int(pixels * zoom / 100 + 0.5)


@cache
def metrics(name: TypeName, zoom: int = 100) -> Metrics:
    """Metrics of a step of the type scale at a zoom, percent. Needs a QGuiApplication."""
    fonts = QFontMetrics(styled_font(name, 0, zoom))
    height = scaled(TYPE[name].line_height, zoom)
    return Metrics(height, (height - fonts.ascent() - fonts.descent()) / 2 + fonts.ascent())


@cache
def styled_font(name: TypeName, style: int, zoom: int = 100) -> QFont:
    """The font of a run: the base style with the parser's flags. Not to be changed: it is shared."""
    step = TYPE[name]
    italic = bool(style & ITALIC)
    if style & CODE:
        result = font("code_inline", italic=italic)
        if style & PADDING:
            result.setPixelSize(scaled(_PAD_SIZE, zoom))
            return result
        result.setPixelSize(scaled(step.size - 2 if step.size > 13 else 12, zoom))
        if style & BOLD or name == "title":
            result.setWeight(QFont.Weight.DemiBold)
            result.setVariableAxis(QFont.Tag("wght"), 600)
    else:
        result = font(_STRONG.get(name, name) if style & BOLD else name, italic=italic)
        result.setPixelSize(scaled(step.size, zoom))
        if step.letter_spacing_em:
            spacing = step.letter_spacing_em * result.pixelSize()
            result.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
    if style & STRIKE:
        result.setStrikeOut(True)
    return result


@cache
def figures(name: TypeName, zoom: int = 100) -> QFont:
    """The font of a step of the type scale with figures of one width. Not to be changed: it is shared."""
    result = font(name, tabular=True)
    result.setPixelSize(scaled(TYPE[name].size, zoom))
    return result


class Sheet:
    """One theme's painting values, at one zoom. Widgets throw it away when either changes."""

    def __init__(self, theme: Theme, zoom: int = 100, formulas: FormulaCache | None = None) -> None:
        self.theme = theme
        self.zoom = zoom
        self.formulas = FormulaCache() if formulas is None else formulas
        self._formats: dict[tuple[TypeName, int, bool, Tone], QTextCharFormat] = {}
        self._rooms: dict[tuple[TypeName, int, bool, Tone, float], QTextCharFormat] = {}
        self._code: dict[Kind, QTextCharFormat] = {}
        self.selected = QTextCharFormat()
        self.selected.setForeground(QColor(theme.selection_text))

    def px(self, pixels: float) -> int:
        """A size of the design at this zoom."""
        return scaled(pixels, self.zoom)

    def metrics(self, name: TypeName) -> Metrics:
        """Of a step of the type scale."""
        return metrics(name, self.zoom)

    def font(self, name: TypeName, style: int = 0) -> QFont:
        """Of a step of the type scale, with the parser's flags. Not to be changed: it is shared."""
        return styled_font(name, style, self.zoom)

    def figures(self, name: TypeName) -> QFont:
        """Of a step of the type scale, with figures of one width."""
        return figures(name, self.zoom)

    def row(self, least: int, name: TypeName = "meta") -> int:
        """The height of a row that buttons of `least` pixels, which never grow, share with a line of text."""
        return max(least, self.metrics(name).line_height)

    def color(self, tone: Tone) -> QColor:
        """The ink of a tone."""
        theme = self.theme
        inks = {"text": theme.text, "secondary": theme.text_secondary, "muted": theme.text_muted}
        return QColor(inks[tone])

    def format(self, name: TypeName, style: int, tone: Tone, *, link: bool) -> QTextCharFormat:
        """The format of a run of text."""
        key = (name, style, link, tone)
        known = self._formats.get(key)
        if known is None:
            known = QTextCharFormat()
            chosen = QFont(self.font(name, style))
            if style & NOTE:
                known.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignSuperScript)
            elif link:
                chosen.setUnderline(True)
            known.setFont(chosen)
            known.setForeground(QColor(self.theme.accent_ink) if link else self.color(tone))
            self._formats[key] = known
        return known

    def room(self, name: TypeName, style: int, tone: Tone, width: float, *, link: bool) -> QTextCharFormat:
        """The format in which a `PAD` takes a width: that of something painted in a line."""
        key = (name, style, link, tone, width)
        known = self._rooms.get(key)
        if known is None:
            text_format = self.format(name, style, tone, link=link)
            chosen = QFont(text_format.font())
            chosen.setUnderline(False)
            chosen.setPixelSize(4)
            own = QFontMetricsF(chosen).horizontalAdvance(PAD)
            chosen.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, width - own)
            known = QTextCharFormat(text_format)
            known.setFont(chosen)
            if len(self._rooms) >= _ROOMS:
                self._rooms.clear()
            self._rooms[key] = known
        return known

    def code_format(self, kind: Kind) -> QTextCharFormat:
        """The format of a run of highlighted code."""
        known = self._code.get(kind)
        if known is None:
            known = QTextCharFormat()
            known.setForeground(QColor(getattr(self.theme.syntax, kind)))
            self._code[kind] = known
        return known
