"""What was received and decided, in the order it came: events, consents, decisions, feedback."""
