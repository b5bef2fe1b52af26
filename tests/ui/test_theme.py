from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.resources_dir import resources_dir
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import application_icon, icon, icon_pixmap
from aiproxy_desktop.ui.theme.tokens import TYPE, load_themes
from aiproxy_desktop.ui.widgets.labels import Label

LIGHT, DARK = load_themes()
ICONS = sorted(path.stem for path in (resources_dir() / "icons").glob("*.svg"))


@pytest.fixture
def themes(qapp: QApplication) -> Iterator[ThemeController]:
    controller = ThemeController(qapp, "light")
    yield controller
    controller.set_mode("light")
    controller.deleteLater()


def test_a_mode_is_worn_at_once(themes: ThemeController, qapp: QApplication) -> None:
    worn: list[object] = []
    themes.changed.connect(worn.append)
    themes.set_mode("dark")
    assert themes.theme is DARK
    assert worn == [DARK]
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(DARK.surface)
    assert DARK.surface_raised in qapp.styleSheet()
    themes.set_mode("dark")
    assert worn == [DARK]


def test_system_is_light_where_the_system_says_nothing(themes: ThemeController) -> None:
    themes.set_mode("dark")
    themes.set_mode("system")
    assert (themes.mode, themes.theme) == ("system", LIGHT)


def test_no_motion_where_the_system_wants_none(themes: ThemeController) -> None:
    assert themes.duration(140) == (0 if themes.reduced_motion else 140)


def test_widgets_wear_the_sheet_in_both_themes(themes: ThemeController, qtbot: QtBot) -> None:
    window = QWidget()
    column = QVBoxLayout(window)
    muted = Label("muted", tone="muted")
    invalid = QLineEdit("htp://")
    invalid.setProperty("invalid", True)
    card = QFrame()
    card.setProperty("card", True)
    card.setFixedHeight(20)
    for widget in (muted, invalid, card, QLineEdit("x")):
        column.addWidget(widget)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    for theme in (LIGHT, DARK):
        themes.set_mode(theme.name)
        window.grab()
        assert muted.palette().color(QPalette.ColorRole.WindowText) == QColor(theme.text_muted)
        picture = card.grab().toImage()
        assert picture.pixelColor(card.width() // 2, card.height() // 2) == QColor(theme.surface_raised)


def test_a_label_never_takes_text_for_html(themes: ThemeController, qtbot: QtBot) -> None:
    label = Label("<b>bold</b> & more")
    qtbot.addWidget(label)
    assert label.textFormat().name == "PlainText"
    assert QLabel.text(label) == "<b>bold</b> & more"
    assert themes.theme is LIGHT


@pytest.mark.parametrize("name", ICONS)
@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_every_icon_is_drawn_in_the_colour_asked_for(name: str, ratio: float, qapp: object) -> None:
    pixmap = icon_pixmap(name, "#FF00FF", 20, ratio)
    assert pixmap.width() == round(20 * ratio)
    image = pixmap.toImage()
    inked = [
        image.pixelColor(x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() > 200
    ]
    assert inked
    assert all((c.red() > 240 and c.green() < 15 and c.blue() > 240) for c in inked)


def test_an_icon_that_is_not_there_is_said(qapp: object) -> None:
    with pytest.raises(FileNotFoundError):
        icon_pixmap("no-such-icon", "#000000", 16)


def test_an_icon_for_menus_is_sharp_at_both_ratios(qapp: object) -> None:
    made = icon("check", "#112233", disabled="#AABBCC")
    assert {size.width() for size in made.availableSizes()} == {16, 32}


@pytest.mark.parametrize("style", sorted(TYPE))
def test_every_step_of_the_scale_has_its_family_and_size(style: str, themes: ThemeController) -> None:
    made = font(style)  # type: ignore[arg-type]  # the keys of TYPE are the names
    family = "JetBrains Mono" if TYPE[style].family == "mono" else "Inter"
    assert QFontInfo(made).family() == family
    assert made.pixelSize() == TYPE[style].size
    assert themes.theme is LIGHT


def test_weights_really_differ(themes: ThemeController) -> None:
    text = "Providers and keys"
    widths = [
        QFontMetricsF(font(style)).horizontalAdvance(text) for style in ("body", "body_medium", "body_strong")
    ]
    assert widths == sorted(set(widths))
    assert themes.theme is LIGHT


def test_tabular_figures_have_one_width(themes: ThemeController) -> None:
    metrics = QFontMetricsF(font("body", tabular=True))
    assert metrics.horizontalAdvance("1111") == metrics.horizontalAdvance("8080")
    assert themes.theme is LIGHT


def test_windows_bear_the_applications_icon_in_every_size(qapp: object) -> None:
    made = application_icon()
    assert [size.width() for size in made.availableSizes()] == [16, 24, 32, 48, 64, 128, 256]
    for size, wave in ((16, (8, 7)), (48, (19, 18))):  # in its own colour, however small
        assert made.pixmap(size, size).toImage().pixelColor(*wave).name() == "#17677a"
    middle = made.pixmap(48, 48).toImage()
    assert middle.pixelColor(24, 8).name() == "#17677a"
