#include "CHiredis.h"

#include <dlfcn.h>
#include <stddef.h>

// Its structures change with its version, so it must be the one that the headers are of.
#define TEXT(value) #value
#define LIBRARY(version) "libhiredis.so." TEXT(version)

const char *Hiredis_load(struct Hiredis *functions) {
    void *library = dlopen(LIBRARY(HIREDIS_SONAME), RTLD_NOW | RTLD_LOCAL);
    if (!library) return dlerror();
#define LOAD(name)                                                                                                     \
    if (!(functions->name = dlsym(library, #name))) return dlerror();
    HIREDIS_FUNCTIONS(LOAD)
#undef LOAD
    return NULL;
}
