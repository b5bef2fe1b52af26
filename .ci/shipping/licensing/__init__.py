"""What is in the frozen application, whose it is, and under which licence it may be given away."""
