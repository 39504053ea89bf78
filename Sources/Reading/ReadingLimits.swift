/// What one file may take.
package enum ReadingLimits {
    /// Text of a file, in bytes.
    package static let text = 16 << 20
    package static let blocks = 200_000
    package static let pages = 5000
    /// Pages without text, of which a picture is recognized.
    static let scannedPages = 100
    /// Bytes that are packed in an archive.
    static let unpacked = 512 << 20
    static let archiveEntries = 10_000
    /// What a program may print, in bytes.
    static let output = 64 << 20
    /// Address space of one process, in bytes.
    static let memory: UInt64 = 1 << 30
    /// CPU time of one process, in seconds.
    static let cpuSeconds: UInt64 = 300
    /// For the whole file.
    static let time = Duration.seconds(900)
}
