"""What a reader of a printed PDF sees."""
import pathlib
import re
import subprocess
import tempfile
import unicodedata


def squeezed(text):
    """Without spaces; the font's Latin letters are half as wide and come out as full-width ones."""
    return unicodedata.normalize("NFKC", re.sub(r"\s", "", text))


def pdf_text(body, layout="-raw"):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "paper.pdf"
        path.write_bytes(body)
        return squeezed(subprocess.run(["pdftotext", layout, path, "-"], capture_output=True, text=True, check=True).stdout)


def pdf_pages(body):
    """The text of each page."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "paper.pdf"
        path.write_bytes(body)
        text = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, text=True, check=True).stdout
    return [squeezed(page) for page in text.split("\f")]


def pdf_ink(body):
    """The first page as grey pixels."""
    return subprocess.run(["pdftoppm", "-gray", "-r", "60", "-f", "1", "-l", "1", "-"], input=body, capture_output=True, check=True).stdout
