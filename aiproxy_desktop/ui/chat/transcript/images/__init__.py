"""Images in the transcript: decoded on a thread, shown, saved, dragged out."""
