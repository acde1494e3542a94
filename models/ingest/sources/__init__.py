"""Where a table comes from: CSV and Parquet files, databases, and the expressions over their columns."""
