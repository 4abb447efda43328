// What libFuzzer calls for each input. C, since a Swift program would bring a main of its own.
#include <stddef.h>
#include <stdint.h>

int martlet_fuzz(const uint8_t *bytes, intptr_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) { return martlet_fuzz(bytes, (intptr_t)count); }
