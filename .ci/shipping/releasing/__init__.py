"""What every release needs: its number, its notes, its commit and tag, and what is sent where."""
