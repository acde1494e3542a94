"""`tercet check`: what is wrong with a workspace's data, in coded findings, each with its fix."""
