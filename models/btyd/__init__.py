"""Buy-till-you-die models: purchase rates and order values of customers whose churn is unobserved."""
