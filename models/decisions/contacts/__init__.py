"""Past contacts, and how far back they count."""
