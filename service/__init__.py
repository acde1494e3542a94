"""From a request, or a file, to scores; it depends on `models`, never on `training`."""
