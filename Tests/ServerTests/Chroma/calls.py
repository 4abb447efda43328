"""The calls that are made to both servers: every method of Chroma's Collection, and those of its clients.

Each call takes a World and gives back what is compared. An exception counts as an answer, too: its type is compared.
Calls run in this order, each on what those before it left.
"""
import asyncio
import uuid

import chromadb
import numpy
from chromadb import Documents, EmbeddingFunction, Embeddings
from chromadb.config import Settings
from chromadb.utils.embedding_functions import register_embedding_function

CALLS = []
# Made to servers that allow a reset, after the others.
RESET_CALLS = []
COUNT, DIMENSION = 300, 12
KINDS = ["swift", "swallow", "martin", "martlet"]


@register_embedding_function
class LetterCounts(EmbeddingFunction[Documents]):
    """Texts as the counts of their first letters; its configuration must come back as it was."""

    def __init__(self, letters="etaoinshrdlu"):
        self.letters = letters

    def __call__(self, input: Documents) -> Embeddings:
        return [numpy.array([text.count(letter) for letter in self.letters], dtype=numpy.float32) for text in input]

    @staticmethod
    def name():
        return "letter_counts"

    def get_config(self):
        return {"letters": self.letters}

    @staticmethod
    def build_from_config(config):
        return LetterCounts(config["letters"])


class World:
    def __init__(self, client, admin, port):
        self.client, self.admin, self.port = client, admin, port
        self.birds = None


def call(function):
    CALLS.append(function)
    return function


def call_resetting(function):
    RESET_CALLS.append(function)
    return function


def calls(name, *cases, to=CALLS):
    """One call for each case, which are functions of the World."""
    for number, case in enumerate(cases, 1):
        case.__name__ = f"{name}_{number}"
        to.append(case)


def vectors(count=COUNT, seed=1):
    return numpy.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(numpy.float32)


def text(number):
    return f"{KINDS[number % 4]} number {number} nests in tower {number % 7}"


def metadata(number):
    if number % 10 == 9:
        return None
    return {"kind": KINDS[number % 4], "number": number, "weight": number / 8, "adult": number % 3 == 0,
            "rings": [number, number + 1], "names": [KINDS[number % 4], "bird"]}


def shape(collection):
    """What of a collection is compared."""
    return {"name": collection.name, "metadata": collection.metadata, "count": collection.count(),
            "configuration": collection.configuration_json, "tenant": collection.tenant,
            "database": collection.database, "dimension": collection._model.dimension}


# Clients and databases

@call
def heartbeat(w):
    return w.client.heartbeat() > 10**18


@call
def get_version(w):
    return w.client.get_version()


@call
def get_max_batch_size(w):
    return w.client.get_max_batch_size()


@call
def get_settings(w):
    return type(w.client.get_settings()).__name__


@call
def get_user_identity(w):
    return vars(w.client.get_user_identity())


@call
def reset(w):
    return w.client.reset()


calls("tenants",
      lambda w: w.admin.create_tenant("aviary"), lambda w: w.admin.create_tenant("aviary"),
      lambda w: w.admin.create_tenant("ab"), lambda w: w.admin.get_tenant("aviary"),
      lambda w: w.admin.get_tenant("nowhere"), lambda w: w.admin.create_tenant("ünï/.. %2F"),
      lambda w: w.admin.get_tenant("ünï/.. %2F"))

