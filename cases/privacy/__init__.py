"""What residents told in confidence: who reads it, how long it is kept, erasing and handing it out."""
