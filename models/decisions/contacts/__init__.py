"""Contacts of the past, and how far back they count."""