calls("databases",
      lambda w: w.admin.create_database("nests", tenant="aviary"),
      lambda w: w.admin.create_database("nests", tenant="aviary"),
      lambda w: w.admin.create_database("ab", tenant="aviary"),
      lambda w: w.admin.create_database("a/b", tenant="aviary"),
      lambda w: w.admin.create_database("gone", tenant="aviary"),
      lambda w: {**w.admin.get_database("nests", tenant="aviary"), "id": None},
      lambda w: w.admin.get_database("nowhere", tenant="aviary"),
      lambda w: sorted(d["name"] for d in w.admin.list_databases(tenant="aviary")),
      lambda w: len(w.admin.list_databases(limit=1, offset=1, tenant="aviary")),
      lambda w: w.admin.delete_database("gone", tenant="aviary"),
      lambda w: w.admin.delete_database("gone", tenant="aviary"),
      lambda w: w.admin.list_databases(limit=0, tenant="aviary"),
      lambda w: w.admin.list_databases(tenant="nowhere"), lambda w: w.admin.create_database("nests", tenant="nowhere"),
      lambda w: w.admin.delete_database("nests", tenant="nowhere"),
      lambda w: {**w.admin.get_database("default_database"), "id": None},
      lambda w: [d["name"] for d in w.admin.list_databases()],
      # A database goes with its collections, and comes back empty.
      lambda w: w.admin.create_database("doomed", tenant="aviary"), lambda w: w.client.set_tenant("aviary", "doomed"),
      lambda w: w.client.create_collection("eggs", embedding_function=None).add(ids=["a"], embeddings=[[1, 2]]),
      lambda w: w.admin.delete_database("doomed", tenant="aviary"), lambda w: w.client.list_collections(),
      lambda w: w.admin.create_database("doomed", tenant="aviary"), lambda w: w.client.list_collections(),
      lambda w: w.client.get_collection("eggs"), lambda w: w.admin.delete_database("doomed", tenant="aviary"),
      lambda w: w.client.set_tenant("default_tenant", "default_database"))

calls("namespaces",
      lambda w: w.client.set_tenant("aviary", "nests"), lambda w: w.client.create_collection("eggs").name,
      lambda w: w.client.count_collections(), lambda w: w.client.set_database("nowhere"),
      lambda w: w.client.set_tenant("nowhere"),
      lambda w: w.client.set_tenant("default_tenant", "default_database"), lambda w: w.client.count_collections(),
      lambda w: w.client.get_collection("eggs"))

# Collections


@call
def create_collection(w):
    w.birds = w.client.create_collection(
        "birds", metadata={"place": "tower", "year": 2026, "open": True, "height": 21.5},
        embedding_function=LetterCounts())
    return shape(w.birds)


def made(name, **options):
    return lambda w: shape(w.client.create_collection(name, embedding_function=None, **options))


calls("create",
      made("birds"), made("ab"), made("a b"), made("1.2.3.4"), made("x..y"), made("x" * 512), made("x" * 513),
      made("cosine", configuration={"hnsw": {"space": "cosine", "ef_search": 50, "max_neighbors": 8}}),
      made("inner", configuration={"hnsw": {"space": "ip", "ef_construction": 77, "num_threads": 2}}),
      made("spann", configuration={"spann": {"space": "cosine"}}), made("badspace", configuration={"hnsw": {"space": "x"}}),
      made("oldcosine", metadata={"hnsw:space": "cosine", "hnsw:M": 20, "hnsw:construction_ef": 70}),
      made("oldbad", metadata={"hnsw:space": "manhattan"}), made("emptymeta", metadata={}),
      made("both", configuration={"hnsw": {"space": "ip"}}, metadata={"hnsw:space": "cosine"}),
      made("nested", metadata={"a": {"b": 1}}), made("badkey", metadata={"#a": 1}),
      made("again", get_or_create=True, metadata={"a": 1}), made("again", get_or_create=True, metadata={"a": 2}))

calls("get_collection",
      lambda w: shape(w.client.get_collection("birds", embedding_function=LetterCounts())),
      lambda w: shape(w.client.get_collection("birds")), lambda w: shape(w.client.get_collection("nowhere")),
      lambda w: shape(w.client.get_collection_by_id(w.birds.id)),
      lambda w: w.client.get_collection_by_id(uuid.UUID(int=1)),
      lambda w: shape(w.client.get_or_create_collection("birds", embedding_function=LetterCounts())),
      lambda w: w.client.get_collection("birds").configuration["embedding_function"].get_config(),
      lambda w: sorted(c.name for c in w.client.list_collections()), lambda w: w.client.count_collections(),
      lambda w: len(w.client.list_collections(limit=3)), lambda w: len(w.client.list_collections(limit=100, offset=5)))

# Records


@call
def add(w):
    n = range(COUNT)
    return w.birds.add(ids=[f"bird{i}" for i in n], embeddings=vectors(), documents=[text(i) for i in n],
                       metadatas=[metadata(i) for i in n], uris=[f"file:///birds/{i}" if i % 2 else None for i in n])


