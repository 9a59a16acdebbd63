"""What a class came to, in the files that other programs read: a room a format, and each of them `write(…, out, …)`."""
