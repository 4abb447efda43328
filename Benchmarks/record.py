"""Shows the figures: as a table on the terminal, and as a page in docs/benchmarks."""
import datetime
import os
import subprocess
import textwrap

import vector_curves

HEADINGS = ["race", "unit", "Martlet", "peer", "peer's", "ratio", "bar", "met", "share of the limit, or recall"]
PAGES = {"avx512": "AVX-512", "avx2": "AVX2"}


def figure(value):
    if value is None:
        return "-"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else (
        f"{value:.2f}" if value >= 0.05 or value == 0 else f"{value:.4f}")


def met(row, rows=()):
    """Whether everything that is asked of this row holds, or None where nothing is asked or measured."""
    asked = [row["bar"], row.get("at_most"), row.get("least_recall")]
    if asked == [None] * 3 or row["ours"] is None or (row["bar"] is not None and row["ratio"] is None):
        return None
    holds = row["bar"] is None or row["ratio"] >= row["bar"]
    holds = holds and row["ours"] <= row.get("at_most", row["ours"])
    holds = holds and (row.get("recall") or 0) >= row.get("least_recall", 0)
    if row.get("least_share"):
        holds = holds and (row["share"] or 0) >= row["least_share"]
    if row["name"].startswith("prefill_512_q") and row["name"] != "prefill_512_qwen":
        own = next((r["ours"] for r in rows if r["name"] == "prefill_512_q4_1"), None)
        holds = holds and (own is None or row["ours"] >= 0.7 * own)
    cosine = row.get("cosine")
    if cosine and row["name"].endswith("_float32"):
        holds = holds and cosine.get("lowest", 0) >= 0.9999
    elif cosine:
        holds = holds and cosine.get("lowest", 0) >= 0.99 and cosine.get("mean", 0) >= 0.998
    return holds


def cells(row, rows=()):
    if "error" in row:
        return [row["name"], "failed: " + row["error"].splitlines()[0][:80]] + [""] * 7
    verdict = {True: "yes", False: "no", None: "-"}[met(row, rows)]
    limit = f"{row['share']:.0%} of {figure(row['limit'])}" if row["share"] else (
        f"limit {figure(row['limit'])}" if row["limit"] else "-")
    asked = "-" if row["bar"] is None else f"{row['bar']:g}"
    if row.get("least_share"):
        asked += f", {row['least_share']:.0%}"
    if row.get("at_most"):
        asked = f"at most {figure(row['at_most'])}"
    if row.get("recall") is not None:
        limit = f"recall {row['recall']:.3f}" + (f", peer's {row['peer_recall']:.3f}" if "peer_recall" in row else "")
    return [row["name"], row["unit"] or "-", figure(row["ours"]), row["peer_name"] or "-", figure(row["peer"]),
            "-" if row["ratio"] is None else f"{row['ratio']:.2f}", asked, verdict, limit]


def line(row):
    text = "  ".join(cell for cell in cells(row) if cell)
    for key, who in (("cosine", "ours"), ("peer_cosine", "the peer's")):
        if row.get(key):
            agreement = row[key]
            text += f"  cosine {who}: " + (agreement.get("error") or "{lowest:.4f} at least, {mean:.4f} in the mean"
                                           .format(**agreement))
    return text + "".join(f"  {note}" for note in notes(row))


def notes(row):
    """What a row has to say besides its cells, in words."""
    said = []
    if row.get("others"):
        said.append("all peers: " + ", ".join(
            f"{vector_curves.LABELS[name]} {figure(rate)}" for name, rate in row["others"].items()))
    if row.get("resident"):
        said.append("whole resident memory, MiB, the vectors that are mapped included: " + ", ".join(
            f"{vector_curves.LABELS[name]} {figure(size)}" for name, size in row["resident"].items()))
    if row.get("default_rate"):
        said.append(f"the recall is that of the effort by default, {figure(row['default_rate'])} queries/s")
    if row.get("graph_done_seconds"):
        said.append(f"right after the last record a query takes {row['at_once_milliseconds']:.2f} ms; "
                    f"the graph is done {figure(row['graph_done_seconds'])} s after the first")
    return said


def curves(rows):
    """For each row with curves, its lines of a page."""
    return [[f"Recall@10 and queries a second on one thread, {row['curves_title']}:", ""]
            + vector_curves.table(row["curves"]) for row in rows if row.get("curves")]