INCLUDE_ALL = ["embeddings", "documents", "metadatas", "uris"]

calls("count", lambda w: w.birds.count(), lambda w: shape(w.client.get_collection("birds")))
calls("peek", lambda w: w.birds.peek(), lambda w: w.birds.peek(limit=3))
calls("get",
      lambda w: w.birds.get(), lambda w: w.birds.get(include=[]), lambda w: w.birds.get(limit=5, include=INCLUDE_ALL),
      lambda w: w.birds.get(limit=5, offset=7), lambda w: w.birds.get(limit=5, offset=COUNT - 2),
      lambda w: w.birds.get(offset=COUNT), lambda w: w.birds.get(ids="bird3"),
      lambda w: w.birds.get(ids=["bird9", "nowhere", "bird3"]), lambda w: w.birds.get(ids=[]),
      lambda w: w.birds.get(ids=["bird1", "bird2", "bird3"], where={"kind": "martin"}),
      lambda w: w.birds.get(ids=["bird5", "bird4", "bird3"], limit=2, offset=1),
      lambda w: w.birds.get(include=["distances"]), lambda w: w.birds.get(include=["nonsense"]),
      lambda w: w.birds.get(ids=["bird1", "bird1"]))

WHERES = [
    {"kind": "swift"}, {"kind": {"$eq": "swift"}}, {"kind": {"$ne": "swift"}}, {"number": 17}, {"number": 17.0},
    {"weight": 2}, {"weight": 2.0}, {"adult": True}, {"adult": {"$ne": True}}, {"number": {"$gt": 290}},
    {"number": {"$gte": 290}}, {"number": {"$lt": 5}}, {"number": {"$lte": 5}}, {"weight": {"$gt": 36.9}},
    {"weight": {"$lte": 0.25}}, {"number": {"$gt": 290.5}}, {"weight": {"$lt": 1}},
    {"kind": {"$in": ["swift", "martlet"]}}, {"kind": {"$nin": ["swift", "martlet"]}},
    {"number": {"$in": [1, 2, 3, 1000]}}, {"adult": {"$in": [True]}}, {"nowhere": "x"}, {"nowhere": {"$ne": "x"}},
    {"nowhere": {"$nin": ["x"]}}, {"rings": {"$contains": 8}}, {"rings": {"$not_contains": 8}},
    {"names": {"$contains": "swift"}}, {"names": {"$not_contains": "swift"}},
    {"$and": [{"kind": "swift"}, {"number": {"$lt": 50}}]}, {"$or": [{"number": 1}, {"number": 2}]},
    {"$and": [{"$or": [{"number": {"$lt": 20}}, {"number": {"$gt": 280}}]}, {"kind": {"$ne": "swift"}}]},
    # Filters that are none.
    {}, {"$and": []}, {"$and": [{"number": 1}]}, {"kind": None}, {"kind": {"$like": "s%"}}, {"number": {"$gt": "x"}},
    {"kind": {"$in": []}}, {"kind": {"$in": ["a", 1]}}, {"a": 1, "b": 2}, {"number": {"$gt": 1, "$lt": 5}}, [1], "x",
]
DOCUMENT_WHERES = [
    {"$contains": "number 17"}, {"$contains": "Number"}, {"$not_contains": "swift"}, {"$contains": ""},
    {"$regex": "number 1[0-3] "}, {"$regex": "^swift"}, {"$not_regex": "tower [0-5]$"}, {"$regex": "(?i)SWIFT number 4 "},
    {"$and": [{"$contains": "swift"}, {"$contains": "tower 3"}]},
    {"$or": [{"$contains": "number 5 "}, {"$regex": r"number 6\d "}]}, {"$contains": "%"}, {"$contains": "_"},
    {"$contains": "'"},
    # Filters that are none.
    {}, {"$contains": 5}, {"$like": "x"}, {"$regex": "("}, {"$and": []}, [1],
]
calls("where", *[lambda w, f=f: w.birds.get(where=f, include=["metadatas"]) for f in WHERES])
calls("where_document", *[lambda w, f=f: w.birds.get(where_document=f, include=["documents"]) for f in DOCUMENT_WHERES])
calls("both_filters",
      lambda w: w.birds.get(where={"kind": "swift"}, where_document={"$contains": "tower 3"}, limit=4, offset=2),
      lambda w: w.birds.get(where={"#document": {"$contains": "number 17"}}))

