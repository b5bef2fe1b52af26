"""The window's frame: rail, pages, notices."""
