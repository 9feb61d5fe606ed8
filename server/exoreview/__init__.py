"""A scientific review as linked data: checked, reasoned over, released and served."""
