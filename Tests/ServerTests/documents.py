"""Documents for tests, made here: PDF by a small writer, others by pandoc, openpyxl and the zip library."""

import io
import json
import subprocess
import zipfile
import zlib

PYTHON = "/usr/bin/python3"  # Debian's, which has openpyxl.


def hexadecimal(text):
    return text.encode("utf-16-be").hex()


def pdf(pages, title="", more=b"", trailer=b""):
    """Returns a PDF that has one line for each text of a page. Any script works: each character has a code of its own,
    and a table says what it stands for."""
    codes = {}
    for character in "".join("".join(page) for page in pages):
        codes.setdefault(character, len(codes) + 1)
    table = "".join(f"<{code:04x}> <{hexadecimal(character)}>\n" for character, code in codes.items())
    chunks = table.splitlines(keepends=True)
    ranges = "".join(
        f"{len(chunks[at:at + 100])} beginbfchar\n{''.join(chunks[at:at + 100])}endbfchar\n"
        for at in range(0, len(chunks), 100))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <ffff> endcodespacerange\n{ranges}endcmap end end")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (
            len(pages), b" ".join(b"%d 0 R" % (8 + 2 * at) for at in range(len(pages)))),
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[4 0 R]/ToUnicode 5 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/FontDescriptor 7 0 R/DW 600"
        + b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        stream(cmap.encode()),
        b"<</Title<feff%s>>>" % hexadecimal(title).encode(),
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent 0"
        + b"/CapHeight 700/StemV 80>>",
    ]
    for at, page in enumerate(pages):
        lines = "".join(
            f"1 0 0 1 50 {780 - 40 * line} Tm <{''.join(f'{codes[character]:04x}' for character in text)}> Tj\n"
            for line, text in enumerate(page))
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 3 0 R>>>>/Contents %d 0 R>>" % (9 + 2 * at),
            stream(f"BT /F 12 Tf\n{lines}ET".encode()),
        ]
    return assemble(objects, more, trailer)


def stream(content, dictionary=b""):
    packed = zlib.compress(content)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), dictionary, packed)


def assemble(objects, more=b"", trailer=b""):
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    out += more
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R/Info 6 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, start)
    return bytes(out)


def scan(line):
    """Returns a PDF that has one page: a picture of a line in Latin letters, as a scanner makes one."""
    page = assemble([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 200]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        stream(b"BT /F 24 Tf 40 100 Td (%s) Tj ET" % line.encode()), b"<<>>",
    ])
    return pictured(page)


def pictured(document):
    """Draws a document's first page, and makes a PDF that has only the picture."""
    drawn = subprocess.run(
        ["pdftoppm", "-gray", "-r", "150", "-f", "1", "-l", "1", "-"], input=document, capture_output=True, check=True,
    ).stdout
    _, size, _, pixels = drawn.split(b"\n", 3)
    width, height = map(int, size.split())
    picture = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8" % (width, height)
    return assemble([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>" % (width, height),
        stream(pixels, picture), stream(b"q %d 0 0 %d 0 0 cm /I Do Q" % (width, height)), b"<<>>",
    ])


def printed(text, folder):
    """Returns a PDF of a text as a browser prints it, in letters of any script."""
    (folder / "page.html").write_text(f"<html><meta charset=utf-8><body style='font-size: 32px'>{text}")
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
         f"--user-data-dir={folder}/profile", f"--print-to-pdf={folder}/page.pdf", folder / "page.html"],
        check=True, capture_output=True, timeout=120)
    return (folder / "page.pdf").read_bytes()


def office(markdown, ending):
    """Returns a document that pandoc makes of Markdown."""
    return subprocess.run(
        ["pandoc", "-f", "markdown", "-t", ending, "-o", "-", "--metadata", "title=শিরোনাম"], input=markdown.encode(),
        capture_output=True, check=True).stdout


def sheets(rows):
    script = """
import json, sys, openpyxl
book = openpyxl.Workbook()
book.active.title = "দাম"
for row in json.load(sys.stdin): book.active.append(row)
book.save(sys.stdout.buffer)"""
    return subprocess.run([PYTHON, "-c", script], input=json.dumps(rows).encode(), capture_output=True, check=True).stdout


def archive(files, mimetype=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        if mimetype:
            made.writestr("mimetype", mimetype, zipfile.ZIP_STORED)
        for name, content in files.items():
            made.writestr(name, content)
    return out.getvalue()


def changed(content, files):
    """Returns an archive in which some files are replaced, or removed if the content is None."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        kept = {name: old.read(name) for name in old.namelist()} | files
    mimetype = kept.pop("mimetype", None)
    return archive({name: content for name, content in kept.items() if content is not None}, mimetype)
