"""Rasa's custom actions: read slots, call one room, return one Reply. No rules of their own."""
