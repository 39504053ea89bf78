import Testing

@testable import App
@testable import HTTPKit

@Suite struct ClientAddressTests {
    private func client(_ peer: String, _ forwarded: String?, _ trusted: String...) -> String {
        IPAddress.client(peer: peer, forwarded: forwarded, trusted: trusted.compactMap(AddressRange.init))
    }

    @Test("API4: what a stranger says of its address is not believed")
    func untrusted() {
        #expect(client("203.0.113.9", "1.2.3.4") == "203.0.113.9")
        #expect(client("203.0.113.9", "1.2.3.4", "10.0.0.0/8") == "203.0.113.9")
        #expect(client("10.0.0.1", nil, "10.0.0.0/8") == "10.0.0.1")
    }

    @Test("API4: a trusted proxy is believed, and what the client told it is not")
    func trusted() {
        #expect(client("10.0.0.1", "1.2.3.4", "10.0.0.0/8") == "1.2.3.4")
        #expect(client("10.0.0.1", "6.6.6.6, 1.2.3.4", "10.0.0.0/8") == "1.2.3.4")
        #expect(client("10.0.0.1", "6.6.6.6, 1.2.3.4 ,10.9.9.9", "10.0.0.0/8") == "1.2.3.4")
        #expect(client("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.0/8") == "10.0.0.3")
        #expect(client("::ffff:10.0.0.1", "2001:db8::7", "10.0.0.0/8") == "2001:db8::7")
        #expect(client("fd00::1", "1.2.3.4", "fd00::/8") == "1.2.3.4")
        #expect(client("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.0/8") == "10.0.0.1")
        #expect(client("10.0.0.1", "1.2.3.4, nonsense, 10.0.0.5", "10.0.0.0/8") == "10.0.0.5")
        #expect(client("10.0.0.1", "", "10.0.0.0/8") == "10.0.0.1")
    }

    @Test(
        "API4: a port and brackets, as some proxies write them, do not hide the address",
        arguments: [
            ("203.0.113.7:51234", "203.0.113.7"), ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"), ("6.6.6.6, 203.0.113.7:1, 10.0.0.2:80", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"), ("1.2.3.4:", "10.0.0.1"), ("1.2.3.4:80x", "10.0.0.1"),
            ("1.2.3.4:123456", "10.0.0.1"), ("[1.2.3.4]:80", "10.0.0.1"), ("[::1", "10.0.0.1"),
            ("[::1]80", "10.0.0.1"), ("::1]:80", "10.0.0.1"), (":80", "10.0.0.1"), ("[]:80", "10.0.0.1"),
        ])
    func ports(forwarded: String, expected: String) {
        #expect(client("10.0.0.1", forwarded, "10.0.0.0/8") == expected)
    }

    @Test(arguments: ["10.0.0.0/33", "::/129", "10.0.0.0/-1", "10.0.0/8", "", "/8", "a", "1.2.3.4/8/8", "10.0.0.1/"])
    func refusesWhatIsNoRange(text: String) { #expect(AddressRange(text) == nil) }

    @Test func ranges() throws {
        let range = try #require(AddressRange("192.168.128.0/17"))
        #expect(range.contains("192.168.255.1") && !range.contains("192.168.127.255") && !range.contains("::1"))
        let all = try #require(AddressRange("0.0.0.0/0"))
        #expect(all.contains("8.8.8.8") && !all.contains("2001:db8::1") && !all.contains("nonsense"))
        let one = try #require(AddressRange("2001:db8::1"))
        #expect(one.contains("2001:db8:0::1") && !one.contains("2001:db8::2"))
    }

    @Test("A subscriber's many IPv6 addresses count as one")
    func subscriber() {
        #expect(IPAddress.subscriber("2001:db8:1:2:3::4") == IPAddress.subscriber("2001:db8:1:2:ffff::1"))
        #expect(IPAddress.subscriber("2001:db8:1:2::1") != IPAddress.subscriber("2001:db8:1:3::1"))
        #expect(IPAddress.subscriber("1.2.3.4") == IPAddress.subscriber("::ffff:1.2.3.4"))
        #expect(IPAddress.subscriber("1.2.3.4") != IPAddress.subscriber("1.2.3.5"))
        #expect(IPAddress.subscriber("unknown") == "unknown")
    }
}
