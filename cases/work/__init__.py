"""Working a case to its end: moves, clocks, departments, whistles, links, ratings, queues."""
