"""What Python's email package reads of messages, a JSON object a line.

    python3 read_mail.py FILE...

A file whose name ends with .mbox is a mailbox. Each object has path, number (from 1), subject, name, address, date
(seconds since 1970, or null), body (the best readable text: plain where there is any, else that of HTML) and
attachments (texts by file name).
"""
import email
import email.policy
import email.utils
import html.parser
import json
import mailbox
import sys


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.parts, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("script", "style", "title")
        if tag not in ("b", "i", "em", "strong", "a", "span", "font", "u", "tt", "code", "sub", "sup", "small", "big"):
            self.parts.append(" ")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style", "title")
        if tag not in ("b", "i", "em", "strong", "a", "span", "font", "u", "tt", "code", "sub", "sup", "small", "big"):
            self.parts.append(" ")

    def handle_data(self, data):
        if not self.hidden:
            self.parts.append(data)


def decoded(part):
    content = part.get_payload(decode=True) or b""
    try:
        return content.decode(part.get_content_charset() or "ascii")
    except (LookupError, UnicodeDecodeError):
        for charset in ("utf-8", "windows-1252"):
            try:
                return content.decode(charset)
            except UnicodeDecodeError:
                pass
        return content.decode("latin-1")


def text(part):
    if part.get_content_subtype() != "html":
        return decoded(part)
    reader = Text()
    reader.feed(decoded(part))
    reader.close()
    return "".join(reader.parts)


def walk(part, body, attachments):
    if part.get_content_type() == "multipart/alternative":
        children = list(part.iter_parts())
        plain = [c for c in children if c.get_content_type() == "text/plain" and decoded(c).strip()]
        rich = [c for c in children if c.is_multipart() or c.get_content_type() == "text/html"]
        walk((plain[:1] or rich[-1:])[0], body, attachments)
        for child in children:
            if child.get_content_maintype() == "text" and child.get_content_subtype() not in ("plain", "html"):
                attachments[child.get_content_type()] = decoded(child)
    elif part.get_content_type() == "message/rfc822":
        for inner in part.get_payload():
            body.append(str(inner["subject"] or ""))
            walk(inner, body, attachments)
    elif part.is_multipart():
        for child in part.get_payload():
            walk(child, body, attachments)
    elif part.get_content_maintype() == "text":
        if part.get_filename() or part.get_content_disposition() == "attachment":
            attachments[part.get_filename() or part.get_content_type()] = text(part)
        elif part.get_content_subtype() in ("plain", "html"):
            body.append(text(part))


def facts(message, path, number):
    body, attachments = [], {}
    walk(message, body, attachments)
    sender = message["from"]
    first = sender.addresses[0] if sender is not None and sender.addresses else None
    try:
        date = email.utils.parsedate_to_datetime(str(message["date"])) if message["date"] else None
    except ValueError:
        date = None
    return {
        "path": path, "number": number, "subject": str(message["subject"] or ""),
        "name": first.display_name if first else "", "address": first.addr_spec if first else "",
        "date": int(date.timestamp()) if date else None, "body": "\n".join(body), "attachments": attachments,
    }


for path in sys.argv[1:]:
    name = path.rsplit("/", 1)[-1]
    if path.endswith(".mbox"):
        box = mailbox.mbox(path, create=False)
        texts = [box.get_bytes(key) for key in box.keys()]
    else:
        with open(path, "rb") as file:
            texts = [file.read()]
        if texts[0].startswith(b"From "):
            texts[0] = texts[0].split(b"\n", 1)[1]
    for number, data in enumerate(texts, 1):
        message = email.message_from_bytes(data, policy=email.policy.default)
        try:
            print(json.dumps(facts(message, name, number)))
        except Exception as error:
            print(json.dumps({"path": name, "number": number, "error": f"{type(error).__name__}: {error}"}))
