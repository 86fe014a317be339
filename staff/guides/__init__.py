"""The guide pages: finding a guide, writing it, having it reviewed, trying it out, and sheets of many."""
