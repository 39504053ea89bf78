#include <zlib.h>

// deflateInit2 and inflateInit2 are macros, which Swift does not see. 16 more than the window's size: in gzip's format.

static inline int CZlib_beginDeflate(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}

static inline int CZlib_beginInflate(z_stream *stream) { return inflateInit2(stream, MAX_WBITS + 16); }

// Without a header, as the entries of a ZIP archive are.
static inline int CZlib_beginRawInflate(z_stream *stream) { return inflateInit2(stream, -MAX_WBITS); }
