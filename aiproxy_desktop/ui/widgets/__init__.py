"""Controls shared by the features."""
