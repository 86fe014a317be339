"""Measured results: rates with their denominators, and where what is filed."""
