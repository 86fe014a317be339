"""The queue of questions that went badly, and the one click that makes something of each."""
