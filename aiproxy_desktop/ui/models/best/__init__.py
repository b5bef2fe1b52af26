"""Find the best: what is needed, and every model at hand in its place with the reasons."""
