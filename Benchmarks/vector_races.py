"""The races of the vector database. Each function makes the rows of one race, as in races.py."""
import os
import statistics

import vector_curves as curves
from vector_peers import VectorPeers

GRAPHS = ["hnswlib", "faiss", "faiss_sq8", "usearch_i8", "usearch_bf16"]
EFFORTS = [10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256, 384, 512, 768]
# A curve is followed from the last point below the first recall to the first beyond the second.
LEAST_RECALL, ENOUGH_RECALL = 0.85, 0.996
TARGETS = [0.95, 0.99]
# Recall with the effort that we make by default, at least; the speed of a row is compared at the second of the targets.
LEAST_DEFAULT_RECALL, HARD_COUNT = 0.97, 100_000
SHARES = ["0.1", "1", "10", "50"]
FILTER_BARS = {"1": 100, "10": 30}
# chromadb answers some 15 filtered queries a second, and over a million vectors one at most: so few at a time suffice.
CHROMA_FILTERED, CHROMA_FILTERED_OF_MILLION, CHROMA_PLAIN = 20, 5, 100
OPEN_SECONDS, DISK_FACTOR = 0.5, 2.5


class VectorField:
    """The contestants of one run, which several races share: made when they are first asked for."""

    def __init__(self, setting):
        self.setting = setting
        self.peers = VectorPeers(setting.peers, setting.program, setting.driver)
        self.made = {}

    @staticmethod
    def of(setting):
        if "vectors" not in setting.kept:
            setting.kept["vectors"] = VectorField(setting)
        return setting.kept["vectors"]

    def main_data(self):
        return self.peers.clustered(100_000, 384)

    def gaussian_data(self):
        return self.peers.gaussian(HARD_COUNT, 64)

    def lowdim_data(self):
        return self.peers.lowdim(HARD_COUNT, 384, 24)

    def martlet(self, data, metadata="few"):
        """Our contestant with a database made in this run, and what was told of making it; or nothing, twice."""
        if not self.setting.martlet:
            return None, None
        return self.once(("martlet", data, metadata), lambda store: self.peers.start_martlet(data, store),
                         metadata=metadata)

    def fresh(self, kind, data, **request):
        """A peer that builds in this run."""
        return self.once((kind, data, *request.values()), lambda store: self.peers.start(kind, data, store),
                         threads=self.setting.threads, **request)

    def once(self, key, start, **request):
        if key not in self.made:
            contestant = start(os.path.join(self.setting.scratch, "-".join(os.path.basename(part) for part in key)))
            self.made[key] = contestant, contestant.ask("build", **request)
        return self.made[key]

    def kept(self, kind, data, **request):
        """A peer with what it built in this or an earlier run."""
        key = ("kept", kind, data)
        if key not in self.made:
            self.made[key] = self.peers.built_once(kind, data, self.setting.threads, **request)
        return self.made[key]

    def close(self):
        for contestant, _ in self.made.values():
            contestant.close()


def set_up(peers, threads, is_large):
    """Data that the races keep for the next time, and what peers build of it once: hnswlib first, whose time counts."""
    if is_large:
        million = peers.clustered(MILLION, 128)
        once = [(kind, million, {}) for kind in GRAPHS] + [("chromadb", million, {"metadata": "all"})]
    else:
        main, text = peers.clustered(100_000, 384), peers.embedded()
        hard = [peers.gaussian(HARD_COUNT, 64), peers.lowdim(HARD_COUNT, 384, 24)]
        once = [(kind, data, {}) for data in (main, text, *hard) for kind in GRAPHS
                if (kind, data) != ("hnswlib", main)]
        once.append(("chromadb", main, {"metadata": "all"}))
    for kind, data, request in once:
        peers.built_once(kind, data, threads, **request)[0].close()


# Speed at a recall.

