import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport
import Testing

@testable import Upstream

@Suite struct EgressTests {
    /// Answers from a list, one look-up after another; the last one repeats.
    private final class Names: AddressResolver {
        private let answers: [[String]]
        private let asked = Mutex<[String]>([])

        init(_ answers: [String]...) { self.answers = answers }

        var lookUps: [String] { asked.withLock { $0 } }

        func addresses(of name: String) async throws -> [SocketAddress] {
            let number = asked.withLock { asked in
                asked.append(name)
                return asked.count - 1
            }
            return try answers[min(number, answers.count - 1)].map { try SocketAddress(ipAddress: $0, port: 0) }
        }
    }

    private struct Silence: AddressResolver {
        func addresses(of name: String) async throws -> [SocketAddress] {
            try await Task.sleep(for: .seconds(3600))
            return []
        }
    }

    private static let forbidden = [
        "0.0.0.0", "0.1.2.3", "100.100.100.200", "168.63.129.16", "169.254.0.1", "169.254.169.254", "192.0.0.1",
        "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.255",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::2", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:0:8.8.8.8", "64:ff9b::7f00:1",
        "64:ff9b:1::1", "100::1", "1fff::1", "2001::1", "2001:0:4136:e378::1", "2001:2::1", "2001:10::1",
        "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "4000::1", "5f00::1", "fd00:ec2::254",
        "fd20:ce::254", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
    ]
    private static let ofPrivateNetworks = [
        "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254", "172.16.0.1",
        "172.31.255.255", "192.168.0.1", "192.168.255.255", "::1", "fc00::1", "fdff::1",
    ]
    private static let allowed = [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255", "192.0.1.0",
        "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255", "2000::1", "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700::1111", "2a00::1",
        "3ffe::1",
    ]

    @Test(arguments: forbidden) func neverAllows(_ address: String) throws {
        let address = try SocketAddress(ipAddress: address, port: 443)
        #expect(!AddressRules().allow(address))
        #expect(!AddressRules(allowsPrivate: true).allow(address))
    }

    @Test(arguments: ofPrivateNetworks) func allowsWhereTheOperatorDoes(_ address: String) throws {
        let address = try SocketAddress(ipAddress: address, port: 443)
        #expect(!AddressRules().allow(address))
        #expect(AddressRules(allowsPrivate: true).allow(address))
    }

    @Test(arguments: allowed) func allows(_ address: String) throws {
        let address = try SocketAddress(ipAddress: address, port: 443)
        #expect(AddressRules().allow(address))
    }

    @Test func noSocketFile() throws {
        let file = try SocketAddress(unixDomainSocketPath: "/run/x")
        #expect(!AddressRules(allowsPrivate: true).allow(file))
    }

