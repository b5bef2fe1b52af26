"""The image studio without a window: pictures, masks, runs, the library. No Qt."""
