"""The bench: puts a program into a box of its own, calls it up, and judges what it says on the line."""
