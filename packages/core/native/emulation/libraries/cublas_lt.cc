// Nothing of cuBLASLt is called: it is here for the loader of libraries, which opens it before cuBLAS.
#include "stand_in.h"
