// Compares the NEON form with the portable one on random shapes, on a real or an emulated AArch64 processor (`make
// test-neon`). The tests in Swift do so in depth through SIMDe, on any machine; this one shows that the processor's own
// instructions give the same.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Kernels.h"

static const martlet_arithmetic_kernels *neon, *portable;
static unsigned long long state = 1;
static int failures;

static unsigned random_below(unsigned n) {
  state = state * 6364136223846793005ull + 1442695040888963407ull;
  return (unsigned)(state >> 33) % n;
}
static float random_float(void) { return (float)random_below(2000001) / 1e6f - 1; }
static void fill(float *x, size_t n, float size) {
  for (size_t i = 0; i < n; i++) x[i] = size * random_float();
}

// The two must agree within `tolerance` of the largest number, or of one.
static void compare(const char *what, const float *x, const float *y, size_t n, float tolerance) {
  float largest = 1;
  for (size_t i = 0; i < n; i++) largest = fmaxf(largest, fabsf(y[i]));
  for (size_t i = 0; i < n; i++) {
    if (fabsf(x[i] - y[i]) <= tolerance * largest) continue;
    printf("%s: element %zu of %zu is %g and should be %g\n", what, i, n, x[i], y[i]);
    failures++;
    return;
  }
}
static void compare_bytes(const char *what, const void *x, const void *y, size_t n) {
  if (memcmp(x, y, n) == 0) return;
  printf("%s: not the same bytes\n", what);
  failures++;
}

enum { MOST = 1 << 16 };
static float a[MOST], b[MOST], c[MOST], x[MOST], y[MOST];

static void check_vectors(size_t n) {
  fill(a, n, 8), fill(b, n, 2), fill(c, n, 1);
#define CHECK(name, tolerance, call)             \
  {                                              \
    const martlet_arithmetic_kernels *k = neon;             \
    float *out = x;                              \
    call;                                        \
    k = portable, out = y;                       \
    call;                                        \
    compare(name, x, y, n, tolerance);           \
  }
  CHECK("add", 0, k->add(a, b, out, n))
  CHECK("scale", 0, k->scale(a, 0.7f, out, n))
  CHECK("multiply", 0, k->multiply(a, b, out, n))
  CHECK("rms_norm", 1e-5f, k->rms_norm(a, b, 1e-5f, out, n))
  CHECK("layer_norm", 1e-5f, k->layer_norm(a, b, c, 1e-5f, out, n))
  CHECK("silu_multiply", 2e-6f, k->silu_multiply(a, b, out, n))
  CHECK("gelu", 2e-6f, k->gelu(a, out, n))
  CHECK("gelu_tanh", 2e-6f, k->gelu_tanh(a, out, n))
  CHECK("softmax", 1e-5f, k->softmax(a, out, n))
  CHECK("log_sum_exp", 1e-5f, (memset(out, 0, n * 4), out[0] = k->log_sum_exp(a, n)))
  CHECK("argmax", 0, (memset(out, 0, n * 4), out[0] = (float)k->argmax(a, n)))
  CHECK("dot", 1e-4f, (memset(out, 0, n * 4), out[0] = 100 + k->dot(a, b, n)))
  if (n % 2 == 0) CHECK("rotate_half", 1e-6f, (memcpy(out, a, n * 4), k->rotate_half(out, b, c, n)))
}

