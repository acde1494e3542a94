"""Consent: purposes, records, precedence between records, and who may be profiled and contacted."""
