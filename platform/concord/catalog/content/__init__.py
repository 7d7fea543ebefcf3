"""What an example or an output can hold."""
