"""`tercet check`: faults in a workspace's data, as coded findings, each with its fix."""
