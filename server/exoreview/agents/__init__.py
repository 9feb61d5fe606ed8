"""The review for software agents: its search, its readings and its guarded queries as tools."""