def sweep(setting, contestants, data, nearest=10):
    """Name -> [(effort, recall, [queries a second in each run])], the contestants taking turns."""
    truth = truth_of(setting, data, nearest)
    answers = os.path.join(setting.scratch, "answers.ivecs")

    def rate(contestant, effort):
        return len(truth) / contestant.ask("search", effort=effort, nearest=nearest, save=answers)["seconds"]

    found = {}
    for name, contestant in contestants.items():
        points = []
        for effort in EFFORTS:
            rate(contestant, effort)
            points.append((effort, curves.recall(curves.read_ivecs(answers), truth), []))
            stuck = len(points) > 3 and points[-1][1] <= points[-4][1]
            if points[-1][1] >= ENOUGH_RECALL or stuck:
                break
        below = [place for place, point in enumerate(points) if point[1] < LEAST_RECALL]
        found[name] = points[max(below[-1:] or [0]):]
    for _ in range(setting.runs):
        for name, contestant in contestants.items():
            for effort, _, rates in found[name]:
                rates.append(rate(contestant, effort))
    return found


def truth_of(setting, data, nearest):
    path = os.path.join(data, "truth.ivecs")
    return curves.read_ivecs(path if nearest == 10 else VectorField.of(setting).peers.truth(data, nearest))


def rates_at(points, target):
    """The rate at a recall in each run; none where it is not reached."""
    runs = range(len(points[0][2]))
    rates = [curves.rate_at([(at, rates[run]) for _, at, rates in points], target) for run in runs]
    return [] if None in rates else rates


def speed_rows(setting, prefix, contestants, data, bar):
    """A row for each target with the best peer beside us; the first carries all curves."""
    swept = sweep(setting, contestants, data)
    rows = []
    for target in TARGETS:
        rows.append(speed_row(setting, f"{prefix}_{target}", contestants, swept, target, bar))
    rows[0]["curves"] = {name: [(effort, at, statistics.median(rates)) for effort, at, rates in points]
                         for name, points in swept.items()}
    return rows


def speed_row(setting, name, contestants, swept, target, bar):
    rates = {name: rates_at(points, target) for name, points in swept.items()}
    ours = rates.pop("martlet", [])
    best = max(rates, key=lambda name: statistics.median(rates[name] or [0]))
    row = setting.row(name, "queries/s", ours, rates[best], curves.LABELS[best], contestants[best].version, bar,
                      threads=1)
    row["others"] = {name: statistics.median(values) for name, values in rates.items() if values}
    return row


def recall_race(name, data_of, nearest=10):
    """Queries a second at the higher recall, and beside it the recall of our default effort, with its speed."""
    def race(setting):
        vectors = VectorField.of(setting)
        data = data_of(vectors)
        contestants = {name: contestant for name, (contestant, _) in field(setting, data).items()}
        swept = sweep(setting, contestants, data, nearest)
        row = speed_row(setting, name, contestants, swept, TARGETS[-1], None)
        row["least_recall"] = LEAST_DEFAULT_RECALL
        if "martlet" in contestants:
            answers = os.path.join(setting.scratch, "answers.ivecs")
            truth = truth_of(setting, data, nearest)
            took = contestants["martlet"].ask("search", effort=None, nearest=nearest, save=answers)["seconds"]
            row["recall"], row["default_rate"] = curves.recall(curves.read_ivecs(answers), truth), len(truth) / took
        return [row]
    return race


def field(setting, data, fresh=(), metadata="few"):
    """All graphs over a data set: name -> (contestant, what was told of building)."""
    vectors = VectorField.of(setting)
    ours = vectors.martlet(data, metadata)
    built = {"martlet": ours} if ours[0] else {}
    for kind in GRAPHS:
        built[kind] = vectors.fresh(kind, data) if kind in fresh else vectors.kept(kind, data)
    return built


def build_rows(setting, prefix, built):
    """Building and memory, beside hnswlib's."""
    ours, hnswlib = (built.get(name, (None, None)) for name in ("martlet", "hnswlib"))
    figure = lambda key: [ours[1][key]] if ours[1] else []
    rows = [
        setting.row(f"{prefix}_build", "s", figure("seconds"), [hnswlib[1]["seconds"]], "hnswlib",
                    hnswlib[0].version, 1 / 0.6, higher=False),
        setting.row(f"{prefix}_memory", "MiB", figure("anonymous"), [hnswlib[1]["anonymous"]], "hnswlib",
                    hnswlib[0].version, 2.0, higher=False)]
    rows[1]["resident"] = {name: facts["resident"] for name, (_, facts) in built.items()}
    return rows


