// Threads that share out numbered chunks of work.
//
// A job is published in one word, its number beside the count of chunks nobody has claimed yet; threads claim chunks
// one by one, so a slow thread simply takes fewer. Workers spin for a moment after a job, since the next one mostly
// comes within microseconds, and then sleep.
//
// What claiming cannot help is a worker that the system takes off its processor in the middle of a chunk, because
// another program runs there: everyone waits for milliseconds. So a worker that kept the caller waiting much longer
// than chunks take sits on the bench for a while, longer each time it happens again, and the others do its work.
// The waiting caller goes to sleep, too, which leaves a processor free for the worker to move to.
//
// Where memory sets the pace, no moment should pass in which nobody asks for any. Between two streams there are such
// moments: a thread waits for the last share of another, or for the caller to do what is not shared. A decoder reads the
// same streams in the same order for each token, so the pool notes which came after which, and threads that wait fetch
// the beginning of the next one into their caches.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "Kernels.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

// In nanoseconds.
enum {
  SPIN_TIME = 100 * 1000,             // a worker waits awake for its next job
  CALLER_SPIN_TIME = 600 * 1000,      // the caller waits awake for the last chunks; a thread that has just lost its
                                      // processor may not move to another for the first half millisecond
  STALL_TIME = 200 * 1000,            // a wait that benches a worker, if it is also STALL_CHUNKS chunks long
  TIME_ALONE = 200 * 1000,            // the caller's work on JOBS_ALONE jobs or more that benches all workers
  SHORTEST_BENCH = 20 * 1000 * 1000,
  LONGEST_BENCH = 1000 * 1000 * 1000,
  RELAPSE_TIME = 50 * 1000 * 1000,    // a stall so soon after the bench doubles the next one
};
enum { STALL_CHUNKS = 4, JOBS_ALONE = 8, SPINS_BETWEEN_LOOKS = 32 };
enum {
  STREAMS_NOTED = 1024,     // a power of two; a decoder has some five a layer
  MOST_AHEAD = 128 * 1024,  // bytes: a part of the smallest second-level cache
  FETCHED_AT_ONCE = 256,    // bytes, between two looks for a new job
};

// Which stream came after the one that begins at `start`.
typedef struct {
  const char *start;
  martlet_stream next;
} stream_note;

// How far a thread is with fetching the stream that begins at `start`.
typedef struct {
  const char *start;
  size_t bytes;
} fetch_progress;

typedef struct pool_worker {
  _Alignas(64) atomic_uint benched;  // 1: takes no part; it sleeps on this word
  atomic_bool busy;                  // may hold a chunk
  martlet_pool *pool;
  pthread_t thread;
  // The caller's book-keeping.
  uint64_t released_at, release_at, penalty;
} pool_worker;

struct martlet_pool {
  // Number of the job in the upper half, chunks that nobody has claimed yet in the lower. One exchange claims a chunk
  // of one job: a thread that comes late can take nothing from the next job.
  _Alignas(64) atomic_ullong ticket;
  _Alignas(64) atomic_uint done;  // chunks of this job that are finished; a patient caller sleeps on this word
  atomic_bool caller_sleeps;
  _Alignas(64) atomic_uint job;  // number of the latest job; idle workers sleep on this word
  atomic_uint sleepers;
  atomic_bool ending;
  // The job. Read only by threads that have claimed one of its chunks.
  _Alignas(64) size_t first_chunk;
  unsigned chunks;
  void (*body)(void *context, size_t chunk);
  void *context;
  // The stream that is likely to be next. It may be gone by now, or half of it be another's: to fetch it is harmless.
  _Alignas(64) _Atomic(const char *) ahead;
  atomic_size_t ahead_share;

