"""/sparql and /query: the endpoint as pages show it, and the published queries."""