    /// Every spelling of a forbidden place is either no address at all or one that is not allowed.
    @Test(
        arguments: [
            "127.0.0.1", "127.0.0.1.", "127.0.0.1..", "127.1", "127.0.1", "0177.0.0.1", "0x7f.1", "0x7f.0.0.1",
            "0x7f000001",
            "2130706433", "017700000001", "127.0.0.01", "127.0.0.0x1", "0", "0.0.0.0", "00.0.0.0", "1.2.3.4.5",
            "256.1.1.1",
            "user@127.0.0.1", "user:password@8.8.8.8", "8.8.8.8@127.0.0.1", "8.8.8.8:80@127.0.0.1", "@127.0.0.1",
            "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fe80::1%25eth0]",
            "[fe80::1%eth0]", "[::1", "::1", "[::1]x", "[]", "[127.0.0.1]", "[v1.x]", "", ":80", ".", "..", "a..b",
            ".a",
            "127.0.0.1\\@8.8.8.8", "8.8.8.8\t", "8.8.8.8 ", "%31%32%37.0.0.1", "１２７.0.0.1", "ⓛocalhost", "127。0。0。1",
            "a:99999", "a:0", "a:-1", "a:+80", "a:80:80", "a:8 0", "a:0x50", "localhost\r\nX: y", "a\0b", "a|b", "<a>",
        ], ["http", "https"])
    func odditiesLeadNowhere(_ host: String, _ scheme: String) async {
        let names = Names(["127.0.0.1"])
        let error = await #expect(throws: UpstreamError.self) {
            try await UpstreamClient(connectTimeout: patient, resolver: names).get(
                "\(scheme)://\(host)/", network: .publicInternet)
        }
        #expect(error?.kind == .notAllowed)
        #expect(names.lookUps.isEmpty, "no name is in any of these")
    }

    @Test(arguments: [
        "ftp://a/", "file:///etc/passwd", "gopher://a/", "unix:///run/x", "http+unix://x/", "//a/", "http:/a", "http:a",
        "http:///a", "javascript://a", "HTTPS//a", "",
    ])
    func onlyHTTP(_ url: String) {
        #expect(throws: UpstreamError.self) { try UpstreamRequest(url: url) }
    }

    @Test func readsURLs() {
        func parts(_ text: String) -> [String]? {
            UpstreamURL(text).map { ["\($0.isSecure)", $0.host, "\($0.port)", $0.authority, $0.target] }
        }
        #expect(parts("http://a") == ["false", "a", "80", "a", "/"])
        #expect(
            parts("HTTPS://API.Example.COM./v1?q=1#x") == [
                "true", "api.example.com", "443", "api.example.com", "/v1?q=1",
            ])
        #expect(parts("http://a:8080?q") == ["false", "a", "8080", "a:8080", "/?q"])
        #expect(parts("https://a:443/@b:c") == ["true", "a", "443", "a", "/@b:c"])
        #expect(parts("https://a:/") == ["true", "a", "443", "a", "/"])
        #expect(parts("http://[2606:4700::0:1]:81/") == ["false", "2606:4700::1", "81", "[2606:4700::1]:81", "/"])
        #expect(parts("http://10.0.0.1/x y") == nil)
        #expect(parts("http://xn--bcher-kva.example/") != nil)
    }

    @Test(arguments: [
        ("X-A", "b\r\nX-B: c"), ("X-A", "b\n"), ("X-A", "\0"), ("X A", "b"), ("", "b"), ("X-A\r\nX-B", "c"),
        ("X:", "c"),
    ])
    func noHeaderBreaksOut(_ name: String, _ value: String) {
        #expect(throws: UpstreamError.self) { try UpstreamRequest(url: "http://a", headers: [name: value]) }
    }

    @Test func connectsToTheAddressThatWasChecked() async throws {
        let (heads, seen) = AsyncStream.makeStream(of: String.self)
        let vendor = TestServer { connection in
            while let request = connection.request() {
                seen.yield(request.head)
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let names = Names(["127.0.0.1"])
        let client = UpstreamClient(connectTimeout: patient, allowsPrivate: true, resolver: names)
        for _ in 0..<3 {
            let answer = try await client.get("http://vendor.example:\(vendor.port)/", network: .publicInternet)
            #expect(answer.text == "ok")
        }
        #expect(names.lookUps == ["vendor.example"], "once for the one connection")
        #expect(vendor.count.connections == 1)
        var iterator = heads.makeAsyncIterator()
        #expect(await iterator.next()?.contains("Host: vendor.example:\(vendor.port)\r\n") == true)
        client.shutdown()
    }

    @Test func aNameThatMovesHomeAfterTheCheck() async throws {
        let vendor = TestServer.answering("mine")
        // The first address is a public one, which does not respond.
        let names = Names(["11.0.0.1"], ["127.0.0.1"])
        let client = UpstreamClient(connectTimeout: .seconds(2), resolver: names)
        let url = "http://rebinding.example:\(vendor.port)/"
        let first = await #expect(throws: UpstreamError.self) { try await client.get(url, network: .publicInternet) }
        #expect(first?.kind == .timeout || first?.kind == .unavailable)
        #expect(names.lookUps.count == 1)
        let second = await #expect(throws: UpstreamError.self) {
            try await UpstreamClient(connectTimeout: patient, resolver: names).get(url, network: .publicInternet)
        }
        #expect(
            second
                == UpstreamError(.notAllowed, isConnecting: true, detail: "the address is not allowed: 127.0.0.1"))
        #expect(vendor.count.connections == 0)
    }

    @Test(arguments: [["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["2606:4700::1111", "::1"]])
    func oneForbiddenAddressForbidsTheName(_ addresses: [String]) async {
        let client = UpstreamClient(connectTimeout: patient, resolver: Names(addresses))
        let error = await #expect(throws: UpstreamError.self) {
            try await client.get("https://mixed.example/", network: .publicInternet)
        }
        #expect(error?.kind == .notAllowed)
        #expect(error?.isRetryable == false)
    }

    @Test func theOperatorsOwnURLsAreNotChecked() async throws {
        let vendor = TestServer.answering("ok")
        let client = UpstreamClient(connectTimeout: patient, resolver: Names(["127.0.0.1"]))
        #expect(try await client.get("http://ollama.example:\(vendor.port)/").text == "ok")
        // What is open for the one is not there for the other.
        await #expect(throws: UpstreamError.self) {
            try await client.get("http://ollama.example:\(vendor.port)/", network: .publicInternet)
        }
        #expect(vendor.count.connections == 1)
        client.shutdown()
    }

    @Test func whatAnOperatorNamesWhileItRunsIsNoServiceOfTheMachine() async throws {
        let vendor = TestServer.answering("ok")
        let client = UpstreamClient(connectTimeout: patient, resolver: Names(["127.0.0.1"], ["169.254.169.254"]))
        #expect(try await client.get("http://model.example:\(vendor.port)/", network: .ownNetworks).text == "ok")
        let error = await #expect(throws: UpstreamError.self) {
            try await client.get("http://other.example:\(vendor.port)/", network: .ownNetworks)
        }
        #expect(error?.kind == .notAllowed)
        client.shutdown()
    }

    @Test func triesTheNextAddress() async throws {
        let vendor = TestServer.answering("ok")
        let client = UpstreamClient(connectTimeout: patient, resolver: Names(["::1", "127.0.0.1"]))
        #expect(try await client.get("http://vendor.example:\(vendor.port)/").text == "ok")
        client.shutdown()
    }

    @Test func aNameWithoutAddresses() async {
        let error = await #expect(throws: UpstreamError.self) {
            try await UpstreamClient(connectTimeout: patient, resolver: Names([])).get(
                "http://empty.example/", network: .publicInternet)
        }
        #expect(error?.kind == .unavailable)
    }

    @Test func aResolverThatNeverAnswers() async {
        let error = await #expect(throws: UpstreamError.self) {
            try await UpstreamClient(connectTimeout: .milliseconds(200), resolver: Silence()).get(
                "http://slow.example/")
        }
        #expect(error == UpstreamError(.timeout, isConnecting: true, detail: "connect"))
    }

    @Test func theSystemKnowsThisMachine() async throws {
        let resolver = SystemResolver()
        let answers = try await withThrowingTaskGroup(of: [SocketAddress].self) { group in
            for _ in 0..<500 { group.addTask { try await resolver.addresses(of: "localhost") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count == 500)
        #expect(answers.allSatisfy { $0.contains { $0.ipAddress == "127.0.0.1" || $0.ipAddress == "::1" } })
        let error = await #expect(throws: UpstreamError.self) {
            try await resolver.addresses(of: "does-not-exist.invalid")
        }
        #expect(error?.kind == .unavailable)
    }

    @Test(arguments: ["localhost", "LOCALHOST.", "127.0.0.1", "[::1]"])
    func noUserReachesThisMachine(_ host: String) async {
        let vendor = TestServer.answering("mine")
        let error = await #expect(throws: UpstreamError.self) {
            try await UpstreamClient(connectTimeout: patient)
                .get("http://\(host):\(vendor.port)/", network: .publicInternet)
        }
        #expect(error?.detail.contains("address is not allowed") == true)
        #expect(vendor.count.connections == 0)
    }
}
