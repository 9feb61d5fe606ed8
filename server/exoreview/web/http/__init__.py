"""What every request passes: the gateway, its cache, its log, and the SPARQL protocol."""
