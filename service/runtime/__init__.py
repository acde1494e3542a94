"""What every process of the service needs: settings, logs, version, problems, probes, progress."""
