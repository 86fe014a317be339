"""The touch and voice door of the hall."""
