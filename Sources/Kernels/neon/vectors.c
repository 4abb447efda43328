#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#include "../bodies/vectors.h"
#include "../bodies/gradients.h"
#endif
