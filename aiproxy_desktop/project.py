"""What this project is called and where it lives. The packages and the window take it from here."""

from __future__ import annotations

NAME = "AI Proxy Desktop"
COMMAND = "aiproxy-desktop"  # and, but in a Flatpak, the name of its .desktop file

# AppStream's identifier of the component, Flatpak's of the application, Apple's of the bundle.
APPLICATION_ID = "io.github.aiproxy_desktop.aiproxy_desktop"

# Where its source, its issues and its releases are.
REPOSITORY = "https://github.com/aiproxy-desktop/aiproxy-desktop"
# The newest release, as GitHub describes it (docs.github.com/en/rest/releases/releases).
LATEST_RELEASE = "https://api.github.com/repos/aiproxy-desktop/aiproxy-desktop/releases/latest"

MAINTAINER = "AI Proxy Desktop <aiproxy-desktop@users.noreply.github.com>"
SUMMARY = "One native window for every AI model you use, and one already built in"
