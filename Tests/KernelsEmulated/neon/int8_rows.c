#include "../neon.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/neon/int8_rows.c"
#endif
