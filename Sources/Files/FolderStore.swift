package import Foundation
package import NIOCore
import NIOPosix

/// Keeps objects as files in a folder, in 256 folders by the first byte of the name. Every call works on threads of its
/// own, since disks block.
package final class FolderStore: ByteStore {
    private static let threadCount = 4
    private static let unfinishedFolder = "unfinished"

    package let path: String
    private let threads: NIOThreadPool

    /// - Parameter path: made if it does not exist, readable by its owner only.
    package init(path: String) {
        self.path = path
        threads = NIOThreadPool(numberOfThreads: Self.threadCount)
        threads.start()
    }

    deinit {
        threads.shutdownGracefully { _ in }
    }

    package func put(_ bytes: ByteBuffer, as name: ObjectName) async throws {
        try ObjectLimits.check(bytes)
        try await onThread { [path] in
            let unfinished = "\(path)/\(Self.unfinishedFolder)"
            let folder = "\(path)/\(name.folder)"
            try FolderFiles.make(folders: [path, unfinished, folder])
            let draft = "\(unfinished)/\(name.text)"
            try FolderFiles.write(bytes, to: draft)
            try FolderFiles.move(draft, to: "\(folder)/\(name.text)", in: folder)
        }
    }

    package func get(_ name: ObjectName, _ range: Range<Int>?) async throws -> ByteBuffer? {
        try await onThread { [path] in try FolderFiles.read("\(path)/\(name.folder)/\(name.text)", range) }
    }

    package func remove(_ name: ObjectName) async throws {
        try await onThread { [path] in try FolderFiles.remove("\(path)/\(name.folder)/\(name.text)") }
    }

    package func list(after: ObjectName?, limit: Int) async throws -> [StoredObject] {
        try await onThread { [path] in
            var found: [StoredObject] = []
            for byte in UInt8.min ... .max {
                let folder = [byte].hexadecimal
                if let after, folder < after.folder { continue }
                for name in try FolderFiles.names(in: "\(path)/\(folder)").compactMap({ ObjectName($0) }).sorted() {
                    guard found.count < limit else { return found }
                    if let after, name <= after { continue }
                    // One that is removed meanwhile has no attributes any more.
                    guard name.folder == folder, let file = FolderFiles.attributes("\(path)/\(folder)/\(name.text)")
                    else { continue }
                    found.append(StoredObject(name: name, bytes: file.bytes, modifiedAt: file.modifiedAt))
                }
            }
            return found
        }
    }

    package func removeUnfinished(before: Date) async throws {
        try await onThread { [path] in
            let folder = "\(path)/\(Self.unfinishedFolder)"
            for name in try FolderFiles.names(in: folder) where ObjectName(name) != nil {
                guard let file = FolderFiles.attributes("\(folder)/\(name)"), file.modifiedAt < before else { continue }
                try FolderFiles.remove("\(folder)/\(name)")
            }
        }
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await threads.runIfActive(work)
    }
}
