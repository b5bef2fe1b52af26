"""What the local API is to the rest of the application: its settings, its token, its log. No framework."""
