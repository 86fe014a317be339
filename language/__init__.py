"""Leaf of the tree: what words are, and nothing of what the hall knows or does."""
