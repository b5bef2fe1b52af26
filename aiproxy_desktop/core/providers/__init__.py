"""One module for each wire dialect."""
