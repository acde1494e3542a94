"""One trained model with its calibration, intervals and reference quantiles."""
