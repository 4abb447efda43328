"""Recall, speed at a recall, and the curves of all contestants: as a table and as a picture."""
import array
import math

# What each contestant's line looks like; hues that are told apart on white and on black, by most colour-blind eyes too.
COLOURS = {"martlet": "#e4572e", "hnswlib": "#2f80c3", "faiss": "#2a9d63", "faiss_sq8": "#8fb339",
           "usearch_i8": "#9b6bd3", "usearch_bf16": "#c58af9"}
LABELS = {"martlet": "Martlet", "hnswlib": "hnswlib", "faiss": "faiss HNSW16", "faiss_sq8": "faiss HNSW16,SQ8",
          "usearch_i8": "usearch int8", "usearch_bf16": "usearch bfloat16"}
RECALL_TICKS = [0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999]


def read_ivecs(path):
    """The rows of an .ivecs file as sets; -1 stands for nothing."""
    numbers = array.array("i")
    with open(path, "rb") as file:
        numbers.frombytes(file.read())
    width = numbers[0] + 1
    return [set(numbers[i + 1:i + width]) - {-1} for i in range(0, len(numbers), width)]


def recall(found, truth):
    """The share of the exact answers that were found."""
    return sum(len(a & b) for a, b in zip(found, truth)) / sum(len(row) for row in truth[:len(found)])


def rate_at(points, target):
    """Queries a second at a recall: log speed, linear in recall, between the first two points that enclose it.

    `points` are (recall, rate) by rising effort. Nothing where the target is not reached; where the very first point
    is beyond it, that point's rate, which is no more than the truth.
    """
    previous = None
    for at, rate in points:
        if at >= target:
            if previous is None or previous[0] >= at:
                return rate
            share = (target - previous[0]) / (at - previous[0])
            return math.exp((1 - share) * math.log(previous[1]) + share * math.log(rate))
        previous = (at, rate)
    return None


def table(curves):
    """The points of all contestants, as lines of Markdown. `curves`: name -> [(effort, recall, rate)]."""
    lines = ["| contestant | recall@10: queries a second (effort) |", "|---|---|"]
    for name, points in curves.items():
        shown = ", ".join(f"{at:.3f}: {rate:,.0f} ({effort})" for effort, at, rate in points)
        lines.append(f"| {LABELS.get(name, name)} | {shown} |")
    return lines


def picture(panels):
    """An SVG drawing. `panels`: a title and its curves, side by side; speed is on a log scale, recall stretched
    towards 1."""
    width, height, left, top = 430, 360, 62, 46
    columns = 2 * len(panels)
    body = []
    for number, (title, curves) in enumerate(panels):
        body += panel(title, curves, number * width + left, top, width - left - 18, height - top - 30)
    names = [name for name in COLOURS if any(name in curves for _, curves in panels)]
    for place, name in enumerate(names):
        x, y = left + place % columns * 180, height + 22 + place // columns * 20
        body.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{COLOURS[name]}" stroke-width="2.5"/>')
        body.append(f'<text x="{x + 28}" y="{y}">{LABELS[name]}</text>')
    whole_width, whole_height = width * len(panels), height + 14 + 20 * -(-len(names) // columns)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole_width}" height="{whole_height}" '
        f'viewBox="0 0 {whole_width} {whole_height}" font-family="sans-serif" font-size="12">',
        "<style>text { fill: #24292f } .grid { stroke: #8c959f; stroke-opacity: 0.35 } .paper { fill: #ffffff }",
        "@media (prefers-color-scheme: dark) { text { fill: #d0d7de } .paper { fill: #0d1117 } }</style>",
        f'<rect class="paper" width="{whole_width}" height="{whole_height}"/>', *body, "</svg>", ""])


def panel(title, curves, left, top, width, height):
    rates = [rate for points in curves.values() for _, at, rate in points if at >= RECALL_TICKS[0]]
    if not rates:
        return []
    low, high = math.log10(min(rates)) - 0.05, math.log10(max(rates)) + 0.05
    first, last = stretched(RECALL_TICKS[0]), stretched(0.9995)
    x = lambda at: left + (min(stretched(at), last) - first) / (last - first) * width
    y = lambda rate: top + (high - math.log10(rate)) / (high - low) * height
    lines = [f'<text x="{left + width / 2}" y="{top - 22}" text-anchor="middle" font-size="13">{title}</text>',
             f'<text x="{left}" y="{top - 6}" text-anchor="end" font-size="11">queries/s</text>',
             f'<text x="{left + width}" y="{top + height + 32}" text-anchor="end" font-size="11">recall@10</text>']
    for tick in RECALL_TICKS:
        lines.append(f'<line class="grid" x1="{x(tick):.1f}" y1="{top}" x2="{x(tick):.1f}" y2="{top + height}"/>')
        lines.append(f'<text x="{x(tick):.1f}" y="{top + height + 16}" text-anchor="middle" font-size="11">{tick:g}</text>')
    for tick in rate_ticks(low, high):
        lines.append(f'<line class="grid" x1="{left}" y1="{y(tick):.1f}" x2="{left + width}" y2="{y(tick):.1f}"/>')
        lines.append(f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end" font-size="11">{tick:,}</text>')
    for name, points in curves.items():
        seen = [(x(at), y(rate)) for _, at, rate in points if at >= RECALL_TICKS[0]]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in seen)
        lines.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>')
        lines += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.6" fill="{COLOURS[name]}"/>' for a, b in seen]
    return lines


def stretched(at):
    return -math.log10(max(1 - at, 1e-6))


def rate_ticks(low, high):
    steps = (1, 2, 5) if high - low > 0.7 else (1, 1.5, 2, 3, 4, 5, 6, 8)
    ticks = [round(step * 10 ** power) for power in range(1, 7) for step in steps]
    return [tick for tick in ticks if low <= math.log10(tick) <= high]
