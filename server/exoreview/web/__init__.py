"""Who asks, by HTTP? The gateway, the pages by their kind in folders, and the application of them all."""
