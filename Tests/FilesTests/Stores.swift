import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Texts
import Upstream

@testable import Files

/// Without a limit that a loaded machine could meet.
let http = UpstreamClient(connectTimeout: .seconds(30))

/// A store of a test's own, and how to make it anew as another process would.
struct TestStore: Sendable, CustomTestStringConvertible {
    enum Kind: String, Sendable, CaseIterable { case folder, rclone, moto }

    let kind: Kind
    var testDescription: String { kind.rawValue }

    static let all = Kind.allCases.map(TestStore.init)

    func run(_ test: (_ store: any ByteStore) async throws -> Void) async throws {
        switch kind {
        case .folder:
            let folder = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID())").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            try await test(FolderStore(path: "\(folder)/made/on demand"))
        case .rclone, .moto:
            let server = try await S3Server.shared(kind)
            try await test(server.store(prefix: "tests/\(UUID())"))
        }
    }
}

/// A server that speaks S3, on loopback: one of each kind for all tests, ended with the process.
final class S3Server: Sendable {
    static let bucket = "files"

    let endpoint: String
    private nonisolated(unsafe) let process: Process

    private static let servers = Mutex<[TestStore.Kind: Task<S3Server, any Error>]>([:])

    static func shared(_ kind: TestStore.Kind) async throws -> S3Server {
        let task = try servers.withLock { servers in
            if let task = servers[kind] { return task }
            let tools = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../.venv-tests/bin")
            let program = try neededProgram(
                tools.standardizedFileURL.appending(path: kind == .moto ? "moto_server" : "rclone").path)
            let task = Task { try await S3Server(kind, program) }
            servers[kind] = task
            return task
        }
        return try await task.value
    }

    private init(_ kind: TestStore.Kind, _ program: String) async throws {
        let port = freePort()
        endpoint = "http://127.0.0.1:\(port)"
        let folder = FileManager.default.temporaryDirectory.appending(path: "s3-\(kind)-\(port)").path
        try FileManager.default.createDirectory(
            atPath: "\(folder)/\(Self.bucket)", withIntermediateDirectories: true)
        process = Process()
        // Ends with the tests, also if they are killed.
        process.executableURL = URL(filePath: "/usr/bin/setpriv")
        process.arguments =
            ["--pdeathsig", "KILL", program]
            + (kind == .moto
                ? ["-H", "127.0.0.1", "-p", "\(port)"]
                : ["serve", "s3", folder, "--addr", "127.0.0.1:\(port)", "--auth-key", "key,secret", "--quiet"])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let answer = try? await answer("GET", "/"), answer < 500 { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        if kind == .moto { #expect(try await answer("PUT", "/\(Self.bucket)") == 200) }
    }

    func store(
        prefix: String, bucket: String = S3Server.bucket, secretKey: String = "secret",
        now: @escaping @Sendable () -> Date = { Date() }
    ) -> S3Store {
        S3Store(
            S3Store.Location(endpoint: endpoint, region: "us-east-1", bucket: bucket, prefix: prefix),
            accessKey: "key", secretKey: secretKey, http: http, now: now)
    }

    private func answer(_ method: String, _ path: String) async throws -> UInt {
        let signed = S3Signature.Request(
            method: method, host: String(endpoint.dropFirst("http://".count)), path: path,
            bodyHash: S3Signature.hash([]))
        let headers = S3Signature(region: "us-east-1", accessKey: "key", secretKey: "secret")
            .headers(for: signed, at: Date())
        let request = try UpstreamRequest(
            url: endpoint + path, method: .init(rawValue: method), headers: .init(headers.map { ($0.name, $0.value) }))
        return try await http.answer(to: request, upTo: 1 << 20, within: .seconds(30)).head.status.code
    }
}

/// The kind of the error that the work throws; nil if it throws none of the store's.
func storeError(_ work: () async throws -> Void) async -> StoreError.Kind? {
    do {
        try await work()
        return nil
    } catch {
        return (error as? StoreError)?.kind
    }
}
