"""Who may be profiled and contacted."""
