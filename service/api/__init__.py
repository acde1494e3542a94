"""The HTTP API: one file a resource, which translates what `service.score_requests` decides."""
