"""Which models there are to choose from, and the one that is chosen."""
