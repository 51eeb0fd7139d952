"""The desk: pages for people, made here on the server, that work without a line of JavaScript."""
