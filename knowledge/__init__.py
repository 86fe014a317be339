"""Room 1: what the hall knows. Service guides, finding the right one, answering from it."""
