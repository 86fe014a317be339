"""The emergency switches: a guide, a door or the whole assistant gives way to a text of the staff."""
