"""How cases come in: categories, the duplicate hint, photos, and the hotline's sheets."""
