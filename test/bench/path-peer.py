"""The peer of `bench -- path`: the list in a verified letter as SQL. Usage: path-peer.py BODY LETTER"""

import email
import io
import json
import sys

import openpyxl

with open(sys.argv[1], "rb") as file:
    message = email.message_from_binary_file(file)
for part in message.walk():
    if (part.get_filename() or "").endswith(".xlsx"):
        sheet = openpyxl.load_workbook(io.BytesIO(part.get_payload(decode=True)), read_only=True).active
        rows = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], (int, float))]
        print("begin;")
        for row in rows:
            cells = json.dumps(row, ensure_ascii=False).replace("'", "''")
            print(f"insert into public.peer values ('{sys.argv[2]}', '{cells}');")
        print("commit;")
