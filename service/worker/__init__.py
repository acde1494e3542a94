"""Worker process: start, access control, reload, warm-up, telemetry, and the champion watcher."""
