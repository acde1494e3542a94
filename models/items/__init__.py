"""Items of an answer: dictionaries made from fields that are declared once."""
