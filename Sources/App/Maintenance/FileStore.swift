import Files
import Foundation
import Platform
import Upstream

extension ServerConfiguration {
    /// The store of the bytes of files.
    func fileStore(http: UpstreamClient) throws(StartError) -> any ByteStore {
        let beside = KeyFiles.file(of: databaseURL).map { path in
            let folder = (path as NSString).deletingLastPathComponent
            return folder.isEmpty ? "files" : "\(folder)/files"
        }
        guard let store = (files ?? .folder(beside ?? "data/files")).store(s3: s3, http: http) else {
            throw StartError("FILES_URL names a bucket, which needs S3_ACCESS_KEY and S3_SECRET_KEY.")
        }
        return store
    }
}
