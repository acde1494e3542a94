"""What a person should know before scores are used, in coded findings: one class, and the codes of each area."""
