"""What all routes share: paths, limits, operations, the OpenAPI document."""
