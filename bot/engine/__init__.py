"""What runs inside Rasa's process: our channel, NLU components, tracker store and action call.

Python 3.10 and Rasa's own libraries; nothing of the hall is imported here. The seam is two HTTP calls:
a turn comes in through `channel.py`, an action goes out through `action_call.py`.
"""
