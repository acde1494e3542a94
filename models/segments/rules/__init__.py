"""Rules of policies: their language, check, program and evaluation."""