QUERIES = vectors(5, seed=2)
calls("query",
      lambda w: w.birds.query(query_embeddings=QUERIES), lambda w: w.birds.query(query_embeddings=QUERIES[0], n_results=3),
      lambda w: w.birds.query(query_embeddings=QUERIES[0].tolist(), n_results=3),
      lambda w: w.birds.query(query_embeddings=QUERIES, n_results=4, include=INCLUDE_ALL + ["distances"]),
      lambda w: w.birds.query(query_embeddings=QUERIES, n_results=4, include=["distances"]),
      lambda w: w.birds.query(query_embeddings=QUERIES, n_results=4, include=[]),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], n_results=COUNT + 50, include=["distances"]),
      lambda w: w.birds.query(query_texts=["the martlet never lands", "swift"], n_results=5),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], n_results=5, where={"nowhere": 1}),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], ids=["bird1", "bird2", "bird50"], n_results=2),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], ids=["bird1", "nowhere"], n_results=2),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], n_results=0),
      lambda w: w.birds.query(query_embeddings=QUERIES[:1], n_results=-1),
      lambda w: w.birds.query(query_embeddings=[[1, 2, 3]]), lambda w: w.birds.query(query_embeddings=[]),
      lambda w: w.birds.query(), lambda w: w.birds.query(query_embeddings=[[float("nan")] * DIMENSION], include=[]))
calls("query_where", *[lambda w, f=f: w.birds.query(query_embeddings=QUERIES, n_results=6, where=f) for f in WHERES[:31]])
calls("query_where_document", *[lambda w, f=f: w.birds.query(query_embeddings=QUERIES[:2], n_results=6, where_document=f)
                                for f in DOCUMENT_WHERES[:13]])


def in_space(name):
    def run(w):
        collection = w.client.get_collection(name, embedding_function=None)
        collection.add(ids=[str(i) for i in range(50)], embeddings=vectors(50, seed=3))
        return collection.query(query_embeddings=QUERIES, n_results=10, include=["distances", "embeddings"])
    return run


calls("space", *[in_space(name) for name in ["cosine", "inner", "spann", "oldcosine", "both"]])


def then(change):
    """A change, and what all records are after it."""
    def run(w):
        answer = change(w.birds)
        return {"answer": answer, "after": w.birds.get(include=INCLUDE_ALL)}
    return run


ONE = vectors(1, seed=4)
calls("add_again",
      then(lambda c: c.add(ids=["bird1", "new1"], embeddings=vectors(2, seed=5), documents=["changed", "new"])),
      then(lambda c: c.add(ids=["x", "x"], embeddings=vectors(2))), then(lambda c: c.add(ids=[], embeddings=[])),
      then(lambda c: c.add(ids=["x"], embeddings=[[1, 2]])), then(lambda c: c.add(ids=["x", "y"], embeddings=ONE)),
      then(lambda c: c.add(ids=[""], embeddings=ONE)), then(lambda c: c.add(ids=["x"])),
      then(lambda c: c.add(ids=["bytext"], documents=["a text that the client embeds"])),
      then(lambda c: c.add(ids=["uni"], embeddings=ONE, documents=["Ünï 🐦 \"quoted\"\n\\ \u0001"], metadatas=[{"ключ": "значение"}])),
      then(lambda c: c.add(ids=["types"], embeddings=ONE, metadatas=[{"i": -(2**62), "f": 1e-300, "b": False, "s": ""}])),
      then(lambda c: c.add(ids=["lists"], embeddings=ONE, metadatas=[{"i": [1], "f": [0.5, 2.0], "b": [True, False], "s": ["a", ""]}])),
      then(lambda c: c.add(ids=["mixed"], embeddings=ONE, metadatas=[{"i": [1, "a"]}])),
      then(lambda c: c.add(ids=["nested"], embeddings=ONE, metadatas=[{"i": {"a": 1}}])),
      then(lambda c: c.add(ids=["emptymeta"], embeddings=ONE, metadatas=[{}])),
      then(lambda c: c.add(ids=["nometa"], embeddings=ONE, metadatas=[{"a": None, "b": 1}])),
      then(lambda c: c.add(ids=["nan"], embeddings=[[float("nan")] * DIMENSION])))
