"""The one style sheet, generated from a theme.

It covers what a rule says better than a paintEvent: layers, cards, inputs, scroll bars, label tones.
Fonts are never set here, since a rule cannot choose the weight axis of a variable font.

Dynamic properties it knows:
    layer   `window`, `sidebar`, `surface`, `raised`, `sunken`: the background of a frame
    edge    `start`, `end`, `top`, `bottom`: one hairline
    card    true: raised, hairline all round, radius 8
    tone    of a label: `secondary`, `muted`, `disabled`, `accent`, `danger`, `warning`, `success`
    bare    true: an input without frame or background
    invalid true: an input whose value is refused
    field   true: an input of several lines
"""

from __future__ import annotations

from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS, Theme


def _layers(theme: Theme, *, leftwards: bool) -> str:
    colours = {
        "window": theme.window,
        "sidebar": theme.sidebar,
        "surface": theme.surface,
        "raised": theme.surface_raised,
        "sunken": theme.surface_sunken,
    }
    start, end = ("right", "left") if leftwards else ("left", "right")
    rules = [f'*[layer="{name}"] {{ background: {colour}; }}' for name, colour in colours.items()]
    rules += [
        f'QFrame[edge="{edge}"] {{ border: 0; border-{side}: 1px solid {theme.border}; }}'
        for edge, side in (("top", "top"), ("bottom", "bottom"), ("start", start), ("end", end))
    ]
    return "\n".join(rules)


def _labels(theme: Theme) -> str:
    tones = {
        "secondary": theme.text_secondary,
        "muted": theme.text_muted,
        "disabled": theme.text_disabled,
        "accent": theme.accent_ink,
        "danger": theme.danger,
        "warning": theme.warning,
        "success": theme.success,
    }
    return "\n".join(f'QLabel[tone="{tone}"] {{ color: {colour}; }}' for tone, colour in tones.items())


def style_sheet(theme: Theme, *, leftwards: bool = False) -> str:
    """The application's style sheet for one theme; `leftwards` where text goes from right to left."""
    inner = CONTROL.height - 2
    return f"""
{_layers(theme, leftwards=leftwards)}
{_labels(theme)}
QFrame[card="true"] {{
    background: {theme.surface_raised}; border: 1px solid {theme.border}; border-radius: {RADIUS.m}px;
}}
QLineEdit {{
    background: {theme.surface_raised}; color: {theme.text};
    border: 1px solid {theme.border_strong}; border-radius: {RADIUS.s}px;
    min-height: {inner}px; max-height: {inner}px; padding: 0 8px;
    placeholder-text-color: {theme.text_muted};
    selection-background-color: {theme.selection}; selection-color: {theme.selection_text};
}}
QLineEdit:hover {{ border-color: {theme.border_control}; }}
QLineEdit[invalid="true"] {{ border-color: {theme.danger}; }}
QLineEdit:focus {{
    border: 2px solid {theme.accent}; min-height: {inner - 2}px; max-height: {inner - 2}px; padding: 0 7px;
}}
QLineEdit[invalid="true"]:focus {{ border-color: {theme.danger}; }}
QLineEdit:disabled {{
    background: {theme.surface}; color: {theme.text_disabled}; border-color: {theme.border};
    placeholder-text-color: {theme.text_disabled};
}}
QLineEdit[bare="true"], QLineEdit[bare="true"]:focus {{
    background: transparent; border: 0; padding: 0; min-height: 20px; max-height: 20px;
}}
QPlainTextEdit[field="true"] {{
    background: {theme.surface_raised}; color: {theme.text};
    border: 1px solid {theme.border_strong}; border-radius: {RADIUS.s}px; padding: 3px 5px;
    selection-background-color: {theme.selection}; selection-color: {theme.selection_text};
}}
QPlainTextEdit[field="true"]:hover {{ border-color: {theme.border_control}; }}
QPlainTextEdit[field="true"]:focus {{ border: 2px solid {theme.accent}; padding: 2px 4px; }}
QPlainTextEdit[field="true"][invalid="true"] {{ border-color: {theme.danger}; }}
QPlainTextEdit[field="true"]:disabled {{
    background: {theme.surface}; color: {theme.text_disabled}; border-color: {theme.border};
}}
QPlainTextEdit[bare="true"], QTextEdit[bare="true"] {{ background: transparent; border: 0; }}
QScrollArea, QScrollArea > QWidget > QWidget[scrolled="true"] {{ background: transparent; border: 0; }}
QAbstractScrollArea {{ border: 0; }}
QAbstractScrollArea::corner {{ background: transparent; border: 0; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; border: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; border: 0; }}
QScrollBar::handle {{ background: {theme.border_strong}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:vertical {{ min-height: 30px; }}
QScrollBar::handle:horizontal {{ min-width: 30px; }}
QScrollBar::handle:hover {{ background: {theme.border_control}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: 0; background: transparent; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {theme.border}; }}
QToolTip {{
    background: {theme.text}; color: {theme.surface}; border: 1px solid {theme.text}; padding: 5px 9px;
}}
QMenu {{
    background: {theme.surface_raised}; color: {theme.text};
    border: 1px solid {theme.border_strong}; padding: 4px;
}}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: {RADIUS.s}px; }}
QMenu::item:selected {{ background: {theme.mixed.surface_raised_selected}; }}
QMenu::item:disabled {{ color: {theme.text_disabled}; }}
QMenu::separator {{ height: 1px; background: {theme.border}; margin: 4px 0; }}
"""
