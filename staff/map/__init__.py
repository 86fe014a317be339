"""What is filed where, and what looks like one matter: the map and the bursts on it."""
