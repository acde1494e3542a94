"""Consent: for what it is asked, how it is recorded, which record holds, and who may be profiled and contacted."""