def ann(setting):
    data = VectorField.of(setting).main_data()
    built = field(setting, data, fresh=["hnswlib"])
    contestants = {name: contestant for name, (contestant, _) in built.items()}
    rows = speed_rows(setting, "ann", contestants, data, 2.5)
    rows[0]["curves_title"] = "100,000 x 384, clustered"
    return rows + build_rows(setting, "ann", built)


def text(setting):
    data = VectorField.of(setting).peers.embedded()
    contestants = {name: contestant for name, (contestant, _) in field(setting, data).items()}
    rows = speed_rows(setting, "text", contestants, data, 2.5)
    rows[0]["curves_title"] = f"{os.path.getsize(os.path.join(data, 'number.i32')) // 4:,} MiniLM sentences x 384"
    return rows


# Filters.

def filtered(setting):
    vectors = VectorField.of(setting)
    data = vectors.main_data()
    chroma, _ = vectors.kept("chromadb", data, metadata="all")
    return filter_rows(setting, "filter", data, vectors.martlet(data, "all")[0], chroma)


def filter_rows(setting, prefix, data, ours, chroma, chroma_count=CHROMA_FILTERED):
    return [filter_row(setting, prefix, data, share, suffix, ours, chroma, chroma_count)
            for share in SHARES for suffix in ("", "_correlated")]


