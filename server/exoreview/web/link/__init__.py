"""/link: how others link to what is here."""
