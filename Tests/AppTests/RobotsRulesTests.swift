import Foundation
import Testing
import Texts

@testable import Chatbots

/// RFC 9309, with its examples, and the search for patterns beside a plain one.
@Suite struct RobotsRulesTests {
    private func allows(_ text: String, _ target: String) -> Bool { RobotsRules(text.utf8).allows(target) }

    @Test("The group for Mynah counts, or else the one for all; groups of one name are one")
    func groups() {
        let text = """
            User-Agent: *
            Disallow: *.gif$
            Disallow: /example/
            Allow: /publications/

            User-Agent: foobot
            Disallow:/
            Allow:/example/page.html
            Allow:/example/allowed.gif

            User-Agent: barbot
            User-Agent: mYnAh/2.1 (bird)
            Disallow: /example/page.html

            User-Agent: quxbot
            """
        #expect(!allows(text, "/example/page.html"))
        #expect(allows(text, "/example/other.html") && allows(text, "/a.gif"))
        let general = text.replacing("mYnAh", with: "starling")
        #expect(!allows(general, "/example/page.html") && !allows(general, "/a.gif") && allows(general, "/a.gift"))
        #expect(allows(general, "/publications/a") && allows(general, "/"))
        // An empty group for this server allows everything.
        #expect(allows("User-agent: *\nDisallow: /\n\nUser-agent: mynah\nDisallow:\n", "/a"))
        #expect(allows("User-agent: mynah\n", "/a") && allows("Disallow: /\n", "/a") && allows("", "/a"))
        #expect(
            !allows(
                "User-agent: mynah\nDisallow: /a\nUser-agent: x\nDisallow: /b\nUser-agent: MYNAH\nDisallow: /c", "/c"))
        #expect(allows("User-agent: mynahbird\nDisallow: /\n", "/a"))
        // Other records end no group.
        #expect(
            !allows("User-agent: a\nSitemap: https://x/s.xml\nCrawl-delay: 3\nUser-agent: mynah\nDisallow: /", "/a"))
    }

    @Test("Ends of lines, comments, blanks and a byte order mark change nothing")
    func lines() {
        for end in ["\n", "\r", "\r\n"] {
            let text = ["\u{FEFF}user-AGENT :\t*\t# all", "# x", "  disallow  :  /private # y", "nonsense", ":"]
                .joined(separator: end)
            #expect(!allows(text, "/private/a") && allows(text, "/public"), "\(end.debugDescription)")
        }
        #expect(RobotsRules([0xFF, 0, 0xC3, 0x28] + Array("\nuser-agent: *\ndisallow: /a".utf8)).allows("/a") == false)
    }

    @Test("The longest rule decides, and of equal ones the one that allows")
    func longest() {
        for (rules, target, allowed) in [
            ("allow: /p\ndisallow: /", "/page", true), ("allow: /folder\ndisallow: /folder", "/folder/page", true),
            ("disallow: /folder\nallow: /folder", "/folder/page", true),
            ("allow: /page\ndisallow: /*.htm", "/page.htm", false),
            ("allow: /page\ndisallow: /*.ph", "/page.php5", true),
            ("allow: /$\ndisallow: /", "/", true), ("allow: /$\ndisallow: /", "/page.htm", false),
            ("disallow: /", "/robots.txt", true), ("disallow: /fish", "/Fish.asp", true),
            ("disallow: /fish*", "/fishheads/yummy.html", false), ("disallow: /fish/", "/fish", true),
            ("disallow: /*.php$", "/filename.php?parameters", true), ("disallow: /*.php$", "/folder/x.php", false),
            ("disallow: fish", "/fish", true), ("disallow: *", "/", false), ("disallow: /a*$", "/abc", false),
        ] {
            #expect(allows("user-agent: *\n\(rules)", target) == allowed, "\(rules) \(target)")
        }
    }

    @Test("A path is the same however it is written, in every script")
    func encoding() {
        for (rule, target) in [
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar"),
            ("/foo/bar?baz=https%3A%2F%2Ffoo.bar", "/foo/bar?baz=https://foo.bar"),
            ("/foo/bar/ツ", "/foo/bar/%E3%83%84"), ("/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz"), ("/foo/bar/baz", "/foo/bar/%62%61%7a"),
            ("/path/file-with-a-%2A.html", "/path/file-with-a-*.html"), ("/path/foo-%24", "/path/foo-$"),
            ("/বাংলা/", "/%E0%A6%AC%E0%A6%BE%E0%A6%82%E0%A6%B2%E0%A6%BE/%E0%A6%95"),
            ("/عربي", "/%D8%B9%D8%B1%D8%A8%D9%8A"), ("/中文/*/🦜$", "/%E4%B8%AD%E6%96%87/x/%F0%9F%A6%9C"),
            ("/a$b", "/a$b"), ("/%", "/%"), ("/%G1", "/%G1"),
        ] {
            #expect(!allows("user-agent: *\ndisallow: \(rule)", target), "\(rule) \(target)")
        }
        #expect(allows("user-agent: *\ndisallow: /a%2Fb", "/a/b"))
        #expect(allows("user-agent: *\ndisallow: /x-%2A.html", "/x-y.html"))
    }

    @Test("A path in any script has one form, however it is escaped")
    func forms() {
        let printed = CharacterSet(charactersIn: Unicode.Scalar(33)...Unicode.Scalar(126))
            .subtracting(CharacterSet(charactersIn: "%*$"))
        let unreserved = CharacterSet(charactersIn: "-._~").union(
            CharacterSet(charactersIn: "a"..."z").union(CharacterSet(charactersIn: "A"..."Z")))
        for text in SampleText.all {
            let path = "/" + text.short.filter { $0 != "%" }
            let plain = path.addingPercentEncoding(withAllowedCharacters: printed)!
            #expect(RobotsRules.path(path.utf8) == Array(plain.utf8), "\(path)")
            for _ in 0..<100 {
                let escaped = path.unicodeScalars.map { scalar in
                    guard scalar.value > 127 || unreserved.contains(scalar), Bool.random() else { return "\(scalar)" }
                    return "\(scalar)".utf8.map { String(format: Bool.random() ? "%%%02X" : "%%%02x", $0) }.joined()
                }
                #expect(RobotsRules.path(escaped.joined().utf8) == Array(plain.utf8), "\(escaped.joined())")
            }
        }
    }

    @Test("What is beyond 500 KiB is ignored, and no rule is slow")
    func large() {
        let filling = String(repeating: "#", count: RobotsRules.mostBytes)
        #expect(allows("user-agent: *\n\(filling)\ndisallow: /", "/a"))
        let many =
            "user-agent: *\n"
            + String(repeating: "disallow: /" + String(repeating: "*a", count: 200) + "b\n", count: 1200)
        let start = ContinuousClock.now
        #expect(allows(many, "/" + String(repeating: "a", count: 2000)))
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    /// The definition of a pattern, tried from left to right.
    private func plainly(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>, isWhole: Bool) -> Bool {
        guard let first = pattern.first else { return !isWhole || path.isEmpty }
        if first == UInt8(ascii: "*") {
            return (path.startIndex...path.endIndex).contains {
                plainly(pattern.dropFirst(), path[$0...], isWhole: isWhole)
            }
        }
        return path.first == first && plainly(pattern.dropFirst(), path.dropFirst(), isWhole: isWhole)
    }

    @Test("Patterns match as the plain search says")
    func oracle() {
        var random = SystemRandomNumberGenerator()
        func text(_ letters: String, _ most: Int) -> [UInt8] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in letters.utf8.randomElement(using: &random)! }
        }
        var matched = 0
        for _ in 0..<20_000 {
            let (body, isWhole) = (text("/ab*", 7), Bool.random())
            let (pattern, path) = (body + (isWhole ? [UInt8(ascii: "$")] : []), text("/ab", 9))
            let found = RobotsRules.matches(pattern, path)
            matched += found ? 1 : 0
            #expect(
                found == plainly(body[...], path[...], isWhole: isWhole),
                "\(String(decoding: pattern, as: UTF8.self)) \(String(decoding: path, as: UTF8.self))")
        }
        #expect(matched > 1000)
    }
}
