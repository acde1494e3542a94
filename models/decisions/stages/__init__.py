"""The stages a candidate passes: eligibility, consent, contact policy, suppression, holdout."""
