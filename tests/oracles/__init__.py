"""What answers have to be, worked out another and slower way than the product does."""
