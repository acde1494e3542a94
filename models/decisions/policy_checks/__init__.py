"""What a policy does before it goes live: warnings, reach, comparison."""
