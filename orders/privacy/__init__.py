"""What is kept of a buyer: found, handed out, and erased."""
