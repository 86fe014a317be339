"""What residents are owed: a notice for every move, written with it, sent afterwards, at least once."""
