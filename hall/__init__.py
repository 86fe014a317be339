"""The one place that wires rooms and doors into processes."""
