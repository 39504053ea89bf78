package import Files
import Foundation
package import Platform
package import Upstream

extension ServerConfiguration {
    /// Where the bytes of files are.
    var filesLocation: FilesLocation {
        let beside = KeyFiles.file(of: databaseURL).map { path in
            let folder = (path as NSString).deletingLastPathComponent
            return folder.isEmpty ? "files" : "\(folder)/files"
        }
        return files ?? .folder(beside ?? "data/files")
    }

    /// The store of the bytes of files.
    package func fileStore(http: UpstreamClient) throws(StartError) -> any ByteStore {
        guard let store = filesLocation.store(s3: s3, http: http) else {
            throw StartError("FILES_URL names a bucket, which needs S3_ACCESS_KEY and S3_SECRET_KEY.")
        }
        return store
    }
}
