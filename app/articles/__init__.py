"""What can be read: article files, their Markdown, the folder they lie in."""
