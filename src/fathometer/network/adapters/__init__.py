"""What is brought, as one kind of network, whatever framework it comes from."""
