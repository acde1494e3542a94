"""The next best action: who may be contacted, what it would bring, and which action wins; each step traced."""
