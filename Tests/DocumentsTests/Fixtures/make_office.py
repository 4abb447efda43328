"""Writes small office files, books and notebooks, and the words that their reference readers find in them.

    python3 -m venv venv && venv/bin/pip install python-docx python-pptx openpyxl odfpy EbookLib nbformat \
        beautifulsoup4 striprtf
    venv/bin/python make_office.py

Each file NAME gets NAME's words in order in office_words.json, as its reference reader gives them: python-docx, python-pptx,
openpyxl, odfpy, EbookLib with BeautifulSoup, nbformat, striprtf.
"""
import base64
import datetime
import decimal
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
OUT = HERE / "office"
STAMP = datetime.datetime(2024, 5, 1, 12, 0, 0)
words = {}


def split(text):
    """Words as the tests split them: runs of letters and digits."""
    return re.findall(r"[^\W_]+", text)


def docx():
    import docx
    from docx.oxml import OxmlElement, parse_xml
    from docx.oxml.ns import nsdecls

    document = docx.Document()
    document.core_properties.title = "Rope works"
    document.core_properties.created = document.core_properties.modified = STAMP
    document.add_heading("The rope works", 0)
    document.add_paragraph("The works lie on the river Wye, below the old mill.")
    document.add_heading("Making", 1)
    paragraph = document.add_paragraph("Hemp is ")
    paragraph.add_run("combed").bold = True
    paragraph.add_run(" twice,\tthen spun. Water takes it naïvely – 12 °C is best.")
    for text in ["comb the fibres", "spin the yarn", "lay the strands"]:
        document.add_paragraph(text, style="List Number")
    for text in ["hooks", "sledge"]:
        document.add_paragraph(text, style="List Bullet")
    document.add_heading("Prices", 2)
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ["Kind", "Length", "Price"]):
        cell.text = text
    for row in [("Hawser", "120 m", "310.50"), ("Cable", "200 m", "745.00"), ("Line", "60 m", "48.20")]:
        for cell, text in zip(table.add_row().cells, row):
            cell.text = text
    document.add_heading("Orders", 1)
    paragraph = document.add_paragraph("See ")
    hyperlink = parse_xml(
        f'<w:hyperlink {nsdecls("w")} w:anchor="x"><w:r><w:t>the price list</w:t></w:r></w:hyperlink>')
    paragraph._p.append(hyperlink)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = " before ordering."
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    run.append(text)
    paragraph._p.append(run)
    # A tracked deletion, which python-docx does not show either, and an insertion.
    paragraph = document.add_paragraph("Delivery takes ")
    for source in [
        '<w:del {} w:id="1" w:author="A"><w:r><w:delText>nineteen</w:delText></w:r></w:del>',
        '<w:ins {} w:id="2" w:author="A"><w:r><w:t>twelve</w:t></w:r></w:ins>',
    ]:
        paragraph._p.append(parse_xml(source.format(nsdecls("w"))))
    run = paragraph.add_run(" days.")
    document.add_comment(run, text="Ask the carrier first.", author="Ines")
    document.save(OUT / "report.docx")
    found = []
    for block in docx.Document(OUT / "report.docx").iter_inner_content():
        if hasattr(block, "rows"):
            for row in block.rows:
                for cell in row.cells:
                    found += split(cell.text)
        else:
            # Inserted runs are in an element that paragraph.text passes over.
            found += split("".join(
                node.text or "" if node.tag.endswith("}t") else "\t"
                for node in block._p.iter() if node.tag.endswith(("}t", "}tab")) and "pPr" not in node.getparent().tag))
    words["report.docx"] = found


