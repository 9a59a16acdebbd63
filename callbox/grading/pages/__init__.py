"""What a student reads about a program, and what a teacher sees of a class."""