  _Alignas(64) pthread_mutex_t caller;  // apart from what waiting threads look at
  const char *stream;      // where the latest stream began
  fetch_progress fetched;  // by the caller
  stream_note notes[STREAMS_NOTED];
  unsigned workers, benched;
  unsigned jobs_alone;  // jobs in a row that the caller did alone,
  uint64_t time_alone;  // and how long they took
  pool_worker worker[];
};

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// Sleeps while *word is `seen`; may wake without reason.
static void sleep_on(atomic_uint *word, unsigned seen) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
#else
  struct timespec moment = {0, 50 * 1000};
  if (atomic_load(word) == seen) nanosleep(&moment, NULL);
#endif
}

static void wake_all(atomic_uint *word) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
#else
  (void)word;
#endif
}

// MARK: Streams

static stream_note *note_of(martlet_pool *pool, const char *start) {
  uint64_t hash = (uint64_t)(uintptr_t)start / 64 * 0x9E3779B97F4A7C15u;
  return &pool->notes[hash >> 32 & (STREAMS_NOTED - 1)];
}

// A stream begins: notes that it came after the one before, and what came after it the last time.
static void note_stream(martlet_pool *pool, martlet_stream stream) {
  const char *start = stream.start;
  if (pool->stream != NULL) *note_of(pool, pool->stream) = (stream_note){pool->stream, stream};
  pool->stream = start;
  const stream_note *note = note_of(pool, start);
  bool known = note->start == start;
  atomic_store_explicit(&pool->ahead, known ? note->next.start : NULL, memory_order_relaxed);
  atomic_store_explicit(&pool->ahead_share, known ? note->next.share : 0, memory_order_relaxed);
}

// Fetches a little of what is likely to be read next: this thread's share, then that of the thread before it. (Before
// the first worker comes the caller, which has other work between two streams.) Without anything to fetch it rests.
static inline void wait_usefully(martlet_pool *pool, unsigned thread, fetch_progress *fetched) {
  const char *start = atomic_load_explicit(&pool->ahead, memory_order_relaxed);
  size_t share = atomic_load_explicit(&pool->ahead_share, memory_order_relaxed);
  if (start != fetched->start) *fetched = (fetch_progress){start, 0};
  size_t most = share < MOST_AHEAD ? share : MOST_AHEAD, at = fetched->bytes;
  if (start == NULL || at >= (thread > 0 ? 2 * most : most)) {
    relax();
    return;
  }
  size_t place = at < most ? thread * share + at : (thread - 1) * share + (at - most);
  martlet_prefetch((const void *)((uintptr_t)start + place), FETCHED_AT_ONCE);
  fetched->bytes = at + FETCHED_AT_ONCE;
}

// Claims and runs chunks of a job until none is left. Says how many it ran.
static unsigned work(martlet_pool *pool, unsigned job) {
  unsigned count = 0;
  unsigned long long ticket = atomic_load_explicit(&pool->ticket, memory_order_acquire);
  while ((unsigned)(ticket >> 32) == job && (unsigned)ticket != 0) {
    if (!atomic_compare_exchange_weak_explicit(&pool->ticket, &ticket, ticket - 1, memory_order_acq_rel,
                                               memory_order_acquire))
      continue;
    unsigned chunks = pool->chunks;
    pool->body(pool->context, pool->first_chunk + (chunks - (unsigned)ticket));
    count++;
    if (atomic_fetch_add(&pool->done, 1) + 1 == chunks && atomic_load(&pool->caller_sleeps)) wake_all(&pool->done);
    ticket = atomic_load_explicit(&pool->ticket, memory_order_acquire);
  }
  return count;
}

// MARK: Workers

// Waits for a job other than `seen`: awake for a while, then asleep.
static unsigned next_job(martlet_pool *pool, unsigned seen, unsigned thread, fetch_progress *fetched) {
  unsigned job = atomic_load_explicit(&pool->job, memory_order_acquire);
  for (uint64_t start = 0; job == seen;) {
    for (int spins = 0; job == seen && spins < SPINS_BETWEEN_LOOKS; spins++) {
      wait_usefully(pool, thread, fetched);
      job = atomic_load_explicit(&pool->job, memory_order_acquire);
    }
    if (start == 0) {
      start = now();
    } else if (now() - start > SPIN_TIME) {
      break;
    }
  }
  if (job != seen) return job;
  atomic_fetch_add(&pool->sleepers, 1);
  while ((job = atomic_load(&pool->job)) == seen) sleep_on(&pool->job, seen);
  atomic_fetch_sub(&pool->sleepers, 1);
  return job;
}

