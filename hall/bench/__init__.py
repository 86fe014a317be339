"""`linli bench`: how fast the hall answers, next to a stock Rasa with the same bot on the same machine."""
