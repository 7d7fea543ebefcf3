"""A web server whose threads wait for nobody: requests are read, and answers sent, by one loop in each process."""
