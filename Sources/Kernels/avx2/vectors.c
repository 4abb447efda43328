#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"
// The loops, in this form's vectors.
#include "../bodies/vectors.h"
#include "../bodies/gradients.h"
#endif
