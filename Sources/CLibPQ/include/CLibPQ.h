#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

#define LIBPQ_FUNCTIONS(EACH)                                                                                          \
    EACH(PQbackendPID)                                                                                                 \
    EACH(PQclear)                                                                                                      \
    EACH(PQcmdStatus)                                                                                                  \
    EACH(PQcmdTuples)                                                                                                  \
    EACH(PQconnectdbParams)                                                                                            \
    EACH(PQconsumeInput)                                                                                               \
    EACH(PQenterPipelineMode)                                                                                          \
    EACH(PQerrorMessage)                                                                                               \
    EACH(PQexitPipelineMode)                                                                                           \
    EACH(PQfinish)                                                                                                     \
    EACH(PQfname)                                                                                                      \
    EACH(PQftype)                                                                                                      \
    EACH(PQgetisnull)                                                                                                  \
    EACH(PQgetlength)                                                                                                  \
    EACH(PQgetResult)                                                                                                  \
    EACH(PQgetvalue)                                                                                                   \
    EACH(PQisBusy)                                                                                                     \
    EACH(PQnfields)                                                                                                    \
    EACH(PQntuples)                                                                                                    \
    EACH(PQpipelineSync)                                                                                               \
    EACH(PQresultErrorField)                                                                                           \
    EACH(PQresultStatus)                                                                                               \
    EACH(PQsendPrepare)                                                                                                \
    EACH(PQsendQuery)                                                                                                  \
    EACH(PQsendQueryParams)                                                                                            \
    EACH(PQsendQueryPrepared)                                                                                          \
    EACH(PQsetNoticeReceiver)                                                                                          \
    EACH(PQsocket)                                                                                                     \
    EACH(PQstatus)

/// libpq's functions under their own names.
struct LibPQ {
#define FIELD(name) __typeof__(name) *name;
    LIBPQ_FUNCTIONS(FIELD)
#undef FIELD
};

/// Loads the library; returns why it cannot be used, or NULL.
const char *LibPQ_load(struct LibPQ *functions);
