"""What runs the course: the `course` command for students, instructors, authors and CI."""
