#include "../x86.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/avx512/graph.c"
#endif