calls("upsert",
      then(lambda c: c.upsert(ids=["bird2", "new2"], embeddings=vectors(2, seed=6), documents=["changed", "new"],
                              metadatas=[{"number": -2, "extra": "x"}, {"a": 1}])),
      then(lambda c: c.upsert(ids="bird3", embeddings=ONE)), then(lambda c: c.upsert(ids=["bird4"], documents=["embedded anew"])),
      then(lambda c: c.upsert(ids=["bird5"], embeddings=ONE, metadatas=[{"kind": None}])),
      then(lambda c: c.upsert(ids=["bird5"], embeddings=[[1, 2]])), then(lambda c: c.upsert(ids=["bird6"], embeddings=ONE, uris=["u"])))
calls("update",
      then(lambda c: c.update(ids=["bird7", "nowhere"], documents=["changed", "none"])),
      then(lambda c: c.update(ids="bird8", embeddings=ONE)),
      then(lambda c: c.update(ids=["bird10", "bird11"], metadatas=[{"kind": None, "rings": [7]}, {"new": True}])),
      then(lambda c: c.update(ids=["bird9"], metadatas=[{"was": "none"}])),
      then(lambda c: c.update(ids=["bird12"], embeddings=[[1, 2]])), then(lambda c: c.update(ids=["bird13"], uris=["u"])),
      then(lambda c: c.update(ids=["bird14"])), then(lambda c: c.update(ids=["bird7", "bird7"], documents=["a", "b"])))
calls("delete",
      then(lambda c: c.delete(ids=["bird20", "bird21"])), then(lambda c: c.delete(ids=["nowhere"])),
      then(lambda c: c.delete(where={"kind": "martin"})), then(lambda c: c.delete(where_document={"$contains": "tower 6"})),
      then(lambda c: c.delete(ids=["bird30", "bird31", "bird32"], where={"kind": "swift"})),
      then(lambda c: c.delete(where={"number": {"$gt": 250}}, limit=2)),
      then(lambda c: c.delete(ids=["bird40"], limit=1)), then(lambda c: c.delete()), then(lambda c: c.delete(ids=[])),
      then(lambda c: c.delete(where={"kind": {"$like": 1}})), then(lambda c: c.delete(where={})))
calls("after", lambda w: w.birds.query(query_embeddings=QUERIES, n_results=20), lambda w: w.birds.count())


def modified(**change):
    def run(w):
        w.birds.modify(**change)
        return {"here": shape(w.birds), "there": shape(w.client.get_collection_by_id(w.birds.id))}
    return run


calls("modify",
      modified(metadata={"place": "bridge"}), modified(metadata={"a": None, "b": 1}), modified(metadata={}),
      modified(metadata={"hnsw:space": "ip"}), modified(name="b"), modified(name="seabirds"), modified(name="cosine"),
      modified(name="birds", metadata={"c": 2}), modified(configuration={"hnsw": {"ef_search": 33}}),
      modified(configuration={"hnsw": {"space": "ip"}}), modified(configuration={"spann": {"ef_search": 9}}),
      modified(configuration={"hnsw": {"sync_threshold": 5000, "batch_size": 10}}))

# What Chroma on one machine has not, either

calls("hosted",
      lambda w: w.birds.get_indexing_status(), lambda w: w.birds.fork("forked"), lambda w: w.birds.fork_count(),
      lambda w: w.birds.attach_function("statistics", "f", "out"), lambda w: w.birds.get_attached_function("f"),
      lambda w: w.birds.detach_function("f"))


@call
def search(w):
    from chromadb import Knn, Search
    return w.birds.search(Search().rank(Knn(query=QUERIES[0].tolist())).limit(3))


# The asynchronous client, which has routes of its own