def pptx():
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE
    from pptx.util import Inches

    deck = Presentation()
    deck.core_properties.title = "Harbour review"
    deck.core_properties.created = deck.core_properties.modified = STAMP
    slide = deck.slides.add_slide(deck.slide_layouts[0])
    slide.shapes.title.text = "Harbour review"
    slide.placeholders[1].text = "Spring meeting\nTwo topics"
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Dredging"
    body = slide.placeholders[1].text_frame
    body.text = "The channel silts up"
    for level, text in [(1, "4 cm a year"), (1, "more after storms"), (0, "The dredger comes in May")]:
        paragraph = body.add_paragraph()
        paragraph.text, paragraph.level = text, level
    slide.notes_slide.notes_text_frame.text = "Mention the cost: 80000 a season."
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Berths"
    table = slide.shapes.add_table(3, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for index, row in enumerate([("Berth", "Depth"), ("North quay", "6.5 m"), ("Fish pier", "3.2 m")]):
        for column, text in enumerate(row):
            table.cell(index, column).text = text
    group = slide.shapes.add_group_shape()
    box = group.shapes.add_textbox(Inches(1), Inches(5), Inches(3), Inches(1))
    box.text_frame.text = "Depths at low water"
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Ships"
    data = CategoryChartData()
    data.categories = ["2022", "2023"]
    data.add_series("Arrivals", (411, 437))
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data)
    deck.save(OUT / "slides.pptx")

    def text_of(shapes):
        for shape in shapes:
            if shape.shape_type == 6:
                yield from text_of(shape.shapes)
            elif shape.has_text_frame:
                yield shape.text_frame.text
            elif getattr(shape, "has_table", False) and shape.has_table:
                for row in shape.table.rows:
                    for cell in row.cells:
                        yield cell.text
            elif getattr(shape, "has_chart", False) and shape.has_chart:
                plot = shape.chart.plots[0]
                yield " ".join(series.name for series in plot.series)
                for index, category in enumerate(plot.categories):
                    yield category
                    yield " ".join(str(int(series.values[index])) for series in plot.series)

    found = []
    for slide in Presentation(OUT / "slides.pptx").slides:
        for text in text_of(slide.shapes):
            found += split(text)
        if slide.has_notes_slide:
            found += split(slide.notes_slide.notes_text_frame.text)
    words["slides.pptx"] = found


def xlsx():
    import openpyxl
    from openpyxl.comments import Comment

    book = openpyxl.Workbook()
    book.properties.title = "Stock"
    book.properties.created = book.properties.modified = STAMP
    sheet = book.active
    sheet.title = "Stock"
    sheet.append(["Article", "Count", "Price", "Share", "Since"])
    rows = [("Anchor", 4, 129.5, 0.25, datetime.date(2021, 3, 9)), ("Buoy", 1200, 14, 0.5, datetime.date(2019, 11, 30)),
            ("Chain & shackle", 37, 88.125, 0.125, datetime.date(2024, 2, 29))]
    for row in rows:
        sheet.append(row)
    for row in range(2, 5):
        sheet.cell(row, 2).number_format = "#,##0"
        sheet.cell(row, 3).number_format = "0.00"
        sheet.cell(row, 4).number_format = "0%"
        sheet.cell(row, 5).number_format = "yyyy-mm-dd"
    sheet["B2"].comment = Comment("Two are bent.", "Ines")
    merged = book.create_sheet("By year")
    merged.append(["Harbour by year"])
    merged.append([])
    merged.append(["Quay", "2022", None, "2023", None])
    merged.append([None, "in", "out", "in", "out"])
    merged.append(["North", 10, 11, 12, 13])
    merged.append([None, 14, 15, 16, 17])
    merged.merge_cells("B3:C3")
    merged.merge_cells("D3:E3")
    merged.merge_cells("A5:A6")
    hidden = book.create_sheet("Keys")
    hidden.append(["code", "meaning"])
    hidden.append(["Q7", "quarantine"])
    hidden.sheet_state = "hidden"
    book.save(OUT / "stock.xlsx")
    def shown(value, form):
        return f"{decimal.Decimal(str(value)).quantize(decimal.Decimal(form), decimal.ROUND_HALF_UP)}"

    found = []
    for row in openpyxl.load_workbook(OUT / "stock.xlsx", data_only=True)["Stock"].iter_rows():
        for cell in row:
            value = cell.value
            if isinstance(value, datetime.datetime):
                value = value.date().isoformat()
            elif cell.number_format == "0%" and isinstance(value, (int, float)):
                value = shown(value * 100, "1") + "%"
            elif cell.number_format == "0.00" and isinstance(value, (int, float)):
                value = shown(value, "0.01")
            elif cell.number_format == "#,##0" and isinstance(value, int):
                value = f"{value:,}"
            found += split(str(value))
    words["stock.xlsx"] = found