def filter_row(setting, prefix, data, share, suffix, ours, chroma, chroma_count):
    """Each run asks other queries with other values; recall is counted over all of them."""
    case = share + suffix
    truth = curves.read_ivecs(os.path.join(data, f"truth_{case}.ivecs"))
    answers = os.path.join(setting.scratch, "answers.ivecs")
    found = {"ours": [], "chroma": []}

    def asking(contestant, who, count):
        def run():
            first = len(found[who])
            seconds = contestant.ask("filter", case=case, first=first, count=count, save=answers)["seconds"]
            found[who] += curves.read_ivecs(answers)
            return count / seconds
        return run if contestant else None

    rates, theirs = setting.alternate([
        asking(ours, "ours", len(truth) // setting.runs), asking(chroma, "chroma", chroma_count)])
    row = setting.row(f"{prefix}_{case}", "queries/s", rates, theirs, chroma.name, chroma.version,
                      FILTER_BARS.get(share), threads=1)
    row["least_recall"] = 0.95
    row["recall"] = curves.recall(found["ours"], truth) if found["ours"] else None
    row["peer_recall"] = curves.recall(found["chroma"], truth)
    return row


# The database.

def database(setting):
    vectors = VectorField.of(setting)
    data = vectors.main_data()
    return database_rows(setting, "db", data, vectors.martlet(data), vectors.fresh("chromadb", data, metadata="few"))


def database_rows(setting, prefix, data, ours, theirs):
    (contestant, facts), (chroma, chroma_facts) = ours, theirs
    figure = lambda key, scale=1: [facts[key] / scale] if facts else []
    raw = os.path.getsize(os.path.join(data, "base.npy")) / 2**20
    add = setting.row(f"{prefix}_add", "s", figure("add_seconds"), [chroma_facts["seconds"]], chroma.name,
                      chroma.version, 5.0, higher=False)
    if facts:
        truth = curves.read_ivecs(os.path.join(data, "truth.ivecs"))
        add["recall"] = curves.recall([set(row) for row in facts["at_once"]], truth)
        add["least_recall"], add["at_once_milliseconds"] = 0.95, facts["at_once_seconds"] * 1000
        add["graph_done_seconds"] = facts["seconds"]
    disk = setting.row(f"{prefix}_disk", "MiB", figure("disk_bytes", 2**20), [chroma_facts["disk_bytes"] / 2**20],
                       chroma.name, chroma.version, None, higher=False)
    disk["at_most"] = DISK_FACTOR * raw
    others = [race(setting, prefix, data, contestant, chroma) for race in (open_row, plain_row)]
    return [add, *others, disk]


def open_row(setting, prefix, data, contestant, chroma):
    """From opening to the first answer, in processes of their own that have loaded their libraries."""
    peers = VectorField.of(setting).peers

    def opening(start, store):
        def run():
            process = start(data, store)
            seconds = process.ask("load")["seconds"]
            process.close()
            return seconds
        return run

    if contestant:
        # One process writes at a time.
        contestant.ask("close")
    ours, theirs = setting.alternate([
        opening(peers.start_martlet, contestant.store) if contestant else None,
        opening(lambda *place: peers.start("chromadb", *place), chroma.store)])
    if contestant:
        contestant.ask("load")
    row = setting.row(f"{prefix}_open", "s", ours, theirs, chroma.name, chroma.version, None, higher=False)
    row["at_most"] = OPEN_SECONDS
    return row


def plain_row(setting, prefix, data, contestant, chroma):
    """Without a filter, each with the effort that it has by default."""
    truth = curves.read_ivecs(os.path.join(data, "truth.ivecs"))
    answers = os.path.join(setting.scratch, "answers.ivecs")
    recalls = {}

    def asking(contestant, who, count):
        def run():
            seconds = contestant.ask("search", effort=None, first=0, count=count, save=answers)["seconds"]
            recalls[who] = curves.recall(curves.read_ivecs(answers), truth)
            return count / seconds
        return run if contestant else None

    ours, theirs = setting.alternate([
        asking(contestant, "ours", len(truth)), asking(chroma, "chroma", CHROMA_PLAIN)])
    row = setting.row(f"{prefix}_query", "queries/s", ours, theirs, chroma.name, chroma.version, None, threads=1)
    row["recall"], row["peer_recall"] = recalls.get("ours"), recalls["chroma"]
    return row


# Growth, for `make bench-large`.

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
MILLION = SIZES["1m"]


def growth(name):
    """The graphs over so many vectors of 128 numbers; of a million, what peers build is kept for the next time.

    It shows how cost grows. Only of the graph over a million, and of its size on disk, something is asked.
    """
    count = SIZES[name]

    def race(setting):
        data = VectorField.of(setting).peers.clustered(count, 128)
        built = field(setting, data, fresh=[] if count == MILLION else ["hnswlib"], metadata="all")
        contestants = {name: contestant for name, (contestant, _) in built.items()}
        rows = speed_rows(setting, f"large_{name}", contestants, data, 2.5)
        rows[0]["curves_title"] = f"{count:,} x 128, clustered"
        rows += build_rows(setting, f"large_{name}", built)
        return rows if count == MILLION else [without_bar(row) for row in rows]
    return race


def growth_of_database(name):
    """The same for filters and the database, beside chromadb."""
    count = SIZES[name]

    def race(setting):
        vectors = VectorField.of(setting)
        data = vectors.peers.clustered(count, 128)
        chroma = (vectors.kept if count == MILLION else vectors.fresh)("chromadb", data, metadata="all")
        ours = vectors.martlet(data, "all")
        few = CHROMA_FILTERED_OF_MILLION if count == MILLION else CHROMA_FILTERED
        rows = filter_rows(setting, f"large_{name}_filter", data, ours[0], chroma[0], few)
        *others, disk = database_rows(setting, f"large_{name}_db", data, ours, chroma)
        rows = [without_bar(row) for row in rows + others]
        return rows + [disk if count == MILLION else without_bar(disk)]
    return race


def without_bar(row):
    return {key: value for key, value in dict(row, bar=None).items() if key != "at_most"}


VECTOR_RACES = {
    "ann": ann, "text": text, "filter": filtered, "db": database,
    "ann_k1": recall_race("ann_k1", VectorField.main_data, nearest=1),
    "ann_k100": recall_race("ann_k100", VectorField.main_data, nearest=100),
    "ann_gaussian": recall_race("ann_gaussian", VectorField.gaussian_data),
    "ann_lowdim": recall_race("ann_lowdim", VectorField.lowdim_data)}
LARGE_RACES = {f"large_{name}{suffix}": race(name)
               for suffix, race in (("", growth), ("_db", growth_of_database)) for name in SIZES}
