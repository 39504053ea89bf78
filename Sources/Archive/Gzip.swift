import CZlib

/// Compresses bytes that are in memory as a whole.
package enum Gzip {
    package static func compress(_ bytes: [UInt8]) throws(ArchiveError) -> [UInt8] {
        try Deflater().compress(bytes, isLast: true)
    }
}

/// Compresses a stream in gzip's format.
final class Deflater {
    /// Fast enough for a disk, and within a few percent of the smallest.
    private static let level: Int32 = 6
    private static let step = 256 << 10

    // zlib refers to the stream by its address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() throws(ArchiveError) {
        stream.initialize(to: z_stream())
        guard CZlib_beginDeflate(stream, Self.level) == Z_OK else {
            throw ArchiveError(.memory, "there is no memory to compress with")
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// Returns what is compressed so far and was not returned before; after the last bytes, all of it.
    func compress(_ bytes: [UInt8], isLast: Bool) -> [UInt8] {
        var result: [UInt8] = []
        bytes.withUnsafeBufferPointer { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            var isDone = false
            while !isDone {
                let piece = [UInt8](unsafeUninitializedCapacity: Self.step) { space, count in
                    stream.pointee.next_out = space.baseAddress
                    stream.pointee.avail_out = UInt32(space.count)
                    let status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    count = space.count - Int(stream.pointee.avail_out)
                    isDone = isLast ? status != Z_OK : count < space.count
                }
                result += piece
            }
        }
        return result
    }
}

/// Expands a compressed stream a piece at a time, so that a small archive of a huge file takes little memory.
final class Inflater: ArchiveSource {
    private static let step = 256 << 10

    private let source: any ArchiveSource
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var input: [UInt8] = []
    private var used = 0
    private var isAtEnd = false

    /// - Parameter isRaw: whether the stream has no header, as in a ZIP archive; else it is in gzip's format.
    init(_ source: any ArchiveSource, isRaw: Bool = false) throws(ArchiveError) {
        self.source = source
        stream.initialize(to: z_stream())
        guard (isRaw ? CZlib_beginRawInflate(stream) : CZlib_beginInflate(stream)) == Z_OK else {
            throw ArchiveError(.memory, "there is no memory to expand with")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func next() async throws -> [UInt8]? {
        while !isAtEnd {
            if used == input.count {
                guard let more = try await source.next() else { throw ArchiveError.cutOff(in: "its compressed data") }
                (input, used) = (more, 0)
            }
            let piece = try expand()
            if !piece.isEmpty { return piece }
        }
        if used < input.count {
            throw ArchiveError(.damaged, "bytes follow the end of its compressed data")
        }
        if try await source.next() != nil {
            throw ArchiveError(.damaged, "bytes follow the end of its compressed data")
        }
        return nil
    }

    private func expand() throws(ArchiveError) -> [UInt8] {
        var status = Z_OK
        let piece = input.withUnsafeBufferPointer { bytes in
            stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress! + used)
            stream.pointee.avail_in = UInt32(bytes.count - used)
            return [UInt8](unsafeUninitializedCapacity: Self.step) { space, count in
                stream.pointee.next_out = space.baseAddress
                stream.pointee.avail_out = UInt32(space.count)
                status = inflate(stream, Z_NO_FLUSH)
                count = space.count - Int(stream.pointee.avail_out)
            }
        }
        used = input.count - Int(stream.pointee.avail_in)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isAtEnd = true
        case Z_MEM_ERROR: throw ArchiveError(.memory, "there is no memory to expand with")
        default: throw ArchiveError(.damaged, "its compressed data is not as it was written")
        }
        return piece
    }
}
