// The AVX-512 form: x86-64 with AVX-512 F, BW, VL, DQ and VNNI. With MARTLET_EMULATED it is compiled for any
// processor, under other names: Tests/KernelsEmulated gives it the intrinsics.
#pragma once

#include "../forms.h"
#include "../scalar.h"

#if defined(MARTLET_EMULATED)
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_emulated_avx512_##name
MARTLET_DECLARE_QUANTIZED(emulated_avx512)
MARTLET_DECLARE_FLOATS(emulated_avx512)
MARTLET_DECLARE_GRAPHS(emulated_avx512)
#define TARGET
#define TARGET_BF16
#define HAS_BFLOAT16_DOT true
#define INLINE static inline  // inlined everywhere, emulated instructions take minutes to compile
#elif defined(__x86_64__)
#include <immintrin.h>
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_avx512_##name
#define TARGET __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define TARGET_BF16 __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx512bf16")))
#define HAS_BFLOAT16_DOT martlet_has_bfloat16_dot()
#define INLINE static inline __attribute__((always_inline)) TARGET
#endif
