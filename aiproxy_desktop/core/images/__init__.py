"""Making and editing images."""
