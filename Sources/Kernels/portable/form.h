// The portable form: plain C, the one the others are compared with.
#pragma once

#include "../forms.h"
#include "../scalar.h"

#define MARTLET_FORM_COMPILES 1
#define FORM(name) martlet_portable_##name
#define TARGET
#define INLINE static inline
