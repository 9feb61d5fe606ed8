"""/map: the claims as arrows between concepts, drawn and listed."""
