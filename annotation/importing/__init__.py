"""What an imported file can hold of people: ratings. How they get into the tables is a service."""
