"""The conversation on the page: its branch, what is done with it, what arrives."""
