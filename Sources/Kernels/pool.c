// Threads that share out numbered chunks of work.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "Kernels.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

enum { SPINS_BEFORE_SLEEP = 2000 };

struct martlet_pool {
  // Number of the job in the upper half, chunks that nobody has claimed yet in the lower. One comparison claims a
  // chunk of one job: a thread that comes late can take nothing from the next job.
  _Alignas(64) atomic_ullong ticket;
  _Alignas(64) atomic_size_t done;  // chunks of this job that are finished
  _Alignas(64) atomic_uint wake;    // counts jobs; sleepers wait for a change
  atomic_uint sleepers;
  atomic_bool ending;
  // The job. Read only by threads that have claimed one of its chunks.
  size_t chunks;
  void (*body)(void *context, size_t chunk);
  void *context;

  pthread_mutex_t caller;
  unsigned workers;
  pthread_t threads[];
};

static void sleep_until_changed(atomic_uint *word, unsigned seen) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
#else
  struct timespec moment = {0, 50000};
  if (atomic_load(word) == seen) nanosleep(&moment, NULL);
#endif
}

static void wake_sleepers(atomic_uint *word, int count) {
#if defined(__linux__)
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
#else
  (void)word, (void)count;
#endif
}

// Claims and runs chunks of job `job` until none is left.
static void work(martlet_pool *pool, unsigned job) {
  unsigned long long ticket = atomic_load_explicit(&pool->ticket, memory_order_acquire);
  while ((unsigned)(ticket >> 32) == job && (unsigned)ticket != 0) {
    if (!atomic_compare_exchange_weak_explicit(&pool->ticket, &ticket, ticket - 1, memory_order_acq_rel,
                                               memory_order_acquire))
      continue;
    pool->body(pool->context, pool->chunks - (unsigned)ticket);
    atomic_fetch_add_explicit(&pool->done, 1, memory_order_release);
    ticket = atomic_load_explicit(&pool->ticket, memory_order_acquire);
  }
}

static void *worker(void *argument) {
  martlet_pool *pool = argument;
  unsigned seen = 0;
  for (;;) {
    unsigned job = atomic_load_explicit(&pool->wake, memory_order_acquire);
    for (unsigned spins = 0; job == seen && spins < SPINS_BEFORE_SLEEP; spins++) {
      relax();
      job = atomic_load_explicit(&pool->wake, memory_order_acquire);
    }
    if (job == seen) {
      atomic_fetch_add(&pool->sleepers, 1);
      while ((job = atomic_load(&pool->wake)) == seen) sleep_until_changed(&pool->wake, seen);
      atomic_fetch_sub(&pool->sleepers, 1);
    }
    if (atomic_load(&pool->ending)) return NULL;
    seen = job;
    work(pool, job);
  }
}

martlet_pool *martlet_pool_create(unsigned threads) {
  unsigned workers = threads > 1 ? threads - 1 : 0;
  size_t size = (sizeof(martlet_pool) + workers * sizeof(pthread_t) + 63) / 64 * 64;
  martlet_pool *pool = aligned_alloc(64, size);
  if (pool == NULL) return NULL;
  atomic_init(&pool->ticket, 0);
  atomic_init(&pool->done, 0);
  atomic_init(&pool->wake, 0);
  atomic_init(&pool->sleepers, 0);
  atomic_init(&pool->ending, false);
  pthread_mutex_init(&pool->caller, NULL);
  pool->workers = 0;
  while (pool->workers < workers && pthread_create(&pool->threads[pool->workers], NULL, worker, pool) == 0)
    pool->workers++;
  return pool;
}

void martlet_pool_destroy(martlet_pool *pool) {
  if (pool == NULL) return;
  atomic_store(&pool->ending, true);
  atomic_fetch_add(&pool->wake, 1);
  wake_sleepers(&pool->wake, (int)pool->workers);
  for (unsigned i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
  pthread_mutex_destroy(&pool->caller);
  free(pool);
}

unsigned martlet_pool_threads(const martlet_pool *pool) { return pool->workers + 1; }

void martlet_pool_run(martlet_pool *pool, size_t chunks, void (*body)(void *context, size_t chunk), void *context) {
  if (pool->workers == 0 || chunks <= 1) {
    for (size_t i = 0; i < chunks; i++) body(context, i);
    return;
  }
  pthread_mutex_lock(&pool->caller);
  pool->chunks = chunks;
  pool->body = body;
  pool->context = context;
  atomic_store_explicit(&pool->done, 0, memory_order_relaxed);
  unsigned job = atomic_load_explicit(&pool->wake, memory_order_relaxed) + 1;
  atomic_store_explicit(&pool->ticket, (unsigned long long)job << 32 | (unsigned)chunks, memory_order_release);
  atomic_store(&pool->wake, job);
  if (atomic_load(&pool->sleepers) > 0) wake_sleepers(&pool->wake, (int)pool->workers);
  work(pool, job);
  while (atomic_load_explicit(&pool->done, memory_order_acquire) != chunks) relax();
  pthread_mutex_unlock(&pool->caller);
}
