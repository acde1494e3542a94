"""Policy rules: their language, check, program and evaluation."""
