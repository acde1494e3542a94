"""Runtime of every process of the service: settings, logs, version, problems, probes, progress."""
