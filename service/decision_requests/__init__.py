"""Decision requests: customers are decided for, decisions logged, then answered."""
