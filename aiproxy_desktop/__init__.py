"""AI Proxy Desktop: one native window for the models you use, over an embedded routing core."""

__version__ = "0.1.0"