def odf():
    from odf import dc, teletype, text
    from odf.office import Annotation
    from odf.opendocument import OpenDocumentPresentation, OpenDocumentSpreadsheet, OpenDocumentText, load
    from odf.draw import Frame, Page, TextBox
    from odf.presentation import Notes
    from odf.style import MasterPage, PageLayout, PageLayoutProperties
    from odf.table import Table, TableCell, TableColumn, TableHeaderRows, TableRow

    def row(cells, kind=TableCell):
        line = TableRow()
        for value in cells:
            cell = kind(valuetype="string")
            cell.addElement(text.P(text=value))
            line.addElement(cell)
        return line

    document = OpenDocumentText()
    document.meta.addElement(dc.Title(text="Lamp room"))
    document.text.addElement(text.H(outlinelevel=1, text="The lamp room"))
    paragraph = text.P(text="The lamp burns ")
    paragraph.addElement(text.Span(text="colza oil"))
    paragraph.addText(",")
    paragraph.addElement(text.S(c=2))
    paragraph.addText("a litre a night")
    note = text.Note(noteclass="footnote", id="n1")
    note.addElement(text.NoteCitation(text="1"))
    body = text.NoteBody()
    body.addElement(text.P(text="Paraffin since 1872."))
    note.addElement(body)
    paragraph.addElement(note)
    paragraph.addText(" in winter.")
    document.text.addElement(paragraph)
    document.text.addElement(text.H(outlinelevel=2, text="Duties"))
    items = text.List()
    for value in ["trim the wick", "polish the lens"]:
        item = text.ListItem()
        item.addElement(text.P(text=value))
        items.addElement(item)
    document.text.addElement(items)
    table = Table(name="Watches")
    table.addElement(TableColumn(numbercolumnsrepeated=2))
    header = TableHeaderRows()
    header.addElement(row(["Keeper", "Watch"]))
    table.addElement(header)
    for cells in [("Moss", "dusk to midnight"), ("Tarrant", "midnight to dawn")]:
        table.addElement(row(cells))
    document.text.addElement(table)
    document.text.addElement(text.P(text="Both rest on Sundays in fog‑free weather."))
    document.save(OUT / "lamp.odt")
    found = []
    for element in load(OUT / "lamp.odt").text.childNodes:
        # The citation's number is no text, and the note stands after its paragraph.
        value = teletype.extractText(element)
        if "Paraffin" in value:
            value = value.replace("1Paraffin since 1872.", "") + " Footnote Paraffin since 1872."
        if element.qname[1] == "table":
            found += split(" ".join(teletype.extractText(p) for p in element.getElementsByType(text.P)))
        elif element.qname[1] == "list":
            found += split(" ".join(teletype.extractText(p) for p in element.getElementsByType(text.P)))
        else:
            found += split(value)
    words["lamp.odt"] = found

    book = OpenDocumentSpreadsheet()
    table = Table(name="Tides")
    table.addElement(row(["Day", "High", "Low"]))
    for cells in [("Monday", "5.1 m", "0.9 m"), ("Tuesday", "5.3 m", "0.7 m")]:
        table.addElement(row(cells))
    line = TableRow()
    cell = TableCell(numbercolumnsrepeated=2, valuetype="string")
    cell.addElement(text.P(text="calm"))
    line.addElement(cell)
    line.addElement(TableCell(numbercolumnsrepeated=16000))
    table.addElement(line)
    table.addElement(TableRow(numberrowsrepeated=1000000))
    book.spreadsheet.addElement(table)
    book.save(OUT / "tides.ods")
    words["tides.ods"] = split(" ".join(
        teletype.extractText(p) for p in load(OUT / "tides.ods").spreadsheet.getElementsByType(text.P))) + ["calm"]

    deck = OpenDocumentPresentation()
    layout = PageLayout(name="L")
    layout.addElement(PageLayoutProperties(pagewidth="28cm", pageheight="21cm"))
    deck.automaticstyles.addElement(layout)
    master = MasterPage(name="M", pagelayoutname=layout)
    deck.masterstyles.addElement(master)
    for title, lines, spoken in [("Fog signals", ["Two blasts", "every 90 seconds"], "Wait for the bell."),
                                 ("Lights", ["White, flashing", "range 18 miles"], None)]:
        page = Page(masterpagename=master)
        for kind, values in [("title", [title]), ("outline", lines)]:
            frame = Frame(width="20cm", height="4cm", x="1cm", y="1cm")
            frame.setAttrNS("urn:oasis:names:tc:opendocument:xmlns:presentation:1.0", "class", kind)
            box = TextBox()
            for value in values:
                box.addElement(text.P(text=value))
            frame.addElement(box)
            page.addElement(frame)
        if spoken:
            notes = Notes()
            frame = Frame(width="20cm", height="4cm", x="1cm", y="1cm")
            frame.setAttrNS("urn:oasis:names:tc:opendocument:xmlns:presentation:1.0", "class", "notes")
            box = TextBox()
            box.addElement(text.P(text=spoken))
            frame.addElement(box)
            notes.addElement(frame)
            page.addElement(notes)
        deck.presentation.addElement(page)
    deck.save(OUT / "signals.odp")
    words["signals.odp"] = split(" ".join(
        teletype.extractText(p) for p in load(OUT / "signals.odp").presentation.getElementsByType(text.P)))


