"""From raw tables to graded, registered models. Depends on `models`, never on `service`."""
