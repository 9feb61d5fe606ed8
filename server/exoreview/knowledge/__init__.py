"""Files to graphs: the curators' files, the links to other vocabularies, the projections of the claims."""
