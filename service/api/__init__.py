"""The HTTP API: one file a resource. Endpoints translate; `service.answering` decides."""
