"""The texts: articles, their revisions and paragraphs."""
