"""What an image file of each format says before it is decoded, and the lean file a decoder is given."""