// Random bytes of a file's rows, with scales that are small halves.
static void random_file(martlet_file_format format, uint8_t *bytes, size_t rows, size_t columns, size_t *row_bytes) {
  static const struct { int format, columns, bytes, scales[2]; } blocks[] = {
      {MARTLET_FILE_Q4_0, 32, 18, {0, 0}},    {MARTLET_FILE_Q4_1, 32, 20, {0, 2}},   {MARTLET_FILE_Q5_0, 32, 22, {0, 0}},
      {MARTLET_FILE_Q5_1, 32, 24, {0, 2}},    {MARTLET_FILE_Q8_0, 32, 34, {0, 0}},   {MARTLET_FILE_Q4_K, 256, 144, {0, 2}},
      {MARTLET_FILE_Q5_K, 256, 176, {0, 2}},  {MARTLET_FILE_Q6_K, 256, 210, {208, 208}},
      {MARTLET_FILE_Q2_K, 256, 84, {80, 82}}, {MARTLET_FILE_Q3_K, 256, 110, {108, 108}},
      {MARTLET_FILE_IQ4_NL, 32, 18, {0, 0}},  {MARTLET_FILE_IQ4_XS, 256, 136, {0, 0}},
  };
  for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
    if (blocks[i].format != (int)format) continue;
    *row_bytes = columns / (size_t)blocks[i].columns * (size_t)blocks[i].bytes;
    for (size_t j = 0; j < rows * *row_bytes; j++) bytes[j] = (uint8_t)random_below(256);
    for (size_t block = 0; block < rows * *row_bytes; block += (size_t)blocks[i].bytes)
      for (int s = 0; s < 2; s++) bytes[block + (size_t)blocks[i].scales[s] + 1] = 0x24;  // about 0.02
    return;
  }
  size_t element = format == MARTLET_FILE_F32 ? 4 : 2;
  *row_bytes = columns * element;
  for (size_t j = 0; j < rows * columns; j++) {
    float value = random_float();
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint16_t bfloat16 = (uint16_t)(bits >> 16), half = (uint16_t)(0x2c00 + random_below(0x800));
    memcpy(bytes + j * element, format == MARTLET_FILE_F32 ? (void *)&value : format == MARTLET_FILE_F16 ? (void *)&half : (void *)&bfloat16, element);
  }
}

static void check_product(martlet_file_format format, martlet_layout layout, size_t rows, size_t tokens, size_t columns,
                          const char *name) {
  static uint8_t file[1 << 20], panels[1 << 21];
  static int8_t q[2][MOST];
  static int16_t sums[2][MOST];
  static float scales[2][MOST], totals[2][MOST];
  size_t row_bytes, panel_bytes = martlet_panel_bytes(layout, columns);
  random_file(format, file, rows, columns, &row_bytes);
  for (size_t r = 0; r < rows; r += 16) {
    const void *sources[16] = {0};
    for (size_t i = 0; i < 16 && r + i < rows; i++) sources[i] = file + (r + i) * row_bytes;
    neon->pack_panel(format, sources, columns, layout, panels + r / 16 * panel_bytes);
  }
  fill(a, tokens * columns, 3);
  fill(b, rows, 1);
  martlet_activations plain = {.tokens = tokens, .columns = columns, .values = a};
  bool is_rows = layout.kind == MARTLET_LAYOUT_INT8_ROWS;
  if (!is_rows) {
    neon->matmul(layout, panels, rows, &plain, b, x, rows);
    portable->matmul(layout, panels, rows, &plain, b, y, rows);
    compare(name, x, y, tokens * rows, 2e-5f);
  }
  if (layout.kind != MARTLET_LAYOUT_BLOCKS && !is_rows) return;
  size_t groups = is_rows ? (columns + 63) / 64 : columns / 32;
  for (int f = 0; f < 2; f++) {
    const martlet_arithmetic_kernels *k = f == 0 ? neon : portable;
    for (size_t t = 0; t < tokens; t++) {
      if (is_rows)
        k->quantize_row(a + t * columns, columns, q[f] + t * columns, scales[f] + t * groups, sums[f] + t * groups);
      else
        k->quantize_blocks(a + t * columns, columns, q[f] + t * columns, scales[f] + t * groups,
                           sums[f] + t * 2 * groups, totals[f] + t * groups);
    }
  }
  if (!is_rows) {
    compare_bytes("quantize_blocks", q[0], q[1], tokens * columns);
    compare_bytes("quantize_blocks' scales", scales[0], scales[1], tokens * groups * 4);
    compare_bytes("quantize_blocks' sums", sums[0], sums[1], tokens * groups * 4);
    compare_bytes("quantize_blocks' totals", totals[0], totals[1], tokens * groups * 4);
  }
  martlet_activations rounded = plain;
  rounded.quantized = q[0], rounded.scales = scales[0], rounded.sums = sums[0], rounded.totals = totals[0];
  neon->matmul(layout, panels, rows, &rounded, b, x, rows);
  portable->matmul(layout, panels, rows, &rounded, b, y, rows);
  compare(name, x, y, tokens * rows, 2e-5f);
}

