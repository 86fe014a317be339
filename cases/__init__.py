"""Room 2: what the hall was asked to do. Filing, looking up and sealing requests."""
