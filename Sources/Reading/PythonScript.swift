/// Prints the text of presentations and sheets as `MarkedBlocks`. It takes a format and a path.
enum PythonScript {
    static let text = #"""
        import re, sys, zipfile
        import xml.etree.ElementTree as tree

        DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
        SLIDES = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
        LINKS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

        def put(kind, page, text):
            text = re.sub("[\0-\x08\x0b-\x1f\x7f]", "", text)
            if text.strip():
                sys.stdout.buffer.write(f"\x1e{kind}@{page}\x1f{text}".encode("utf-8", "replace"))

        def paragraph(node):
            parts = {DRAWING + "t": lambda n: n.text or "", DRAWING + "br": lambda n: "\n"}
            return "".join(parts[n.tag](n) for n in node.iter() if n.tag in parts)

        def shape(node, page):
            title = any(p.get("type") in ("title", "ctrTitle") for p in node.iter(SLIDES + "ph"))
            lines = [paragraph(p) for p in node.iter(DRAWING + "p")]
            if title:
                put("heading1", page, " ".join(lines))
            else:
                for line in lines:
                    put("paragraph", page, line)

        def slide(node, page):
            for child in node:
                if child.tag == SLIDES + "sp":
                    shape(child, page)
                elif child.tag == SLIDES + "graphicFrame":
                    for row in child.iter(DRAWING + "tr"):
                        cells = [" ".join(paragraph(p) for p in c.iter(DRAWING + "p")) for c in row.iter(DRAWING + "tc")]
                        put("row", page, "\t".join(cells))
                else:
                    slide(child, page)

        def slides(path):
            with zipfile.ZipFile(path) as archive:
                links = tree.fromstring(archive.read("ppt/_rels/presentation.xml.rels"))
                targets = {link.get("Id"): link.get("Target") for link in links}
                show = tree.fromstring(archive.read("ppt/presentation.xml"))
                for page, entry in enumerate(show.iter(SLIDES + "sldId"), 1):
                    if page > 5000:
                        sys.exit(9)
                    target = targets[entry.get(LINKS + "id")]
                    name = target.lstrip("/") if target.startswith("/") else "ppt/" + target
                    slide(tree.fromstring(archive.read(name)), page)

        def sheets(path):
            import openpyxl
            book = openpyxl.load_workbook(open(path, "rb"), read_only=True, data_only=True, keep_links=False)
            for page, sheet in enumerate(book.worksheets, 1):
                put("heading1", page, sheet.title)
                sheet.reset_dimensions()
                for row in sheet.iter_rows(values_only=True):
                    cells = ["" if cell is None else re.sub(r"\s+", " ", str(cell)) for cell in row]
                    put("row", page, "\t".join(cells).rstrip())

        {"pptx": slides, "xlsx": sheets}[sys.argv[1]](sys.argv[2])
        """#
}
