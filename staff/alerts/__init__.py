"""The alerts: who calls for staff, at which door, and who looks after it."""
