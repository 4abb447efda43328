"""Writes the messages of this folder, by Python's email package, and what that package reads of them.

    python3 make_mail.py
"""
import email.policy
import pathlib
import subprocess
import sys
from email.headerregistry import Address
from email.message import EmailMessage

here = pathlib.Path(__file__).parent


def message(subject, sender=Address("Ada Müller", "ada", "example.org"), day=1, **headers):
    made = EmailMessage(policy=email.policy.SMTP.clone(linesep="\n"))
    made["Subject"] = subject
    made["From"] = sender
    made["To"] = Address("Björn Ångström", "bjorn", "example.net")
    made["Date"] = f"Fri, {day:02} Mar 2024 09:30:00 +0100"
    made["Message-ID"] = f"<{subject.split()[0].lower().encode('ascii', 'ignore').decode()}-{day}@example.org>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    return made


def write(name, made):
    (here / name).write_bytes(made if isinstance(made, bytes) else made.as_bytes())


charsets = {
    "iso-8859-15": "Die Brücke kostet 300 € im Jahr.", "koi8-r": "Мост проверяют каждую весну.",
    "gb18030": "这座桥每年春天检查一次。", "iso-2022-jp": "橋は毎年春に点検されます。", "shift_jis": "橋の点検は四月です。",
    "big5": "這座橋每年檢查一次。", "euc-kr": "다리는 매년 봄에 점검합니다.", "windows-1251": "Лестницу проверяют в мае.",
}
for number, (charset, text) in enumerate(charsets.items(), 1):
    made = message(f"Charset {charset}: {text[:6]}", day=number)
    made.set_content(text + "\n", charset=charset, cte="base64" if number % 2 else None)
    write(f"charset-{charset}.eml", made)

made = message("Prüfung der Leiter: alle sechs Monate, und nicht erst im nächsten Jahr, wie bisher üblich 🪜")
made.set_content("Die Leiter wird alle sechs Monate geprüft. 🪜\n\nGrüße\nAda\n", cte="quoted-printable")
write("quoted-printable.eml", made)

made = message("Alternative parts", day=2)
made.set_content("The tide gauge reads 3.2 metres.\n")
made.add_alternative("<html><body><p>The tide gauge reads <b>3.2</b> metres.</p></body></html>", subtype="html")
write("alternative.eml", made)

made = message("HTML alone", day=3)
made.set_content("\n  \n")
made.add_alternative(
    "<html><head><title>x</title><style>p {color: red}</style></head><body><h1>Harbour</h1>"
    "<p>The crane lifts 40&nbsp;tonnes &amp; more.</p><ul><li>one</li><li>two</li></ul></body></html>", subtype="html")
write("html-alone.eml", made)

inner = message("Inspection of the crane", Address("Carl", "carl", "example.com"), day=4)
inner.set_content("The crane was inspected on Monday.\n")
made = message("Fwd: Inspection of the crane", day=5, References="<first@example.org> <second@example.org>")
made.set_content("See below.\n")
made.add_attachment(inner)
write("forwarded.eml", made)

made = message("Nested parts", day=6, In_Reply_To="<first@example.org>")
made.set_content("Three files are attached.\n")
made.add_alternative("<p>Three files are attached.</p><img src='cid:picture'>", subtype="html")
made.get_payload()[1].add_related(b"\x89PNG\r\n\x1a\n\x00\x00", "image", "png", cid="<picture>")
made.add_attachment("item,count\nrope,12\nshackle,30\n", subtype="csv", filename="stock.csv")
made.add_attachment("# Mooring\n\nUse two springs.\n", subtype="markdown", filename="Vertäuung, Übersicht.md")
made.add_attachment(
    (here.parent / "heading.pdf").read_bytes(), maintype="application", subtype="octet-stream", filename="heading.pdf")
made.add_attachment("Grüße aus dem Hafen\n", charset="iso-8859-1", filename="hello.txt")
made.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="blob.bin")
write("nested.eml", made)

made = message("Re: Quoted replies", day=7, In_Reply_To="<quoted-1@example.org>")
made.set_content(
    "On Monday Carl wrote:\n> When is the ladder inspected?\n> And who does it?\n\nEvery six months, by Ada.\n\n"
    "-----Original Message-----\nFrom: Carl\n\nPlease tell me about the ladder.\n")
write("quoted.eml", made)

head = b"From: ada@example.org\nTo: bjorn@example.net\nDate: Fri, 08 Mar 2024 09:30:00 +0100\n"
write("raw-8bit.eml", head + b"Subject: Gr\xfc\xdfe\nMessage-ID: <raw@example.org>\n\nDie Br\xfccke ist gesperrt.\n")
write("raw-utf8.eml", head + "Subject: Grüße\nMessage-ID: <raw8@example.org>\n\nDie Brücke ist offen.\n".encode())
write(
    "unknown-charset.eml",
    head + b"Subject: Unknown charset\nContent-Type: text/plain; charset=x-martian\n\nDer Schl\xc3\xbcssel fehlt.\n")
write(
    "unclosed.eml",
    head + b"Subject: Unclosed parts\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    b"--b\nContent-Type: text/plain\n\nThe first part.\n--b\nContent-Type: text/plain\n\nThe second part, cut o")
write(
    "bad-base64.eml",
    head + b"Subject: Damaged base64\nMIME-Version: 1.0\nContent-Type: text/plain\n"
    b"Content-Transfer-Encoding: base64\n\nVGhlIGdh!!dGUgaXMgb3Blbi4=\n")

names = sorted(path.name for path in here.glob("*.eml"))
read = subprocess.run(
    [sys.executable, here / "read_mail.py", *names], cwd=here, check=True, capture_output=True, text=True)
(here / "expected.jsonl").write_text(read.stdout)
