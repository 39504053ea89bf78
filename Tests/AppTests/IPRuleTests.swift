import HTTPTypes
import JSON
import Storage
import Testing

@testable import App
@testable import HTTPKit
@testable import Platform

@Suite struct IPRuleTests {
    private static func rule(_ cidr: String, _ action: IPRule.Action) -> IPRule {
        IPRule(id: "", cidr: cidr, action: action, note: nil, createdBy: "", createdAt: .now)
    }

    @Test(
        "A network is written in its shortest form, without what stands behind its prefix",
        arguments: [
            ("10.1.2.3/8", "10.0.0.0/8"), ("10.1.2.3", "10.1.2.3/32"), ("192.168.129.7/17", "192.168.128.0/17"),
            ("0.0.0.0/0", "0.0.0.0/0"), ("255.255.255.255/1", "128.0.0.0/1"), ("::/0", "::/0"),
            ("2001:DB8:0:0::1/32", "2001:db8::/32"), ("2001:db8::1", "2001:db8::1/128"),
            ("2001:db8:ffff::/33", "2001:db8:8000::/33"), ("::ffff:10.1.2.3", "10.1.2.3/32"),
            ("::ffff:10.1.2.3/104", "10.0.0.0/8"), ("::ffff:10.1.2.3/96", "0.0.0.0/0"),
        ])
    func shortest(text: String, expected: String) throws {
        let range = try #require(AddressRange(text))
        #expect(range.text == expected)
        #expect(AddressRange(range.text) == range)
    }

    @Test(
        "What is no network is none",
        arguments: [
            "10.0.0.0/33", "::/129", "::ffff:10.0.0.0/95", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/08x", "10.0.0.0/",
            "10.0.0.0/৮", "10.0.0/8", "010.0.0.1x", "fe80::1%eth0", "10.0.0.0/8/8", "", "/8", "any",
        ])
    func none(text: String) { #expect(AddressRange(text) == nil) }

    @Test("Any network holds just the addresses that begin with its bits")
    func contains() throws {
        var random = RandomJSON(seed: 21)
        for _ in 0..<2000 {
            let count = random.below(2) == 0 ? 4 : 16
            let bytes = (0..<count).map { _ in UInt8(random.below(256)) }
            let bits = random.below(count * 8 + 1)
            let range = try #require(AddressRange("\(IPAddress.text(bytes))/\(bits)"))
            var other = bytes
            let flipped = random.below(count * 8)
            other[flipped / 8] ^= 0x80 >> UInt8(flipped % 8)
            #expect(range.contains(IPAddress.text(bytes)))
            #expect(range.contains(IPAddress.text(other)) == (flipped >= bits), "\(range.text) bit \(flipped)")
            #expect(!range.contains(count == 4 ? "2001:db8::1" : "10.0.0.1"))
        }
    }

    @Test(
        "A deny rule wins; with allow rules only those addresses pass; an unreadable address passes only without rules"
    )
    func rules() {
        let (home, office) = ("10.1.2.3", "2001:db8::7")
        func admits(_ address: String, _ rules: [IPRule], _ allowlist: String...) -> Bool {
            IPRuleSet(rules, allowlist: allowlist.compactMap(AddressRange.init)).admits(address)
        }
        #expect(admits(home, []) && admits("unknown", []))
        let deny = [Self.rule("10.0.0.0/8", .deny)]
        #expect(!admits(home, deny) && !admits("::ffff:10.1.2.3", deny))
        #expect(admits(office, deny) && admits("11.0.0.1", deny))
        let allow = [Self.rule("10.0.0.0/8", .allow)]
        #expect(admits(home, allow) && !admits(office, allow) && !admits("unknown", allow))
        #expect(!admits(home, allow + [Self.rule("10.1.2.3", .deny)]))
        #expect(admits(office, allow, "2001:db8::/32") && admits(office, [], "2001:db8::/32"))
        #expect(!admits(home, [], "2001:db8::/32") && !admits(home, deny, "10.0.0.0/8"))
    }

    @Test("What is loopback, and what only looks like it")
    func loopback() {
        for address in ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"] { #expect(IPAddress.isLoopback(address)) }
        for address in ["128.0.0.1", "::2", "::", "0.0.0.0", "unknown", "1::1"] {
            #expect(!IPAddress.isLoopback(address))
        }
    }

    @Test("The rules are kept while the database is away, and a change is heeded by the next request")
    func cached() async throws {
        try await TestApp.run { app in
            let gate = app.app.gate
            try await gate.admit("10.1.2.3")
            try await app.database.write(.system) { tx in
                _ = try IPRule.create(
                    tx, .init(cidr: "10.9.9.9/8", action: .deny, note: "a"), by: "me", now: .now)
            }
            gate.forget()
            await #expect(throws: APIError.self) { try await gate.admit("10.1.2.3") }
            try await gate.admit("11.1.2.3")
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE ip_rules RENAME TO gone") }
            gate.forget()
            await #expect(throws: APIError.self) { try await gate.admit("10.1.2.3") }
            try await gate.admit("11.1.2.3")
            try await app.database.write(.system) { tx in try tx.script("ALTER TABLE gone RENAME TO ip_rules") }
        }
    }

    @Test("Admins list, create and delete rules; a rule that would lock out its author is refused")
    func routes() async throws {
        try await TestApp.run { app in
            let root = try await app.admin()
            func make(_ cidr: JSONValue, _ action: JSONValue) async throws -> TestApp.Answer {
                try await app.call(
                    .post, "/admin/ip-rules", ["cidr": cidr, "action": action, "note": "why"], as: root)
            }
            let made = try await make("10.1.2.3/8", "deny")
            #expect(made.status == 201 && made["cidr"] == "10.0.0.0/8" && made["action"] == "deny", "\(made.text)")
            #expect(try await make("::ffff:192.168.1.1/112", "deny")["cidr"] == "192.168.0.0/16")
            let listed = try await app.call(.get, "/admin/ip-rules", as: root)
            #expect(listed["data"]?.array?.compactMap { $0["cidr"]?.string } == ["192.168.0.0/16", "10.0.0.0/8"])
            for (cidr, action) in [("10.0.0.0/33", "deny"), ("any", "deny"), ("", "deny"), ("10.0.0.0/8", "maybe")] {
                #expect(try await make(.string(cidr), .string(action)).status == 422, "\(cidr)")
            }
            // Requests of these tests come from no address at all, which no network holds.
            let lockedOut = try await make("10.0.0.0/8", "allow")
            #expect(lockedOut.status == 409 && lockedOut.errorCode == "would_lock_out")
            #expect(try await app.call(.get, "/admin/ip-rules", as: root)["data"]?.array?.count == 2, "nothing is kept")
            let path = "/admin/ip-rules/\(try made.string("id"))"
            #expect(try await app.call(.delete, path, as: root).status == 204)
            #expect(try await app.call(.delete, path, as: root).status == 404)
        }
    }
}
