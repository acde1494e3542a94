"""Scored customers: prepared rows, scores as shown, reasons, audiences, percentiles and bands."""
