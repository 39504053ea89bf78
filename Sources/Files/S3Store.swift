package import Foundation
package import NIOCore
import NIOHTTP1
package import Upstream

/// Keeps objects in a bucket of Amazon's S3 or of a compatible service, addressed by path.
package struct S3Store: ByteStore {
    package struct Location: Sendable, Equatable {
        /// Such as `https://s3.eu-central-1.amazonaws.com`, without a slash at the end.
        package let endpoint: String
        package let region: String
        package let bucket: String
        /// Begins every key; empty or without slashes around it.
        package let prefix: String

        package init(endpoint: String, region: String, bucket: String, prefix: String) {
            self.endpoint = endpoint
            self.region = region
            self.bucket = bucket
            self.prefix = prefix
        }
    }

    private static let attempts = 4
    /// Before the second attempt; it doubles.
    private static let backoff = Duration.milliseconds(200)
    /// For one attempt.
    private static let patience = Duration.seconds(60)
    /// Bytes of a list, in which an object takes up to half a kilobyte.
    private static let longestList = 8 << 20
    /// The most that S3 lists at once.
    private static let longestPage = 1000

    package let location: Location
    private let signature: S3Signature
    private let http: UpstreamClient
    private let now: @Sendable () -> Date

    package init(
        _ location: Location, accessKey: String, secretKey: String, http: UpstreamClient,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.location = location
        self.http = http
        self.now = now
        signature = S3Signature(region: location.region, accessKey: accessKey, secretKey: secretKey)
    }

    package func put(_ bytes: ByteBuffer, as name: ObjectName) async throws {
        try ObjectLimits.check(bytes)
        try await send(.PUT, key(name), body: bytes, takes: [200])
    }

    package func get(_ name: ObjectName, _ range: Range<Int>?) async throws -> ByteBuffer? {
        if let range, range.isEmpty { return ByteBuffer() }
        let headers = range.map { [(name: "Range", value: "bytes=\($0.lowerBound)-\($0.upperBound - 1)")] } ?? []
        let answer = try await send(
            .GET, key(name), headers: headers, takes: [200, 206, 404, 416], most: ObjectLimits.maxObject)
        switch answer.status {
        case 404: return nil
        case 416: return ByteBuffer()
        case _ where answer.isPart: return answer.body
        default:
            guard let range else { return answer.body }
            // A server may ignore the range.
            let wanted = range.clamped(to: 0..<answer.body.readableBytes)
            return answer.body.getSlice(at: answer.body.readerIndex + wanted.lowerBound, length: wanted.count)
        }
    }

    package func remove(_ name: ObjectName) async throws {
        try await send(.DELETE, key(name), takes: [200, 202, 204, 404])
    }

    package func list(after: ObjectName?, limit: Int) async throws -> [StoredObject] {
        var found: [StoredObject] = []
        var token: String?
        repeat {
            var query = [
                (name: "list-type", value: "2"), (name: "prefix", value: folder),
                (name: "max-keys", value: String(Self.longestPage)),
            ]
            if let token {
                query.append((name: "continuation-token", value: token))
            } else if let after {
                query.append((name: "start-after", value: key(after)))
            }
            let answer = try await send(.GET, "", query: query, takes: [200], most: Self.longestList)
            guard let page = S3List(String(buffer: answer.body)) else {
                throw StoreError(.unavailable, detail: "the list of objects cannot be read")
            }
            for entry in page.entries {
                guard let name = name(of: entry.key), after.map({ $0 < name }) ?? true else { continue }
                found.append(StoredObject(name: name, bytes: entry.bytes, modifiedAt: entry.modifiedAt))
            }
            token = page.next
        } while token != nil && found.count < limit
        // Some servers sort otherwise than by bytes, or not at all.
        return Array(found.sorted { $0.name < $1.name }.prefix(limit))
    }

    /// An upload of S3's is there when it is complete and not before.
    package func removeUnfinished(before: Date) async throws {}

    // MARK: Names

    var folder: String { location.prefix.isEmpty ? "" : "\(location.prefix)/" }

    private func key(_ name: ObjectName) -> String { "\(folder)\(name.folder)/\(name.text)" }

    private func name(of key: String) -> ObjectName? {
        guard key.hasPrefix(folder) else { return nil }
        let parts = key.dropFirst(folder.count).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let name = ObjectName(parts[1]), name.folder == parts[0] else { return nil }
        return name
    }

    // MARK: Requests

    struct Answer {
        let status: UInt
        /// Some servers answer a range with 200.
        let isPart: Bool
        let body: ByteBuffer
    }

    /// Repeats what may succeed later.
    @discardableResult
    func send(
        _ method: HTTPMethod, _ key: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer(), takes statuses: Set<UInt>,
        most: Int = 64 << 10
    ) async throws -> Answer {
        let bodyHash = S3Signature.hash(Array(body.readableBytesView))
        var pause = Self.backoff
        var attempt = 1
        while true {
            do {
                return try await sendOnce(
                    method, key, query: query, headers: headers, body: body, bodyHash, takes: statuses, most: most)
            } catch let error as StoreError where error.kind == .unavailable && attempt < Self.attempts {
                try await Task.sleep(for: pause * Double.random(in: 0.5...1))
                pause = pause * 2
                attempt += 1
            }
        }
    }

    private func sendOnce(
        _ method: HTTPMethod, _ key: String, query: [(name: String, value: String)],
        headers: [(name: String, value: String)], body: ByteBuffer, _ bodyHash: String, takes statuses: Set<UInt>,
        most: Int
    ) async throws -> Answer {
        let path =
            "/" + S3Signature.escape(location.bucket) + (key.isEmpty ? "" : "/")
            + S3Signature.escape(key, keepingSlashes: true)
        let answer: (head: HTTPResponseHead, body: ByteBuffer)
        do {
            let place = try UpstreamRequest(url: location.endpoint)
            let standardPort = place.isSecure ? 443 : 80
            let host = place.host.contains(":") ? "[\(place.host)]" : place.host
            let signed = S3Signature.Request(
                method: method.rawValue, host: place.port == standardPort ? host : "\(host):\(place.port)", path: path,
                query: query, headers: headers, bodyHash: bodyHash)
            let all = signature.headers(for: signed, at: now())
            let suffix = query.isEmpty ? "" : "?\(signed.escapedQuery)"
            var request = try UpstreamRequest(
                url: location.endpoint + path + suffix, method: method,
                headers: HTTPHeaders(all.map { ($0.name, $0.value) }))
            request.body = body
            answer = try await http.answer(to: request, upTo: most, within: Self.patience)
        } catch let error as UpstreamError {
            throw StoreError(
                error.kind == .notAllowed ? .misconfigured : .unavailable, detail: "S3: \(error.detail)",
                advice: "S3_ENDPOINT cannot be reached")
        }
        let status = answer.head.status.code
        let code = status < 300 ? nil : S3List.text(of: "Code", in: String(buffer: answer.body)).map(String.init)
        // A bucket that is missing is not an object that is missing.
        guard statuses.contains(status), code != "NoSuchBucket" else {
            throw Self.error(status, code)
        }
        return Answer(
            status: status, isPart: status == 206 || answer.head.headers.contains(name: "Content-Range"),
            body: answer.body)
    }

    /// What is probably wrong, by S3's own code, which not every service sends.
    private static func advice(_ status: UInt, _ code: String?) -> String? {
        switch (status, code) {
        case (_, "InvalidAccessKeyId"): "S3 does not know S3_ACCESS_KEY"
        case (_, "SignatureDoesNotMatch"): "S3_SECRET_KEY does not belong to S3_ACCESS_KEY"
        case (_, "RequestTimeTooSkewed"): "this machine's clock is wrong"
        case (_, "NoSuchBucket"): "the bucket that FILES_URL names does not exist"
        case (_, "AuthorizationHeaderMalformed"), (_, "PermanentRedirect"), (301, _), (307, _):
            "the bucket is in another region than S3_REGION, or at another S3_ENDPOINT"
        case (507, _), (_, "QuotaExceeded"), (_, "XMinioStorageFull"): "the bucket is full"
        case (_, "AccessDenied"), (403, _):
            "the key S3_ACCESS_KEY may not read, write and delete in this bucket, or is wrong"
        case (404, _): "there is no such bucket at S3_ENDPOINT"
        default: nil
        }
    }

    private static func error(_ status: UInt, _ code: String?) -> StoreError {
        let kind: StoreError.Kind =
            switch (status, code) {
            // A clock that is wrong, or a request that took too long to arrive, may be right the next time.
            case (_, "RequestTimeTooSkewed"), (_, "RequestTimeout"): .unavailable
            case (507, _), (_, "QuotaExceeded"), (_, "XMinioStorageFull"): .full
            case (400..<500, _) where status != 408 && status != 409 && status != 429: .misconfigured
            case (300..<400, _): .misconfigured
            default: .unavailable
            }
        return StoreError(
            kind, detail: "S3 answered \(status)\(code.map { " \($0.prefix(100))" } ?? "")",
            advice: advice(status, code))
    }
}