static void *run_worker(void *argument) {
  pool_worker *self = argument;
  martlet_pool *pool = self->pool;
  unsigned thread = (unsigned)(self - pool->worker) + 1;
  fetch_progress fetched = {NULL, 0};
  for (unsigned seen = 0;;) {
    seen = next_job(pool, seen, thread, &fetched);
    while (atomic_load(&self->benched)) sleep_on(&self->benched, 1);
    if (atomic_load(&pool->ending)) return NULL;
    atomic_store_explicit(&self->busy, true, memory_order_relaxed);
    work(pool, seen);
    atomic_store_explicit(&self->busy, false, memory_order_relaxed);
  }
}

// MARK: The bench

// Benches the workers that may hold a chunk (`busy`), or those that hold none.
static void bench_workers(martlet_pool *pool, uint64_t time, bool busy) {
  for (unsigned i = 0; i < pool->workers; i++) {
    pool_worker *worker = &pool->worker[i];
    if (atomic_load_explicit(&worker->busy, memory_order_relaxed) != busy || atomic_load(&worker->benched)) continue;
    bool again = worker->penalty != 0 && time - worker->released_at < RELAPSE_TIME;
    worker->penalty = again ? worker->penalty * 2 : SHORTEST_BENCH;
    if (worker->penalty > LONGEST_BENCH) worker->penalty = LONGEST_BENCH;
    worker->release_at = time + worker->penalty;
    atomic_store(&worker->benched, 1);
    pool->benched++;
  }
}

static void release_workers(martlet_pool *pool, uint64_t time) {
  for (unsigned i = 0; i < pool->workers; i++) {
    pool_worker *worker = &pool->worker[i];
    if (!atomic_load(&worker->benched) || time < worker->release_at) continue;
    worker->released_at = time;
    atomic_store(&worker->benched, 0);
    wake_all(&worker->benched);
    pool->benched--;
  }
}

// MARK: The caller

// Waits until all chunks are done. The caller has run `own_chunks` of them since `start`.
static void wait_for_workers(martlet_pool *pool, unsigned chunks, uint64_t start, unsigned own_chunks) {
  uint64_t idle_since = 0, stall_time = STALL_TIME;
  bool stalled = false;
  while (atomic_load_explicit(&pool->done, memory_order_acquire) != chunks) {
    for (int spins = 0; spins < SPINS_BETWEEN_LOOKS; spins++) {
      if (atomic_load_explicit(&pool->done, memory_order_acquire) == chunks) return;
      wait_usefully(pool, 0, &pool->fetched);
    }
    uint64_t time = now();
    if (idle_since == 0) {
      idle_since = time;
      uint64_t chunk_time = own_chunks > 0 ? (time - start) / own_chunks : 0;
      if (stall_time < STALL_CHUNKS * chunk_time) stall_time = STALL_CHUNKS * chunk_time;
    }
    if (!stalled && time - idle_since > stall_time) {
      bench_workers(pool, time, true);
      stalled = true;
    }
    if (time - idle_since > CALLER_SPIN_TIME) {
      atomic_store(&pool->caller_sleeps, true);
      unsigned done = atomic_load(&pool->done);
      if (done != chunks) sleep_on(&pool->done, done);
      atomic_store(&pool->caller_sleeps, false);
    }
  }
}

static void note_job_alone(martlet_pool *pool, uint64_t start) {
  uint64_t time = now();
  pool->time_alone = (pool->jobs_alone++ > 0 ? pool->time_alone : 0) + (time - start);
  if (pool->jobs_alone < JOBS_ALONE || pool->time_alone < TIME_ALONE) return;
  bench_workers(pool, time, false);
  pool->jobs_alone = 0;
}

