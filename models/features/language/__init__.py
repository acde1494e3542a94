"""What a feature may say: expressions, their specification, and the columns there are."""
