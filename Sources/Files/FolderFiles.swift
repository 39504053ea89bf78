import Foundation
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The system calls of a folder store. They block, and throw `StoreError`.
enum FolderFiles {
    /// Makes each folder that does not exist, for its owner only, and syncs it into its parent.
    static func make(folders: [String]) throws {
        for path in folders where mkdir(path, 0o700) != 0 {
            if errno == EEXIST { continue }
            guard errno == ENOENT, path == folders.first else { throw error("the folder \(path) cannot be made") }
            do {
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            } catch {
                throw StoreError(.misconfigured, detail: "the folder \(path) cannot be made: \(error)")
            }
        }
    }

    /// Writes a file that is not there yet and syncs it. Leaves nothing if that fails.
    static func write(_ bytes: ByteBuffer, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw error("\(path) cannot be made") }
        do {
            defer { close(file) }
            try bytes.withUnsafeReadableBytes { bytes in
                var written = 0
                while written < bytes.count {
                    let count = systemWrite(file, bytes.baseAddress! + written, bytes.count - written)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw error("\(path) cannot be written") }
                    written += count
                }
            }
            guard fsync(file) == 0 else { throw error("\(path) cannot be written to disk") }
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Gives a file its last name, and syncs the folder that it is in then. Removes the file if that fails.
    static func move(_ draft: String, to path: String, in folder: String) throws {
        guard rename(draft, path) == 0 else {
            let failure = error("\(path) cannot be made")
            unlink(draft)
            throw failure
        }
        // The folders themselves may be new.
        for folder in [folder, (folder as NSString).deletingLastPathComponent] {
            do {
                try sync(folder: folder)
            } catch {
                unlink(path)
                throw error
            }
        }
    }

    private static func sync(folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw error("\(folder) cannot be read") }
        defer { close(descriptor) }
        // Some network file systems have no sync of folders.
        guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
            throw error("\(folder) cannot be written to disk")
        }
    }

    /// Returns nil if the file is not there.
    static func read(_ path: String, _ range: Range<Int>?) throws -> ByteBuffer? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw error("\(path) cannot be read")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw error("\(path) cannot be read") }
        let size = Int(status.st_size)
        guard size <= ObjectLimits.maxObject else { throw StoreError(.damaged, detail: "\(path) is too large") }
        let wanted = (range ?? 0..<size).clamped(to: 0..<size)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(wanted.count)
        var offset = wanted.lowerBound
        while offset < wanted.upperBound {
            let count = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted.upperBound - offset) { space in
                let count = pread(file, space.baseAddress!, wanted.upperBound - offset, off_t(offset))
                return max(0, count)
            }
            if count == 0 { throw error("\(path) cannot be read") }
            offset += count
        }
        return buffer
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT || errno == ENOTDIR else { throw error("\(path) cannot be removed") }
    }

    /// Returns no names if the folder is not there.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            if errno == ENOENT { return [] }
            throw error("\(folder) cannot be read")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }

    /// Returns nil for what is not a plain file.
    static func attributes(_ path: String) -> (bytes: Int, modifiedAt: Date)? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return (Int(status.st_size), Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec)))
    }

    /// Reads `errno`.
    private static func error(_ what: String) -> StoreError {
        let code = errno
        let kind: StoreError.Kind =
            switch code {
            case ENOSPC, EDQUOT, EFBIG: .full
            case EACCES, EPERM, EROFS, ENOTDIR, ELOOP: .misconfigured
            default: .unavailable
            }
        let advice: String? =
            switch kind {
            case .full: "the disk or the user's share of it is full"
            case .misconfigured: "the server's user may not write in the folder of FILES_URL"
            default: nil
            }
        return StoreError(kind, detail: "\(what): \(String(cString: strerror(code)))", advice: advice)
    }
}

/// `write`, which a method of the same name would hide.
private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int { write(file, bytes, count) }
