"""`tercet backtest`: training and evaluation at several past instants."""
