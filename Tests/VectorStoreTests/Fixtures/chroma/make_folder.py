"""Makes a small folder with the chromadb that runs this script, and writes what ChromaVersionsTests needs of it:

    VERSION.sql   the tables of chroma.sqlite3 that hold collections, records and changes, as SQL
    VERSION.json  the graphs' files in base64, and what chromadb itself answers

The files here were made on Python 3.11, each in an environment of its own:

    for version in 0.4.14 0.4.24 0.5.23 0.6.3; do pip install chromadb==$version 'numpy<2'; python make_folder.py; done
    for version in 1.0.12 1.5.9; do pip install chromadb==$version; python make_folder.py; done

0.5.23-1.5.9 is the folder of 0.5.23 after 1.5.9 has opened it: `python make_folder.py FOLDER-OF-0.5.23 0.5.23-1.5.9`.
"""
import base64
import json
import os
import random
import shutil
import sqlite3
import struct
import sys
import tempfile

import chromadb
import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
SPACES = ["l2", "cosine", "ip"]
TABLES = ["databases", "collections", "collection_metadata", "segments", "segment_metadata", "max_seq_id",
          "embeddings", "embedding_metadata", "embedding_metadata_array", "embeddings_queue"]
chance = random.Random(5)


def vectors(count):
    return [[round(chance.uniform(-2, 2), 2) for _ in range(3)] for _ in range(count)]


def short(numbers):
    """32-bit floats in as few digits as tell them apart."""
    return [float(str(numpy.float32(number))) for number in numbers]


def fill(collection, texts=False):
    ids = list("abcdefgh")
    for part in (ids[:4], ids[4:]):
        collection.add(ids=part, embeddings=vectors(4), documents=["text " + id for id in part] if texts else None,
                       metadatas=[{"place": ids.index(id)} for id in part] if texts else None)
    collection.update(ids=["c"], embeddings=vectors(1))
    collection.delete(ids=["e"])
    collection.upsert(ids=["f", "new"], embeddings=vectors(2))


def make(client):
    for space in SPACES:
        # One whose changes all wait in the queue, and one with a graph on disk. "plain" is such a queue for l2.
        if space != "l2":
            fill(client.create_collection("queue-" + space, metadata={"hnsw:space": space}))
        fill(client.create_collection("graph-" + space, metadata={
            "hnsw:space": space, "hnsw:sync_threshold": 6, "hnsw:batch_size": 4, "hnsw:M": 4}))
    fill(client.create_collection("plain"), texts=True)
    # New metadata take the place of the old ones, the distance among them; the distance stays all the same.
    replaced = client.create_collection("replaced", metadata={"hnsw:space": "cosine"})
    fill(replaced)
    replaced.modify(metadata={"about": "birds"})
    if int(chromadb.__version__.split(".")[0]) < 1:
        return
    for space in SPACES[1:]:
        fill(client.create_collection("configured-" + space, configuration={"hnsw": {"space": space}}))
    for name, configuration in [("both-ip", {"space": "ip"}), ("both-numbers", {"ef_search": 50})]:
        fill(client.create_collection(name, configuration={"hnsw": configuration}, metadata={"hnsw:space": "cosine"}))


def answers(client, names):
    queries = vectors(2)
    told = {}
    for name in names:
        collection = client.get_collection(name)
        found = collection.query(query_embeddings=queries, n_results=4, include=["distances"])
        records = collection.get(include=["embeddings", "documents", "metadatas"])
        told[name] = dict(
            ids=records["ids"], embeddings=[short(vector) for vector in records["embeddings"]],
            documents=records["documents"], metadatas=records["metadatas"],
            queries=[dict(vector=vector, ids=found["ids"][place][:4], distances=short(found["distances"][place][:4]))
                     for place, vector in enumerate(queries)])
    return told


def literal(value):
    if isinstance(value, bytes):
        return f"X'{value.hex()}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "NULL" if value is None else repr(value)


def dump(path):
    database = sqlite3.connect(path)
    for table in TABLES:
        made = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        if made is None:
            continue
        yield made[0] + ";"
        rows = [f"({','.join(map(literal, row))})" for row in database.execute(f"SELECT * FROM {table}")]
        if rows:
            yield f"INSERT INTO {table} VALUES\n" + ",\n".join(rows) + ";"


def files(folder):
    """The graphs' files; behind the last element hnswlib writes room for more, which is cut off."""
    told = {}
    for segment in sorted(os.listdir(folder)):
        if not os.path.isdir(os.path.join(folder, segment)):
            continue
        contents = {}
        for name in ("header.bin", "data_level0.bin", "length.bin", "index_metadata.pickle"):
            path = os.path.join(folder, segment, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    contents[name] = file.read()
        if "index_metadata.pickle" not in contents:
            continue
        count, size = struct.unpack_from("<QQ", contents["header.bin"], 20)
        contents["data_level0.bin"] = contents["data_level0.bin"][:count * size]
        contents["length.bin"] = contents["length.bin"][:count * 4]
        for name, content in contents.items():
            told[f"{segment}/{name}"] = base64.b64encode(content).decode()
    return told


def main():
    folder = tempfile.mkdtemp()
    version = chromadb.__version__
    if len(sys.argv) > 1:
        version = sys.argv[2]
        shutil.copytree(sys.argv[1], folder, dirs_exist_ok=True)
    client = chromadb.PersistentClient(folder)
    if len(sys.argv) == 1:
        make(client)
    # 0.6 lists names, the others collections.
    names = sorted(collection if isinstance(collection, str) else collection.name
                   for collection in client.list_collections())
    told = answers(client, names)
    with open(os.path.join(HERE, version + ".sql"), "w") as file:
        file.write("\n".join(dump(os.path.join(folder, "chroma.sqlite3"))) + "\n")
    with open(os.path.join(HERE, version + ".json"), "w") as file:
        json.dump(dict(version=version, files=files(folder), collections=told), file, separators=(",", ":"))
        file.write("\n")
    print(folder)


main()
