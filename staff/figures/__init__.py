"""The figures: what is asked at which door, how it went, what is covered and how fresh it is."""
