// What this machine can do at most, measured: `limits THREADS` prints a JSON object, `limits THREADS memory` one with
// memory_read alone, which other machines' guests change from minute to minute.
//   memory_read     GB/s, every thread summing its own part of 1 GiB
//   int8_peak       GOP/s of the widest int8 dot product the processor has (a multiply and an add are two)
//   float32_peak    GFLOP/s of fused multiply-adds that touch registers alone
// Each is the median of seven runs. Built with -O3 -march=native.
#include <immintrin.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 7, MAXIMUM_THREADS = 64 };
static const size_t BYTES = (size_t)1 << 30;
static const long ROUNDS = 20000000;
static char *memory;
static int threads;
static volatile long long sink;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static void *read_part(void *argument) {
  size_t part = BYTES / threads, index = (size_t)argument;
  const __m256i *p = (const __m256i *)(memory + index * part), *end = p + part / 32;
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (; p + 4 <= end; p += 4) {
    _mm_prefetch((const char *)(p + 64), _MM_HINT_T0);
    _mm_prefetch((const char *)(p + 66), _MM_HINT_T0);
    a = _mm256_add_epi64(a, p[0]), b = _mm256_add_epi64(b, p[1]);
    c = _mm256_add_epi64(c, p[2]), d = _mm256_add_epi64(d, p[3]);
  }
  a = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d));
  sink += _mm256_extract_epi64(a, 0);
  return NULL;
}

// Twelve independent chains, each an instruction a round: enough to hide the latency on two ports.
#define TWELVE(F) F(a) F(b) F(c) F(d) F(e) F(f) F(g) F(h) F(i) F(j) F(k) F(l)
#define ZERO(name) vector name = (vector){0};
#define KEEP(name) __asm__ volatile("" ::"x"(name));

#ifdef __AVX512F__
typedef float vector __attribute__((vector_size(64)));
#else
typedef float vector __attribute__((vector_size(32)));
#endif

#ifdef __AVX512VNNI__
#define INT8(name) __asm__ volatile("vpdpbusd %1, %1, %0" : "+v"(name) : "v"(x));
#else  // multiply pairs into 16 bits and add there, the way the four-bit products go
#define INT8(name) \
  __asm__ volatile("vpmaddubsw %1, %1, %%ymm15\n\tvpaddw %%ymm15, %0, %0" : "+x"(name) : "x"(x) : "xmm15");
#endif
#define FLOAT(name) __asm__ volatile("vfmadd231ps %1, %1, %0" : "+v"(name) : "v"(x));
static const double INT8_OPERATIONS = 12.0 * sizeof(vector) * 2, FLOAT_OPERATIONS = 12.0 * sizeof(vector) / 4 * 2;

static void *int8_part(void *argument) {
  vector x = (vector){0};
  TWELVE(ZERO)
  for (long n = 0; n < ROUNDS; ++n) { TWELVE(INT8) }
  TWELVE(KEEP)
  return argument;
}

static void *float_part(void *argument) {
  vector x = (vector){0};
  TWELVE(ZERO)
  for (long n = 0; n < ROUNDS; ++n) { TWELVE(FLOAT) }
  TWELVE(KEEP)
  return argument;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_rate(void *(*work)(void *), double amount) {
  double rates[RUNS];
  for (int run = 0; run < RUNS; ++run) {
    pthread_t ids[MAXIMUM_THREADS];
    double start = now();
    for (long i = 0; i < threads; ++i) pthread_create(&ids[i], NULL, work, (void *)i);
    for (int i = 0; i < threads; ++i) pthread_join(ids[i], NULL);
    rates[run] = amount / (now() - start) / 1e9;
  }
  qsort(rates, RUNS, sizeof *rates, ascending);
  return rates[RUNS / 2];
}

int main(int argc, char **argv) {
  threads = argc > 1 ? atoi(argv[1]) : 2;
  if (threads < 1 || threads > MAXIMUM_THREADS) return 64;
  memory = aligned_alloc(4096, BYTES);
  if (!memory) return 71;
  memset(memory, 1, BYTES);
  printf("{\"threads\": %d, \"memory_read\": %.2f", threads, median_rate(read_part, BYTES));
  if (argc > 2 && strcmp(argv[2], "memory") == 0) {
    printf("}\n");
    return 0;
  }
  printf(", \"int8_peak\": %.1f, ", median_rate(int8_part, INT8_OPERATIONS * ROUNDS * threads));
  printf("\"float32_peak\": %.1f}\n", median_rate(float_part, FLOAT_OPERATIONS * ROUNDS * threads));
}
