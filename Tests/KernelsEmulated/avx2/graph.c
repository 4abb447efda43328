#include "../x86.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/avx2/graph.c"
#endif
