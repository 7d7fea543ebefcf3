"""What the kappas share: their result and intervals, and what few units change."""
