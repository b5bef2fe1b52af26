"""The seed's document, as its author wrote it (README.md), and what its examples need to run."""
