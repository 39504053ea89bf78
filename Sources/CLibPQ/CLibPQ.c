#include "CLibPQ.h"

#include <dlfcn.h>
#include <stddef.h>

const char *LibPQ_load(struct LibPQ *functions) {
    void *library = dlopen("libpq.so.5", RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
#define LOAD(name)                                                                                                     \
    if (!(functions->name = dlsym(library, #name))) return dlerror();
    LIBPQ_FUNCTIONS(LOAD)
#undef LOAD
    return NULL;
}
