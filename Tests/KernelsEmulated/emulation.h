// SIMDe (SIMD Everywhere) carries out one processor's vector instructions on any other. Its headers name them as the
// processors' own headers do.
#pragma once

// Without SIMDe's headers nothing is emulated, and a test says so: the program itself does not need them.
#if __has_include(<simde/x86/avx512.h>)
#define MARTLET_EMULATED 1
#define SIMDE_ENABLE_NATIVE_ALIASES

// Loops stay loops: unrolled, emulated instructions take minutes to compile.
#define UNROLL

// Vectors that the processor lacks are passed in memory, which concerns nobody outside of one file.
#pragma clang diagnostic ignored "-Wpsabi"
#pragma clang diagnostic ignored "-Wunused-function"
#pragma clang diagnostic ignored "-Wpass-failed"
#endif
