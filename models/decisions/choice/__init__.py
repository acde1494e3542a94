"""The choice among candidates: arbitration, random assignment, and the runner-up."""
