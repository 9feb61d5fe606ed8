"""Queries and their limits: the engine, and the processes in which a query can be killed."""
