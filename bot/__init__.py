"""The conversation: one turn in, one reply out, with Rasa or without it.

Kept empty of imports: Rasa's process (Python 3.10) imports `bot.engine` through this package.
"""
