"""After the run: sessions become pictures, pages and files."""
