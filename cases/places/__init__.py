"""Where a case is: the registry of grids, buildings, groups and who looks after them."""
