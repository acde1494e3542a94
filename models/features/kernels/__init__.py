"""The compiled loops behind every feature: `program_kernel` runs a program for a block of customers."""
