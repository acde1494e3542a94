"""Sources of tables: CSV and Parquet files, databases, and expressions over their columns."""
