"""The pages of things: what each is, what is said of it, and its place among the others."""
