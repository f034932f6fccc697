"""Tells what each cell of a workbook's first sheet is: a text, a number, a date or a formula."""

import datetime
import json
import re
import sys
import xml.etree.ElementTree as xml
import zipfile

NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
EPOCH = datetime.datetime(1899, 12, 30)

book = zipfile.ZipFile(sys.argv[1])
strings = [
    "".join(text.text or "" for text in item.iterfind(".//x:t", NS))
    for item in xml.fromstring(book.read("xl/sharedStrings.xml")).iterfind("x:si", NS)
]
styles = xml.fromstring(book.read("xl/styles.xml"))
formats = {one.get("numFmtId"): one.get("formatCode") for one in styles.iterfind(".//x:numFmt", NS)}
used = [one.get("numFmtId") for one in styles.find("x:cellXfs", NS)]


def is_date(cell):
    return re.search("[yY]", formats.get(used[int(cell.get("s", "0"))], "")) is not None


def told(cell):
    value = cell.findtext("x:v", "", NS)
    if cell.find("x:f", NS) is not None:
        return {"formula": cell.findtext("x:f", "", NS)}
    if cell.get("t") == "s":
        return {"text": strings[int(value)]}
    if cell.get("t") in ("b", "e", "str"):
        return {cell.get("t"): value}
    if value and is_date(cell):
        at = EPOCH + datetime.timedelta(seconds=round(float(value) * 86400))
        return {"date": at.strftime("%Y-%m-%d %H:%M:%S")}
    return {"number": float(value)} if value else {}


sheet = xml.fromstring(book.read("xl/worksheets/sheet1.xml"))
rows = [
    {re.match("[A-Z]+", cell.get("r"))[0]: told(cell) for cell in row.iterfind("x:c", NS)}
    for row in sheet.iterfind(".//x:row", NS)
]
names = {column: cell["text"] for column, cell in rows[0].items()}
json.dump([{names[at]: cell for at, cell in row.items()} for row in rows[1:]], sys.stdout)