static void check_attention(martlet_cache_type type, size_t dim, size_t group, size_t length, size_t queries) {
  enum { KV_HEADS = 2 };
  static float pages[2][3][MOST / 2], partials[MOST];
  const void *addresses[2][3];
  for (int f = 0; f < 2; f++) {
    for (int i = 0; i < 3; i++) addresses[f][i] = memset(pages[f][i], 0xff, sizeof pages[f][i]);
  }
  // Tiles of 16 positions, and of the last the rest.
  for (size_t p = 0; p < length; p += 16) {
    size_t count = length - p < 16 ? length - p : 16, stride = KV_HEADS * dim;
    fill(a, count * stride, 2), fill(b, count * stride, 2);
    neon->store_positions(type, pages[0][p / 64], KV_HEADS, dim, p % 64, count, a, b, stride);
    portable->store_positions(type, pages[1][p / 64], KV_HEADS, dim, p % 64, count, a, b, stride);
  }
  compare_bytes("store_positions", pages[0], pages[1], sizeof pages[0]);
  size_t width = KV_HEADS * group * dim;
  fill(c, queries * width, 2);
  for (int f = 0; f < 2; f++) {
    const martlet_arithmetic_kernels *k = f == 0 ? neon : portable;
    float *out = f == 0 ? x : y;
    martlet_attention attention = {.pages = addresses[f], .type = type, .query_heads = KV_HEADS * group, .kv_heads = KV_HEADS,
                                   .dim = dim, .queries = c, .query_stride = width, .output = out, .output_stride = width,
                                   .length = length, .first_position = length - queries, .causal = true,
                                   .scale = 1 / sqrtf((float)dim)};
    for (size_t h = 0; h < KV_HEADS; h++) k->attend(&attention, h, 0, queries);
    if (queries > 1) continue;
    attention.output = f == 0 ? a : b;
    for (size_t h = 0; h < KV_HEADS; h++) {
      size_t size = group * (dim + 2);
      k->attend_part(&attention, h, 0, length / 3, partials);
      k->attend_part(&attention, h, length / 3, length, partials + size);
      k->attend_join(&attention, h, partials, 2);
    }
  }
  compare("attend", x, y, queries * width, 1e-5f);
  if (queries == 1) compare("attend in parts", a, b, width, 1e-5f);
}

