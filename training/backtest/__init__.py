"""`tercet backtest`: training and judging at several past instants."""
