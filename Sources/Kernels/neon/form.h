// The NEON form: AArch64 with dot products (ARMv8.2). With MARTLET_EMULATED it is compiled for any
// processor, under other names: Tests/KernelsEmulated gives it the intrinsics.
#pragma once

#include "../forms.h"
#include "../scalar.h"

#if defined(MARTLET_EMULATED)
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_emulated_neon_##name
MARTLET_DECLARE_QUANTIZED(emulated_neon)
MARTLET_DECLARE_FLOATS(emulated_neon)
MARTLET_DECLARE_GRAPHS(emulated_neon)
#define TARGET
#define INLINE static inline  // inlined everywhere, emulated instructions take minutes to compile
#elif defined(__aarch64__)
#include <arm_neon.h>
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_neon_##name
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#endif
