"""From raw tables to graded, registered models; it depends on `models`, never on `service`."""
