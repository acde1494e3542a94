"""Items of an answer: their fields, declared once, and the dictionaries that are made from them."""
