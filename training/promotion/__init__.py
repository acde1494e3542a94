"""Challenger to champion, score by score."""
