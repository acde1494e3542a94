"""What `tercet init` writes: the commented files, and the code that puts them into a folder."""
