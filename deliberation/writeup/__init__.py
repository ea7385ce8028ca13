"""The write-up: from stored records to a document, as a page, a file and data."""
