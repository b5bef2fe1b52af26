"""Settings, Local API: what other programs may ask of this one, and what they asked."""
