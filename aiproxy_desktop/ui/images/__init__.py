"""The image studio's window: generate, edit, gallery."""
