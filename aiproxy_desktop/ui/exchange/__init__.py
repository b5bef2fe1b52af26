"""Export and import in the window: what is asked, what is told, and PDF."""
