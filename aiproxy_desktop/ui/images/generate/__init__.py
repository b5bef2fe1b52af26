"""What image models made: requests newest first, models side by side, pictures as they come."""
