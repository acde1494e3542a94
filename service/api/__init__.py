"""The HTTP API: one file a resource. Endpoints translate; `service.score_requests.score_request` decides."""
