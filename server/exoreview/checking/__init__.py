"""Is it right? Shapes, and the checks that shapes cannot see."""
