"""Use cases over the core and storage. No Qt."""
