"""Qt's decoders for services, which have none: loaded with the first image, not with the window."""

from __future__ import annotations

from aiproxy_desktop.services.attaching import PreparedImage


class QtImageTool:
    """Implements `services.attaching.ImageTool`."""

    def prepare(self, data: bytes, mime: str) -> PreparedImage:
        """See `ImageTool.prepare`, and `preparing.prepared` for what becomes of which image."""
        from aiproxy_desktop.ui.imaging.preparing import prepared

        return prepared(data, mime)