// The same codes, the same links, and the same neighbours.
static void check_graph(size_t dimension) {
  enum { NODES = 120, DEGREE = 8, EF = 16, MOST_STRIDE = 256 };
  static uint8_t codes[2][NODES * MOST_STRIDE], entry_code[MOST_STRIDE / 2];
  static int8_t query_code[MOST_STRIDE], flat_codes[3 * MOST_STRIDE];
  static float scales[2][NODES];
  static uint32_t links[2][NODES * DEGREE], entry[1], locks[8], trail[NODES];
  static martlet_neighbor pools[2][EF + 1], frontier[NODES];
  uint64_t visited[(NODES + 63) / 64] = {0};
  size_t stride = (dimension + 127) / 128 * 128, found[2];
  martlet_reach reach = {.ef = EF, .enough = 4, .slack = 0.1f, .wanted = EF};
  fill(a, (NODES + 1) * dimension, 1);
  for (int f = 0; f < 2; f++) {
    const martlet_graph_kernels *k = martlet_graphs_for(f == 0 ? MARTLET_NEON : MARTLET_PORTABLE);
    for (size_t i = 0; i < NODES; i++)
      scales[f][i] = k->encode_node(a + i * dimension, dimension, codes[f] + i * stride, stride);
    float scale = k->encode_query(a + NODES * dimension, dimension, query_code, stride);
    memset(links[f], 0xff, sizeof links[f]);
    memcpy(entry_code, codes[f], stride / 2);
    martlet_graph graph = {.dimension = dimension, .stride = stride, .degree = DEGREE, .nodes = NODES,
                           .codes = codes[f], .scales = scales[f], .links = links[f], .entry_codes = entry_code,
                           .entries = entry, .entry_count = 1, .locks = locks, .lock_count = 8};
    martlet_walk walk = {.visited = visited, .trail = trail, .trail_capacity = NODES, .pool = pools[f],
                         .flat_codes = flat_codes, .frontier = frontier, .frontier_capacity = NODES,
                         .sought = MARTLET_NO_NODE};
    for (uint32_t node = 1; node < NODES; node++) k->insert_node(&graph, node, EF, &walk);
    found[f] = k->walk_graph(&graph, (martlet_code_query){query_code, scale, 1}, reach, &walk);
  }
  compare_bytes("codes", codes[0], codes[1], sizeof codes[0]);
  compare("scales", scales[0], scales[1], NODES, 0);
  compare_bytes("links", links[0], links[1], sizeof links[0]);
  compare_bytes("neighbours", pools[0], pools[1], found[1] * sizeof pools[0][0]);
  if (found[0] != found[1]) failures++;
}

int main(void) {
  portable = martlet_arithmetic_for(MARTLET_PORTABLE);
  neon = martlet_arithmetic_for(MARTLET_NEON);
  if (neon == NULL) {
    puts("This processor does not run the NEON form: it wants half precision and dot products (ARMv8.2).");
    return 1;
  }
  for (size_t n = 1; n < 70; n++) check_vectors(n);
  static const struct { martlet_file_format format; size_t step; const char *name; } formats[] = {
      {MARTLET_FILE_F32, 1, "F32"},     {MARTLET_FILE_F16, 1, "F16"},      {MARTLET_FILE_BF16, 1, "BF16"},
      {MARTLET_FILE_Q4_0, 32, "Q4_0"},  {MARTLET_FILE_Q4_1, 32, "Q4_1"},   {MARTLET_FILE_Q5_0, 32, "Q5_0"},
      {MARTLET_FILE_Q5_1, 32, "Q5_1"},  {MARTLET_FILE_Q8_0, 32, "Q8_0"},   {MARTLET_FILE_Q4_K, 256, "Q4_K"},
      {MARTLET_FILE_Q5_K, 256, "Q5_K"}, {MARTLET_FILE_Q6_K, 256, "Q6_K"},  {MARTLET_FILE_Q2_K, 256, "Q2_K"},
      {MARTLET_FILE_Q3_K, 256, "Q3_K"}, {MARTLET_FILE_IQ4_NL, 32, "IQ4_NL"}, {MARTLET_FILE_IQ4_XS, 256, "IQ4_XS"},
  };
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
    for (size_t rows = 1; rows < 66; rows++)
      check_product(formats[i].format, martlet_layout_of(formats[i].format), rows, 1 + random_below(9),
                    formats[i].step * (1 + random_below(formats[i].step == 1 ? 70 : 3)), formats[i].name);
  }
  martlet_layout int8_rows = {MARTLET_LAYOUT_INT8_ROWS, 8, 0, 0};
  for (size_t columns = 1; columns < 132; columns++)
    check_product(MARTLET_FILE_F32, int8_rows, 1 + random_below(35), 1 + random_below(9), columns, "rows of 8 bits");
  for (size_t length = 1; length < 130; length++)
    for (int type = 0; type < 2; type++)
      check_attention((martlet_cache_type)type, 16 * (1 + random_below(5)), 1 + random_below(7), length,
                      1 + random_below(length < 9 ? (unsigned)length : 9));
  for (size_t dimension = 1; dimension < 150; dimension += 7) check_graph(dimension);
  printf(failures ? "NEON: %d comparisons failed\n" : "NEON: all comparisons with the portable form agree\n", failures);
  return failures != 0;
}
