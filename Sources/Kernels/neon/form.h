// The NEON form: AArch64 with dot products (ARMv8.2). With MARTLET_EMULATED it is compiled through SIMDe, under other
// names, so that its results can be tested on any machine.
#pragma once

#include "../forms.h"
#include "../scalar.h"

#if defined(MARTLET_EMULATED)
#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/arm/neon.h>
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_emulated_neon_##name
MARTLET_DECLARE_QUANTIZED(emulated_neon)
MARTLET_DECLARE_FLOATS(emulated_neon)
#define TARGET
#elif defined(__aarch64__)
#include <arm_neon.h>
#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_neon_##name
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#endif
#define INLINE static inline __attribute__((always_inline)) TARGET
