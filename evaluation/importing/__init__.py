"""What an imported file can hold of machines: scores and timings. How they get into the tables is a service."""
