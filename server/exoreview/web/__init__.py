"""Who asks? The SPARQL protocol, the documents of things, the pages, and the application of them all."""
