"""The models tab: every model there is, and which to pick."""
