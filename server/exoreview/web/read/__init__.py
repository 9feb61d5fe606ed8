"""/read: the text with every claim at its words, and each claim in plain English."""
