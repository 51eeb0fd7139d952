"""A third pipeline: a PDF is found by the words on its pages. See docs/make-it-yours.md."""
