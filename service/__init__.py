"""From a request, or a file, to scores. Depends on `models`, never on `training`."""
