#include <hiredis/hiredis.h>

#define HIREDIS_FUNCTIONS(EACH)                                                                                        \
    EACH(freeReplyObject)                                                                                              \
    EACH(redisAppendCommandArgv)                                                                                       \
    EACH(redisBufferRead)                                                                                              \
    EACH(redisBufferWrite)                                                                                             \
    EACH(redisConnectWithTimeout)                                                                                      \
    EACH(redisFree)                                                                                                    \
    EACH(redisReaderGetReply)                                                                                          \
    EACH(redisSetTimeout)

/// hiredis' functions under their own names.
struct Hiredis {
#define FIELD(name) __typeof__(name) *name;
    HIREDIS_FUNCTIONS(FIELD)
#undef FIELD
};

/// Loads the library; returns why it cannot be used, or NULL.
const char *Hiredis_load(struct Hiredis *functions);
