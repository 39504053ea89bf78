import Files
import Foundation
import Upstream

extension Doctor {
    /// Stores, reads and deletes a small object, unless the folder is still to be made.
    func files() async -> Finding {
        let place: String
        switch configuration.filesLocation {
        case .folder(let path):
            place = path
            if !FileManager.default.fileExists(atPath: path) { return newFolder(path) }
        case .bucket(let name, let prefix): place = "s3://\(name)\(prefix.isEmpty ? "" : "/\(prefix)")"
        }
        let http = UpstreamClient()
        defer { http.shutdown() }
        do {
            try await configuration.fileStore(http: http).check()
            return Finding(subject: "files", isWell: true, text: "\(place) is writable")
        } catch let error as StoreError {
            let advice = error.advice.map { "\($0) (\(error.detail))" } ?? error.detail
            return Finding(subject: "files", isWell: false, text: "\(place): \(advice)")
        } catch {
            return Finding(subject: "files", isWell: false, text: "\(place): \(error)")
        }
    }

    private func newFolder(_ path: String) -> Finding {
        let isWritable = Self.isFolderWritable(above: path)
        return Finding(
            subject: "files", isWell: isWritable,
            text: isWritable ? "\(path) will be made when a file is stored" : "\(path) cannot be made there")
    }
}
