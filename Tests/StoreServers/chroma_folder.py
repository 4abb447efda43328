"""Makes a folder with chromadb's PersistentClient, and prints as JSON what chromadb itself says is in it: for each collection
its address in the folder, its distance, and its records."""
import json
import random
import sys

import chromadb


def numbers(random, count=12):
    return [random.uniform(-1, 1) for _ in range(count)]


def fill_small(collection):
    """Never saved by the graph, so that all vectors are in the queue."""
    collection.add(
        ids=["a", "\u00e9", "e\u0301", "c"], embeddings=[[1, 2, 3], [4, 5, 6], [7, 8, 9], [0, 1, 0]],
        documents=["one", "two", None, "four"], uris=["u:1", None, None, None],
        metadatas=[{"i": 1, "f": 1.5, "b": True, "s": "x", "l": [1, 2], "ls": ["p", "q"], "lb": [True, False],
                    "lf": [1.0, 2.5]}, {"i": 2, "whole": 2.0}, None, {"gone": 1, "kept": 2}])
    collection.update(ids=["a"], metadatas=[{"i": 7, "new": "y"}])
    collection.update(ids=["\u00e9"], documents=["zwei"], embeddings=[[0, 0, 1]])
    collection.update(ids=["c"], metadatas=[{"gone": None}])
    collection.delete(ids=["e\u0301"])
    collection.upsert(ids=["d"], embeddings=[[1, 1, 1]], documents=["vier"])
    # Chroma passes over what is there already, and over changes to what is not.
    collection.add(ids=["a", "late"], embeddings=[[9, 9, 9], [2, 2, 2]], documents=["again", "late"])
    collection.update(ids=["later"], embeddings=[[8, 8, 8]])
    collection.add(ids=["later"], embeddings=[[3, 3, 3]])


def fill_large(collection, numbers_of, count):
    """Saved by the graph, and changed since."""
    ids = [f"record {number}" for number in range(count)]
    for first in range(0, count, 500):
        part = ids[first:first + 500]
        collection.add(ids=part, embeddings=[numbers_of() for _ in part], documents=["text of " + id for id in part],
                       metadatas=[{"number": first + place, "even": place % 2 == 0} for place in range(len(part))])
    collection.query(query_embeddings=[numbers_of()], n_results=3)
    collection.delete(ids=ids[10:30])
    collection.update(ids=ids[40:60], embeddings=[numbers_of() for _ in range(20)])
    collection.upsert(ids=ids[10:12] + ["new"], embeddings=[numbers_of() for _ in range(3)])
    collection.add(ids=ids[100:102] + ids[12:13], embeddings=[numbers_of() for _ in range(3)])
    collection.update(ids=ids[13:14], embeddings=[numbers_of()])


def main():
    folder = sys.argv[1]
    chance = random.Random(7)
    chromadb.AdminClient(chromadb.Settings(is_persistent=True, persist_directory=folder)).create_database("other")
    client = chromadb.PersistentClient(folder)
    other = chromadb.PersistentClient(folder, database="other")
    made = []
    for where, name, metadata, distance in [
            (client, "notes", {"about": "birds"}, "l2"), (other, "notes", {"hnsw:space": "ip"}, "ip"),
            (client, "many", {"hnsw:space": "cosine", "hnsw:sync_threshold": 700}, "cosine"), (client, "empty", None, "l2")]:
        made.append((where, where.create_collection(name, metadata=metadata), distance))
    configured = client.create_collection("configured", configuration={"hnsw": {"space": "cosine"}})
    made.append((client, configured, "cosine"))
    fill_small(made[0][1])
    fill_small(made[1][1])
    fill_large(made[2][1], lambda: numbers(chance), 2500)
    configured.add(ids=["x"], embeddings=[[3, 4]])
    told = []
    for where, collection, distance in made:
        found = collection.get(include=["embeddings", "documents", "metadatas", "uris"])
        told.append(dict(
            address=f"{where.tenant}/{where.database}/{collection.name}", name=collection.name, distance=distance,
            records=[dict(id=id, embedding=[float(x) for x in found["embeddings"][place]],
                          document=found["documents"][place], metadata=found["metadatas"][place] or {},
                          uri=found["uris"][place]) for place, id in enumerate(found["ids"])]))
    print(json.dumps(told))


main()