def epub():
    import ebooklib
    from bs4 import BeautifulSoup
    from ebooklib import epub

    book = epub.EpubBook()
    book.set_identifier("keeper")
    book.set_title("The Keeper’s Year")
    book.set_language("en")
    chapters = []
    for number, (title, body) in enumerate([
        ("January", "<p>Ice on the <em>gallery</em> rail&#160;again.</p><ul><li>salt</li><li>sand</li></ul>"),
        ("February", "<p>A ship&#8217;s boat came in.</p><table><tr><th>Man</th><th>Rank</th></tr>"
                     "<tr><td>Oke</td><td>mate</td></tr></table>"),
        ("March", "<p>Gales &amp; long nights.</p><h2>Wreck</h2><p>The brig Celia struck at four.</p>"),
    ]):
        # The order of the files is not that of reading.
        chapter = epub.EpubHtml(title=title, file_name=f"c{9 - number}.xhtml", lang="en")
        chapter.content = f"<h1>{title}</h1>{body}"
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    book.spine = ["nav"] + chapters
    epub.write_epub(str(OUT / "year.epub"), book, {"mtime": STAMP})
    read = epub.read_epub(str(OUT / "year.epub"))
    found = split(read.get_metadata("DC", "title")[0][0])
    for identifier, _ in read.spine:
        item = read.get_item_with_id(identifier)
        if item.get_type() == ebooklib.ITEM_DOCUMENT and identifier != "nav":
            found += split(BeautifulSoup(item.get_content(), "html.parser").body.get_text(" "))
    words["year.epub"] = found


def notebook():
    import nbformat
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

    picture = base64.b64encode(bytes(range(256)) * 4).decode()
    book = new_notebook()
    code = new_code_cell("import statistics\nstatistics.mean([5.1, 5.3])")
    code.outputs = [
        new_output("stream", text="reading tides\n"),
        new_output("execute_result", data={"text/plain": "5.2"}, execution_count=1),
        new_output("display_data", data={"image/png": picture, "text/plain": "<Figure size 640x480>"}),
        new_output("error", ename="ValueError", evalue="no tide", traceback=["\x1b[31mValueError\x1b[0m: no tide"]),
    ]
    book.cells = [
        new_markdown_cell("# Tides\n\nHeights at the *north quay*."),
        code,
        new_markdown_cell(f"## Next\n\nPlot them. ![plot](data:image/png;base64,{picture})"),
    ]
    for index, cell in enumerate(book.cells):
        cell["id"] = f"cell{index}"
    nbformat.write(book, OUT / "tides.ipynb")
    found = []
    for cell in nbformat.read(OUT / "tides.ipynb", as_version=4).cells:
        found += split(re.sub(r"data:[^)]*", "data:image/png;base64,", cell.source))
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                found += split(output.text)
            elif output.output_type == "error":
                found += split(re.sub(r"\x1b\[\d*m", "", "\n".join(output.traceback)))
            elif "image/png" not in output.data:
                found += split(output.data["text/plain"])
    words["tides.ipynb"] = found


def rtf():
    from striprtf.striprtf import rtf_to_text

    source = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fnil\fcharset204 Arial;}}"
        r"{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}{\s1\outlinelevel0 heading 1;}}"
        r"{\info{\title Pilot log}{\author Oke}}"
        "\n" r"\pard\s1\outlinelevel0 Pilot log\par\pard\plain\f0 Caf\'e9 on the quay \emdash  na\u239?ve \ldblquote"
        r" harbour\rdblquote  prices.\par"
        "\n" r"{\pict\pngblip 89504e470d0a1a0a0000000d49484452}\pard "
        r"{\f1 \'cc\'ee\'f1\'ea\'e2\'e0}\f0  sent word.{\v secret }\par"
        "\n" r"\trowd\cellx2000\cellx4000\pard\intbl Ship\cell Draught\cell\row"
        r"\trowd\cellx2000\cellx4000\pard\intbl Celia\cell 3.4 m\cell\row\pard Last line.\par}")
    (OUT / "log.rtf").write_bytes(source.encode("ascii"))
    text = rtf_to_text(source).replace("secret ", "").replace("|", " ")
    words["log.rtf"] = split(text)


def main():
    OUT.mkdir(exist_ok=True)
    for make in [docx, pptx, xlsx, odf, epub, notebook, rtf]:
        make()
    with open(HERE / "office_words.json", "w", encoding="utf-8") as file:
        json.dump(words, file, ensure_ascii=False, indent=1, sort_keys=True)
        file.write("\n")
    for name, found in sorted(words.items()):
        print(name, (OUT / name).stat().st_size, "bytes,", len(found), "words", file=sys.stderr)


main()
