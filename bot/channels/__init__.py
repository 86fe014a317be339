"""Doors for messages, one file a platform: verify, parse, render."""
