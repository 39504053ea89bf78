import Files
import HTTPKit
import Platform
import Storage

/// The objects of files that a snapshot of the database names, in the order of their names. They are kept in a file,
/// because there may be millions.
final class ObjectList {
    struct Item: Equatable {
        let name: ObjectName
        let sha256: String
        let bytes: Int

        /// Within the archive.
        var entry: String { "files/\(name.folder)/\(name.text)" }
    }

    private static let page = 1000

    private let file: BackupFile
    private var pending: [UInt8] = []
    private var start = 0

    /// Opens a list from its beginning.
    init(_ path: String) throws { file = try BackupFile(reading: path) }

    /// Writes the list of a snapshot to a new file; returns how many objects there are.
    static func write(_ tx: Transaction, to path: String) throws -> Int64 {
        let file = try BackupFile(making: path)
        var after = ""
        var count: Int64 = 0
        while true {
            let lines = try tx.rows(
                "SELECT object, bytes, sha256 FROM file_parts WHERE object > ? ORDER BY object LIMIT ?", [after, page]
            ) { row in
                (try row.string("object"), try row.bytes("sha256").hexadecimal, try row.int("bytes"))
            }
            try file.put(lines.flatMap { Array("\($0.0) \($0.1) \($0.2)\n".utf8) })
            count += Int64(lines.count)
            guard lines.count == page, let last = lines.last else { return count }
            after = last.0
        }
    }

    /// Returns the next object; nil at the end.
    func next() throws -> Item? {
        while true {
            if let end = pending[start...].firstIndex(of: 10) {
                let line = String(decoding: pending[start..<end], as: UTF8.self)
                start = end + 1
                let fields = line.split(separator: " ")
                guard fields.count == 3, let name = ObjectName(fields[0]), let bytes = Int(fields[2]) else {
                    throw StartError("A row of file_parts names no object: \(line.prefix(100))")
                }
                return Item(name: name, sha256: String(fields[1]), bytes: bytes)
            }
            pending.removeFirst(start)
            start = 0
            guard let more = try file.take() else { return nil }
            pending += more
        }
    }
}