@call
def asynchronous(w):
    async def steps(client):
        yield (await client.heartbeat()) > 1e18
        yield await client.get_version()
        yield await client.get_max_batch_size() > 100
        yield vars(await client.get_user_identity())
        yield await client.count_collections()
        nests = await client.create_collection("nests", embedding_function=None, metadata={"hnsw:space": "cosine"})
        yield await nests.add(ids=["a", "b"], embeddings=[[1, 2], [3, 4]], documents=["swift", "martlet"])
        yield await nests.upsert(ids=["a"], embeddings=[[0, 0]], metadatas=[{"n": 1}])
        yield await nests.update(ids=["b"], embeddings=[[2, 1]])
        yield await nests.count()
        yield await nests.peek(1)
        yield await nests.get(where={"n": 1}, include=INCLUDE_ALL)
        yield await nests.query(query_embeddings=[[1, 1]], n_results=2)
        yield await nests.delete(ids=["a"])
        yield await nests.modify(metadata={"kept": True})
        yield (await client.get_collection("nests", embedding_function=None)).metadata
        yield (await client.get_or_create_collection("nests", embedding_function=None)).name
        yield sorted(c.name for c in await client.list_collections(limit=1, offset=0))[:0]
        yield await client.delete_collection("nests")
        yield await nests.count()

    async def run():
        client = await chromadb.AsyncHttpClient(
            host="127.0.0.1", port=w.port, settings=Settings(anonymized_telemetry=False))
        answers = []
        try:
            async for answer in steps(client):
                answers.append(answer)
        except Exception as error:
            answers.append(type(error).__name__)
        return answers

    return asyncio.run(run())


@call
def trace(w):
    """Chroma gives zeros where it sends its traces nowhere."""
    try:
        w.client.get_collection("nowhere")
    except Exception as error:
        return len(error.trace_id)


# The end

calls("delete_collection",
      lambda w: w.client.delete_collection("cosine"), lambda w: w.client.delete_collection("cosine"),
      lambda w: w.client.delete_collection("nowhere"), lambda w: sorted(c.name for c in w.client.list_collections()),
      lambda w: w.client.delete_collection("birds"), lambda w: w.birds.count(), lambda w: w.birds.get(),
      lambda w: w.birds.add(ids=["x"], embeddings=ONE), lambda w: w.birds.query(query_embeddings=ONE),
      lambda w: w.birds.modify(name="later"))


@call
def close(w):
    return w.client.close()


# Where a reset is allowed


@call_resetting
def fill(w):
    w.admin.create_tenant("aviary")
    w.admin.create_database("nests", tenant="aviary")
    w.client.set_tenant("aviary", "nests")
    w.client.create_collection("eggs", embedding_function=None).add(ids=["a"], embeddings=[[1, 2]])
    w.client.set_tenant("default_tenant", "default_database")
    w.birds = w.client.create_collection("birds", embedding_function=None)
    w.birds.add(ids=["a", "b"], embeddings=[[1, 2], [3, 4]], documents=["swift", "martlet"])
    return w.birds.count()


calls("reset",
      lambda w: w.client.reset(), lambda w: w.client.count_collections(), lambda w: w.client.list_collections(),
      lambda w: w.birds.count(), lambda w: w.birds.get(), lambda w: w.admin.get_tenant("aviary"),
      lambda w: w.admin.get_database("nests", tenant="aviary"), lambda w: w.admin.get_tenant("default_tenant"),
      lambda w: [d["name"] for d in w.admin.list_databases()],
      lambda w: shape(w.client.create_collection("birds", embedding_function=None)),
      lambda w: w.client.get_collection("birds", embedding_function=None).add(ids=["a"], embeddings=[[1, 2, 3]]),
      lambda w: w.client.get_collection("birds", embedding_function=None).get(include=INCLUDE_ALL),
      lambda w: w.admin.create_tenant("aviary"), lambda w: w.admin.create_database("nests", tenant="aviary"),
      # The databases that are there from the beginning may go, too.
      lambda w: w.admin.delete_database("default_database"), lambda w: [d["name"] for d in w.admin.list_databases()],
      lambda w: w.client.list_collections(), lambda w: w.client.create_collection("birds"),
      lambda w: w.client.reset(), lambda w: [d["name"] for d in w.admin.list_databases()],
      lambda w: w.client.count_collections(), lambda w: w.client.reset(),
      to=RESET_CALLS)
