"""The vocabulary documents: their terms and shapes in words, and their versions."""
