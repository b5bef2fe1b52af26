"""The picture under the mask: smaller copies for whoever looks from afar, drawing, comparing."""
