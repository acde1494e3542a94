"""Other servers of models, each in an environment of its own, with its defaults."""
