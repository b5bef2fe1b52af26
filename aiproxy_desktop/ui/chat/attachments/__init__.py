"""Attachments of a message that is being written: chips, what is said about them, the ways in."""
