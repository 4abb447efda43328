// The AVX2 form: x86-64 with AVX2, FMA and F16C. With MARTLET_EMULATED it is compiled for any
// processor, under other names: Tests/KernelsEmulated gives it the intrinsics.
#pragma once

#include "../forms.h"
#include "../scalar.h"

#if defined(MARTLET_EMULATED)
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_emulated_avx2_##name
MARTLET_DECLARE_QUANTIZED(emulated_avx2)
MARTLET_DECLARE_FLOATS(emulated_avx2)
MARTLET_DECLARE_GRAPHS(emulated_avx2)
#define TARGET
#define KEEP(vector) ((void)0)
#define KEEP_IN_MEMORY(object) ((void)0)
#define INLINE static inline  // inlined everywhere, emulated instructions take minutes to compile
#elif defined(__x86_64__)
#include <immintrin.h>
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_avx2_##name
#define TARGET __attribute__((target("avx2,fma,f16c")))
// Leaves a sum in its register and its order as written: compilers turn a chain of additions into a tree, whose
// branches then wait in memory.
#define KEEP(vector) __asm__("" : "+x"(vector))
// Has an object stored here and loaded again afterwards: compilers would rather hold it in registers, and spill others.
#define KEEP_IN_MEMORY(object) __asm__("" : "+m"(object))
#define INLINE static inline __attribute__((always_inline)) TARGET
#endif
