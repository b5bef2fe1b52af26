"""What can be done on the images tab, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.images.edit.tools import tools
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.images.page import ImagesPage


def image_actions(page: ImagesPage) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    return (*_tab(page), *_picture(page), *canvas_actions(page))


def _tab(page: ImagesPage) -> Sequence[Action]:
    group, vm = tr("Images"), page.view_model

    def part(name: str, title: str, key: str) -> Action:
        return Action(f"images.{name}", title, partial(page.show_part, name), (key,), group)

    return (
        part("generate", tr("Go to Generate"), "Ctrl+Shift+G"),
        part("edit", tr("Go to Edit"), "Ctrl+Shift+E"),
        part("gallery", tr("Go to the gallery"), "Ctrl+Shift+L"),
        Action("images.run", tr("Make or change pictures"), page.run, ("Ctrl+Return",), group),
        Action("images.open", tr("Open a picture"), page.open_file, ("Ctrl+O",), group),
        Action("images.search", tr("Search the gallery"), page.search, ("Ctrl+F",), group),
        Action("images.cancel", tr("Stop what is being made"), vm.cancel, ("Ctrl+.",), group, vm.can_cancel),
    )


def _picture(page: ImagesPage) -> Sequence[Action]:
    group, vm = tr("Picture"), page.view_model

    def there() -> bool:
        return vm.part == "edit" and vm.edit.current is not None

    def compares() -> bool:
        return there() and vm.edit.can_compare

    def action(
        name: str, title: str, run: Callable[[], None], key: str, enabled: Callable[[], bool] = there
    ) -> Action:
        return Action(f"images.{name}", title, run, (key,), group, enabled)

    return (
        action("export", tr("Export the picture"), page.export, "Ctrl+S"),
        action("toChat", tr("Send the picture to the chat"), page.send_to_chat, "Ctrl+Shift+Return"),
        action("compare", tr("Compare with the version before"), page.toggle_slider, "Ctrl+B", compares),
        action("sideBySide", tr("Compare side by side"), page.side_by_side, "Ctrl+Shift+B", compares),
        action("difference", tr("Show what differs"), page.difference, "Ctrl+Shift+D", compares),
        action(
            "formerVersion", tr("Show the version before"), partial(page.edit.step_version, -1), "Alt+PgUp"
        ),
        action(
            "laterVersion", tr("Show the version after"), partial(page.edit.step_version, 1), "Alt+PgDown"
        ),
        action("protected", tr("Show the protected area"), page.toggle_protected, "Ctrl+Shift+P"),
        action("zoomIn", tr("Zoom in"), partial(page.edit.zoom, "in"), "Ctrl++"),
        action("zoomOut", tr("Zoom out"), partial(page.edit.zoom, "out"), "Ctrl+-"),
        action("fit", tr("Fit the picture into the window"), partial(page.edit.zoom, "fit"), "Ctrl+0"),
        action(
            "wholePixels", tr("Show the picture at 100 %"), partial(page.edit.zoom, "100"), "Ctrl+Shift+0"
        ),
        action(
            "loadMask", tr("Load a mask from a file"), partial(page.mask_file, save=False), "Ctrl+Shift+O"
        ),
        action("saveMask", tr("Save the mask as a file"), partial(page.mask_file, save=True), "Ctrl+Shift+S"),
    )


def canvas_actions(page: ImagesPage) -> Sequence[Action]:
    """What the edit room's own keys do: they are letters, or a text field needs them itself."""
    group, room, vm = tr("Canvas"), page.edit, page.view_model

    def there() -> bool:
        return vm.part == "edit" and vm.edit.current is not None

    def action(name: str, title: str, run: Callable[[], None], *keys: str) -> Action:
        return Action(f"images.{name}", title, run, keys, group, there, shown_only=True)

    return (
        *(
            action(
                f"tool.{tool.id}", tr("Use {tool}", tool=tool.title), partial(room.choose_tool, tool.id), key
            )
            for tool in tools()
            if len(key := tool.key) == 1
        ),
        action("undo", tr("Undo on the canvas"), room.canvas.undo, "Ctrl+Z"),
        action("redo", tr("Redo on the canvas"), room.canvas.redo, "Ctrl+Shift+Z", "Ctrl+Y"),
        action("selectAll", tr("Mask everything"), room.canvas.select_all, "Ctrl+A"),
        action("invert", tr("Invert the mask"), room.canvas.invert, "Ctrl+I"),
        action("showMask", tr("Hide or show the mask"), room.toggle_mask_shown, "Ctrl+H"),
        action("clearMask", tr("Clear the mask"), room.canvas.clear, "Ctrl+D"),
    )