static void run_job(martlet_pool *pool, size_t first_chunk, unsigned chunks) {
  uint64_t start = now();
  if (pool->benched > 0) release_workers(pool, start);
  if (pool->benched == pool->workers) {
    for (unsigned i = 0; i < chunks; i++) pool->body(pool->context, first_chunk + i);
    return;
  }
  pool->first_chunk = first_chunk;
  pool->chunks = chunks;
  atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
  unsigned job = atomic_load_explicit(&pool->job, memory_order_relaxed) + 1;
  atomic_store_explicit(&pool->ticket, (unsigned long long)job << 32 | chunks, memory_order_release);
  atomic_store(&pool->job, job);
  if (atomic_load(&pool->sleepers) > 0) wake_all(&pool->job);
  unsigned own_chunks = work(pool, job);
  wait_for_workers(pool, chunks, start, own_chunks);
  if (own_chunks == chunks)
    note_job_alone(pool, start);
  else
    pool->jobs_alone = 0;
}

void martlet_pool_run(martlet_pool *pool, size_t chunks, void (*body)(void *context, size_t chunk), void *context) {
  martlet_pool_stream(pool, (martlet_stream){NULL, 0}, chunks, body, context);
}

void martlet_pool_stream(martlet_pool *pool, martlet_stream stream, size_t chunks,
                         void (*body)(void *context, size_t chunk), void *context) {
  if (pool->workers == 0 || chunks <= 1) {
    for (size_t i = 0; i < chunks; i++) body(context, i);
    return;
  }
  pthread_mutex_lock(&pool->caller);
  pool->body = body;
  pool->context = context;
  if (stream.start != NULL) note_stream(pool, stream);
  const size_t most = UINT32_MAX;
  for (size_t first = 0; first < chunks; first += most)
    run_job(pool, first, (unsigned)(chunks - first < most ? chunks - first : most));
  pthread_mutex_unlock(&pool->caller);
}

// MARK: Life

martlet_pool *martlet_pool_create(unsigned threads) {
  unsigned workers = threads > 1 ? threads - 1 : 0;
  martlet_pool *pool = aligned_alloc(64, sizeof(martlet_pool) + workers * sizeof(pool_worker));
  if (pool == NULL) return NULL;
  atomic_init(&pool->ticket, 0);
  atomic_init(&pool->done, 0);
  atomic_init(&pool->caller_sleeps, false);
  atomic_init(&pool->job, 0);
  atomic_init(&pool->sleepers, 0);
  atomic_init(&pool->ending, false);
  atomic_init(&pool->ahead, NULL);
  atomic_init(&pool->ahead_share, 0);
  pthread_mutex_init(&pool->caller, NULL);
  pool->stream = NULL;
  pool->fetched = (fetch_progress){NULL, 0};
  memset(pool->notes, 0, sizeof pool->notes);
  pool->workers = pool->benched = pool->jobs_alone = 0;
  for (unsigned i = 0; i < workers; i++) {
    pool_worker *worker = &pool->worker[i];
    atomic_init(&worker->benched, 0);
    atomic_init(&worker->busy, false);
    worker->pool = pool;
    worker->released_at = worker->release_at = worker->penalty = 0;
    if (pthread_create(&worker->thread, NULL, run_worker, worker) != 0) break;
    pool->workers++;
  }
  return pool;
}

void martlet_pool_destroy(martlet_pool *pool) {
  if (pool == NULL) return;
  atomic_store(&pool->ending, true);
  atomic_fetch_add(&pool->job, 1);
  wake_all(&pool->job);
  for (unsigned i = 0; i < pool->workers; i++) {
    atomic_store(&pool->worker[i].benched, 0);
    wake_all(&pool->worker[i].benched);
    pthread_join(pool->worker[i].thread, NULL);
  }
  pthread_mutex_destroy(&pool->caller);
  free(pool);
}

unsigned martlet_pool_threads(const martlet_pool *pool) { return pool->workers + 1; }
