"""Results (绩效): what became of the cases, by whom, and the cases behind every number."""
