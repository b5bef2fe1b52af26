"""Images decoded, made smaller and encoded, always off the main thread. QtGui without widgets."""
