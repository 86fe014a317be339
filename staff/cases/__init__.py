"""The desk: lists of cases, one case, and every act on it."""
