#!/usr/bin/env python3
"""Make the small PDFs beside this script: what loaders must not scramble, and scans.

    pip install fpdf2==2.8.9 pillow==13.0.0 && python make_pdfs.py

Made with fpdf2 2.8.9 and Pillow 13.0.0; the pictures are noise of 40 by 56 grey points, stretched over the page as a
scanner's would be.
"""
import datetime
import os
import random

from fpdf import FPDF
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = [("Part", "Keeper", "When it is inspected"), ("Gallery ladder", "Anna Berg", "every six months"),
        ("Weather mast", "Jon Dahl", "once a year in May"), ("Bell", "nobody", "never"),
        ("Oak door", "Ida Falk", "in wet winters")]
PROSE = "The parts of the tower are looked after by people of the parish, who write down what they find. " * 3
noise = random.Random(7)


def document():
    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc))
    pdf.set_auto_page_break(False)
    pdf.set_font("Helvetica", size=10)
    return pdf


def put(pdf, x, y, text):
    pdf.set_xy(x, y)
    pdf.cell(text=text)


def picture():
    return Image.frombytes("L", (40, 56), bytes(noise.randrange(256) for _ in range(40 * 56)))


def scanned_page(pdf, stamp=None):
    pdf.add_page()
    pdf.image(picture(), 0, 0, 210, 297)
    if stamp:
        put(pdf, 95, 285, stamp)


def save(pdf, name):
    pdf.output(os.path.join(HERE, name))


def columns(name, leading, left, right, below=None):
    """Two columns of so many lines, which stand side by side and are written line by line."""
    pdf = document()
    pdf.add_page()
    put(pdf, 20, 15, "The annual report of the tower")
    for line in range(left):
        put(pdf, 15, 30 + leading * line, f"Left line {line} tells of swifts and of their nests in")
        if line < right:
            put(pdf, 110, 30 + leading * line, f"Right line {line} tells of owls and of the voles they")
    if below:
        pdf.set_xy(15, 52 + leading * left)
        pdf.multi_cell(160, leading, below)
    save(pdf, name)


def table(name, leading):
    pdf = document()
    pdf.add_page()
    pdf.set_xy(20, 20)
    pdf.multi_cell(160, 4.3, PROSE)
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            put(pdf, 20 + 55 * column, 60 + leading * number, text)
    pdf.set_xy(20, 70 + leading * len(ROWS))
    pdf.multi_cell(160, 4.3, "The next inspection is planned by the keepers themselves. " * 3)
    save(pdf, name)


def scans():
    pdf = document()
    for _ in range(3):
        scanned_page(pdf)
    save(pdf, "scan.pdf")

    pdf = document()
    for number in range(1, 4):
        scanned_page(pdf, f"Page {number} of 3")
    save(pdf, "stamped-scan.pdf")

    pdf = document()
    for number in range(1, 10):
        if number in (3, 4, 5, 8):
            scanned_page(pdf, str(number))
        else:
            pdf.add_page()
            pdf.set_xy(20, 20)
            pdf.multi_cell(160, 4.3, f"Page {number} of the handbook was typed. " + PROSE)
            put(pdf, 95, 285, str(number))
    save(pdf, "partly-scanned.pdf")

    # A title alone on its page, and a title on a picture with words enough: text, not scans.
    pdf = document()
    pdf.add_page()
    put(pdf, 80, 120, "The tower")
    pdf.add_page()
    pdf.image(picture(), 0, 0, 210, 297)
    put(pdf, 40, 120, "What the keepers of the tower found in the winter of 2021")
    save(pdf, "titles.pdf")


def leaves(name, pages, height=14):
    """A page for each list of lines."""
    pdf = document()
    for lines in pages:
        pdf.add_page()
        for number, line in enumerate(lines):
            put(pdf, 20, 30 + height * number, line)
    save(pdf, name)


def short_pages():
    """What must not be taken for running headers and footers, and what must."""
    numbers = range(1, 5)
    leaves("invoice.pdf", [["Invoice 2026-114", "Pay within 14 days to account 5512.", f"Position {n}: rope, {n}0 metres",
                            "Late fee: 8 percent a year."] for n in numbers])
    people = ["Anna Berg", "Jon Dahl", "Ida Falk", "Per Lund"]
    leaves("certificates.pdf", [["Certificate of attendance", "This is to certify that", person,
                                 "has ringed swifts for a season.", "Saint Aldhelm, 3 May 2026"] for person in people])
    leaves("slides.pdf", [[title, *lines, "The swifts of Saint Aldhelm"] for title, lines in [
        ("Why we count", ["The colony has shrunk since 1990."]), ("How we count", ["At dusk, from the gallery."]),
        ("What we found", ["31 pairs in 40 boxes."]), ("Thank you", [])]])
    leaves("tickets.pdf", [["Evening at the tower", f"Ticket {n}", f"Seat {n + 6}", "Admit one"] for n in numbers])
    leaves("same-pages.pdf", [["This page is left blank", "on purpose."] for _ in numbers])
    # A report with a header, a footer and page numbers on every page.
    leaves("report.pdf", [["Annual report of the tower"] + [f"Sentence {line} of page {n} tells of swifts."
                                                           for line in "abcdefgh"]
                          + ["Printed by the parish", f"Page {n} of 6"] for n in range(1, 7)])
    # A heading right above its paragraph.
    pdf = document()
    pdf.add_page()
    pdf.set_font("Helvetica", "B", 10)
    put(pdf, 20, 20, "The year at the tower")
    pdf.set_font("Helvetica", size=10)
    pdf.set_xy(20, 25)
    pdf.multi_cell(160, 4.3, "The first swifts come back in the last days of April. " * 4)
    save(pdf, "heading.pdf")


columns("columns.pdf", 4.3, 20, 20)
columns("wide-columns.pdf", 9, 12, 10, below=PROSE)
table("table.pdf", 4.3)
table("loose-table.pdf", 7)
scans()
short_pages()
