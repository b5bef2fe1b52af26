"""The gallery: every kept image in a grid, what is known of one beside it."""
