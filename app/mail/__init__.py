"""Mail: links to a new password, confirmed addresses, and a digest for those who want one. Never the text of a note."""
