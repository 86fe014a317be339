"""The gold set: questions whose right guide is known, kept by staff and asked of every release."""
