/// Why a file was not read, as its `error_code` says it.
package enum ReadingFailure: String, Error, Sendable, CaseIterable {
    /// The file has no bytes.
    case emptyFile = "empty_file"
    /// The file was read, and has no text.
    case noText = "no_text"
    case unsupportedFormat = "unsupported_format"
    /// A program that reads this format is not installed on the server.
    case readerMissing = "reader_missing"
    /// The file needs a password.
    case encrypted
    /// The file is not what its format demands.
    case damaged
    /// The text, what is packed in the file, or the memory to read it is beyond the limits.
    case tooLarge = "too_large"
    case tooManyPages = "too_many_pages"
    case tooSlow = "too_slow"
    /// The server cannot guard the programs that read files.
    case readingOff = "reading_off"
    /// Several attempts failed through no fault of the file.
    case readingFailed = "reading_failed"
    /// The workspace has no room for the text.
    case planLimitReached = "plan_limit_reached"
}
