"""`tercet policy`: what a policy does, and what another would."""
