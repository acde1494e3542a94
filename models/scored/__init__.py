"""Results: customers prepared, their scores as shown, reasons, audiences, and the place among everyone."""
