"""How residents hear of their cases: whom to call, and what could not be sent."""
