"""What programs find: descriptions, lists and typed links."""
