"""Pages about releases: what waits, preparing one, what the gold set says of it, publishing, going back."""