def table(rows, width=None):
    """All rows; in a narrow terminal the peer, the bar and the limit follow on a line below each row."""
    body = [HEADINGS] + [cells(row, rows) for row in rows]
    text = aligned(body)
    if width is None or max(map(len, text.splitlines())) <= width:
        return text
    below = (HEADINGS.index("peer"), HEADINGS.index("bar"), len(HEADINGS) - 1)
    lines = aligned([[cell for column, cell in enumerate(line) if column not in below] for line in body]).splitlines()
    said = [""] + [", ".join(("bar " if HEADINGS[column] == "bar" else "") + line[column]
                             for column in below if line[column] not in ("", "-")) for line in body[1:]]
    return "\n".join(part for line, note in zip(lines, said) for part in [line] + textwrap.wrap(
        note, width, initial_indent="    ", subsequent_indent="    "))


def aligned(body):
    widths = [max(len(line[column]) for line in body if "failed" not in line[1] or column == 0)
              for column in range(len(body[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in body)


def commit(root):
    """What was measured: pages that an earlier race has just written do not change the program."""
    git = ["git", "-C", root]
    done = subprocess.run([*git, "describe", "--always"], capture_output=True, text=True)
    changed = subprocess.run([*git, "diff", "--quiet", "HEAD", "--", ".", ":!docs"]).returncode == 1
    return (done.stdout.strip() or "unknown") + ("-dirty" if changed else "")


def write(root, rows, large=False):
    """Write this processor's page, and return its path. A page of the other kind is left as it is."""
    with open("/proc/cpuinfo") as file:
        kind = "avx512" if "avx512_vnni" in file.read() else "avx2"
    versions = sorted({f"{row['peer_name']} {row['peer_version']}" for row in rows
                       if row["peer_version"] and row["peer_version"] != "this build"})
    runs = min((len(row["ours_runs"]) for row in rows if len(row["ours_runs"]) > 1), default=1)
    commits = list(dict.fromkeys(row.get("commit", "unknown") for row in rows))
    chore, kind_of_page = ("make bench-large", kind + "-large") if large else ("make bench", kind)
    lines = [
        f"# Benchmarks on {PAGES[kind]}" + (", many vectors" if large else ""), "",
        f"{datetime.date.today().isoformat()}, commit {' and '.join(commits)}, by `{chore}`. {rows[0]['processor']}, "
        f"{max(row['threads'] for row in rows)} threads. Medians of {runs} or more runs, the contestants taking turns; indexes and databases "
        "are built once.", "",
        "Peers: " + "; ".join(versions) + ".", "",
        "| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    lines += ["| " + " | ".join(cells(row, rows)) + " |" for row in rows]
    lines += ["", "The ratio is above 1 where Martlet is ahead; `bar` is what is aimed at, a percentage beside it being "
              "the share of the limit. Limits are measured in the same run: memory read by all threads, beside each race, "
              "for generating; int8 or float32 instructions that touch registers alone for prompts and embeddings.", ""]
    # Ours stands in the rows against onnxruntime once more; of those, only the peer's is new.
    agreements = [(row["name"] if key == "cosine" else row["peer_name"] + ", " + row["name"], row[key])
                  for row in rows for key in ("peer_cosine", "cosine")
                  if row.get(key) and "lowest" in row[key] and not (key == "cosine" and row.get("peer_cosine"))]
    if agreements:
        lines += ["Cosine to sentence-transformers' float32 vectors, over the raced texts:", ""]
        lines += [f"- {name}: at least {a['lowest']:.4f}, in the mean {a['mean']:.4f}" for name, a in agreements] + [""]
    said = [f"- {row['name']}: {note}" for row in rows for note in notes(row)]
    lines += [*said, ""] if said else []
    path = os.path.join(root, "docs", "benchmarks", kind_of_page + ".md")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if curves(rows):
        lines += [f"![Recall and speed of all contestants](ann-{kind_of_page}.svg)", ""]
        lines += [line for part in curves(rows) for line in [*part, ""]]
        draw(rows, os.path.join(os.path.dirname(path), f"ann-{kind_of_page}.svg"))
    with open(path, "w") as file:
        file.write("\n".join(lines))
    return path


def draw(rows, path):
    """All curves as one picture."""
    with open(path, "w") as file:
        file.write(vector_curves.picture([(row["curves_title"], row["curves"]) for row in rows if row.get("curves")]))
