"""What the kernel knows of a program: its sockets, and what its threads are doing."""
