"""The next best action: eligibility, expected margin, arbitration and budgets, with a trace of each step."""
