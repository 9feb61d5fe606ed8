"""/search: finding things by words or identifiers."""
