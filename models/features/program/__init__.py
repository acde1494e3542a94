"""Expressions compiled to a program that the kernels run."""
