"""Stories of many steps: a shop that is used by every path, and pages whose code is run."""
