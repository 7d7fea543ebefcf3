"""What a study's ratings say, and how far they can be trusted."""
