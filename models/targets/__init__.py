"""What is predicted, and of whom."""
