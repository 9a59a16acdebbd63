"""Grades a class: from what was handed in to marks, one student at a time, so that nobody pays for somebody else."""
