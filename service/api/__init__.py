"""The HTTP API: each resource's file translates between HTTP and `service.score_requests` or `service.store`."""
