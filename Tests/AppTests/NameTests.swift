import Foundation
import HTTPTypes
import JSON
import Testing

@testable import App
@testable import Chatbots
@testable import HTTPKit

/// Names that look like nothing, or like another one.
@Suite struct NameTests {
    static let good = [
        "Support", "রহিমের দোকান", "র\u{200D}্যাব", "ক্\u{200C}ষ", "বাক্\u{200C}", "می\u{200C}خواهم", "हिन्\u{200D}दी",
        "团队 支持", "葛\u{E0100}城", "👩\u{200D}👩\u{200D}👧\u{200D}👦", "❤\u{FE0F} love",
        "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
        "👍🏽", "1\u{FE0F}\u{20E3}", "فريق الدعم", "a\u{3000}b", "?", "ᠮᠣᠩᠭᠣᠯ\u{180B}", "Ω", "e\u{301}",
    ]

    static let bad = [
        "\u{200B}", "\u{200D}", "\u{2060}\u{FEFF}", "\u{3164}", "\u{FFA0}\u{115F}", "\u{2800}", "\u{301}\u{301}",
        "\u{9BF}", " \u{34F} ", "Sup\u{200B}port", "Sup\u{AD}port", "Sup\u{200D}port", "Sup\u{200C}port",
        "\u{202E}troppuS", "Support\u{200F}", "\u{2066}x\u{2069}", "a\u{61C}b", "a\u{2028}b", "a\nb", "a\u{7F}b",
        "a\u{85}b", "a\u{FE0F}b", "a\u{E0020}b", "团\u{200D}队", "\u{E0001}x", "a\u{FFF9}b\u{1D173}", "a\u{180E}b",
        "রহিম\u{2063}", "\u{1D159}\u{1D159}",
    ]

    @Test("A name may have what its script needs", arguments: good)
    func allowed(name: String) {
        #expect(NameText.problem(name) == nil)
    }

    @Test("A name may not look like nothing, turn text around, or hide a character", arguments: bad)
    func refused(name: String) {
        #expect(NameText.problem(name) != nil, "\(name.unicodeScalars.map { String($0.value, radix: 16) })")
    }

    @Test("An e-mail address hides nothing either")
    func addresses() {
        for name in ["rahim", "রহিম", "র\u{200D}্যাব", "josé", "李"] {
            #expect(Email.isValid("\(name)@example.com") && Email.isValid("a@\(name).example"), "\(name)")
        }
        for hidden in [
            "\u{200B}", "\u{200D}", "\u{AD}", "\u{202E}", "\u{2066}", "\u{FEFF}", "\u{80}", "\u{FFFF}", "\u{E0041}",
        ] {
            for place in ["\(hidden)admin@example.com", "ad\(hidden)min@example.com", "admin@exam\(hidden)ple.com"] {
                #expect(!Email.isValid(place), "\(place.unicodeScalars.map { String($0.value, radix: 16) })")
            }
        }
    }

    @Test("Workspaces, chatbots, keys and operators have such names")
    func routes() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let team = try await app.call(.post, "/workspaces", ["name": "র\u{200D}্যাব"], as: user)
            #expect(team.status == 201 && team["name"] == "র\u{200D}্যাব")
            let chatbot = try await app.chatbot(["name": "👩\u{200D}👧 می\u{200C}خواهم"], as: user)
            let admin = try await app.admin("boss")
            for name in ["\u{3164}", "Sup\u{200B}port", "\u{202E}x"] {
                for (method, path, who) in [
                    (.post, "/workspaces", user), (.patch, "/workspaces/\(try team.string("id"))", user),
                    (.post, "/chatbots", user), (.patch, "/chatbots/\(chatbot)", user),
                    (.post, "/users/me/api-keys", user), (.post, "/chatbots/\(chatbot)/api-keys", user),
                ] as [(HTTPRequest.Method, String, TestUser)] {
                    let answer = try await app.call(method, path, ["name": .string(name)], as: who)
                    #expect(answer.status == 422 && answer["error"]?["param"] == "name", "\(path): \(answer.text)")
                }
                let made = try await app.call(
                    .post, "/admin/operators",
                    ["username": "x", "name": .string(name), "password": "a calm bird sings", "role": "admin"],
                    headers: admin.headers)
                #expect(made.status == 422)
            }
        }
    }

    static let lookalikes = [
        ("admin", "аdmin"), ("Bob", "BOB"), ("alice", "alicе"), ("paypal", "paypaI"), ("bob1", "bobl"),
        ("root0", "rooto"), ("cocoa", "сосоа"), ("hello", "ℌello"), ("hello", "ｈｅｌｌｏ"), ("straße", "STRASSE"),
        ("σοφος", "σοφοσ"), ("রহিম1", "রহিম১"), ("আলি", "অ\u{9BE}লি"), ("রানা", "ব\u{9BC}ানা"), ("علی", "علي"),
        ("カイ力", "力イカ"), ("José", "Jose\u{301}"), ("x-y", "х-у"), ("maria", "marıa"), ("ivan", "ıvan"), ("eve", "ΕVΕ"),
    ]

    @Test("Names that look alike have one skeleton", arguments: lookalikes)
    func skeletons(one: String, other: String) {
        #expect(Lookalike.skeleton(of: one) == Lookalike.skeleton(of: other))
        #expect(Lookalike.skeleton(of: Lookalike.skeleton(of: one)) == Lookalike.skeleton(of: one))
    }

    @Test("Names that look different have different skeletons")
    func different() {
        let names = [
            "alice", "alicé", "bob", "bobb", "রহিম", "করিম", "আলি", "علي", "عمر", "王伟", "王芳", "олег", "ольга", "nina",
            "nino", "user2", "user3", "a-b", "a_b", "a.b", "ab",
        ]
        #expect(Set(names.map(Lookalike.skeleton)).count == names.count)
    }

    @Test(
        "A user name that looks like another one's is taken, at registration and in a change",
        arguments: [
            ("alice", "аlісе"), ("রহিম1", "রহিম১"), ("bob1", "bobl"),
        ])
    func taken(name: String, twin: String) async throws {
        try await TestApp.run { app in
            _ = try await app.user(name)
            let other = try await app.user("other")
            let registered = try await app.call(
                .post, "/auth/register", ["username": .string(twin), "password": .string(TestApp.password)])
            // A mixture of alphabets is refused before.
            #expect([409, 422].contains(registered.status), "\(registered.text)")
            let changed = try await app.call(.patch, "/users/me", ["username": .string(twin)], as: other)
            #expect([409, 422].contains(changed.status), "\(changed.text)")
            // One's own name in other letters is no other one's.
            let again = try await app.call(.patch, "/users/me", ["username": "OTHER"], as: other)
            #expect(again.status == 200, "\(again.text)")
        }
    }

    @Test("User names that look like nothing, or mix alphabets, are refused; those of every script are fine")
    func userNames() async throws {
        try await TestApp.run { app in
            for name in [
                "a\u{34F}b", "\u{3164}\u{3164}", "ab\u{FE0F}", "--", "..__", "\u{9BE}\u{9BE}", "\u{301}ab",
                "ab\u{180B}",
                "аdmin", "pаypаl", "αlice", "ab\u{200C}c", "ab\u{200D}c", "\u{115F}\u{1160}", "ab\u{E0100}",
                "\u{17B4}\u{17B5}",
            ] {
                let answer = try await app.call(
                    .post, "/auth/register", ["username": .string(name), "password": .string(TestApp.password)])
                #expect(
                    answer.status == 422 && answer["error"]?["param"] == "username",
                    "\(name.unicodeScalars.map { String($0.value, radix: 16) }): \(answer.text)")
            }
            for name in [
                "রহিম_উদ্দিন", "علي.حسن", "王伟", "さくら", "김철수", "олег", "νίκος", "José-María", "rahim_রহিম", "ไทย", "אברהם",
                "हिन्दी", "user.1",
            ] {
                let answer = try await app.call(
                    .post, "/auth/register", ["username": .string(name), "password": .string(TestApp.password)])
                #expect(answer.status == 201, "\(name): \(answer.text)")
                #expect(try await app.signIn(name).status == 200, "\(name)")
            }
        }
    }

    @Test("Operators' user names, too")
    func operators() async throws {
        try await TestApp.run { app in
            let admin = try await app.admin("boss1")
            for (name, status) in [("bossl", 409), ("bоss2", 422), ("\u{3164}\u{3164}", 422)] {
                let made = try await app.call(
                    .post, "/admin/operators",
                    ["username": .string(name), "name": "x", "password": "a calm bird sings", "role": "admin"],
                    headers: admin.headers)
                #expect(made.status == status, "\(name): \(made.text)")
            }
        }
    }

    @Test("A slug never looks like an id")
    func slugs() async throws {
        try await TestApp.run { app in
            let user = try await app.user("alice")
            let first = try await app.chatbot(["name": "First"], as: user)
            for slug in [
                first, "c1", "c123456", first.replacingOccurrences(of: "-", with: ""),
                "00000000-0000-0000-0000-000000000000",
            ] {
                for (method, path) in [(.post, "/chatbots"), (.patch, "/chatbots/\(first)")]
                    as [(HTTPRequest.Method, String)]
                {
                    let answer = try await app.call(
                        method, path, ["name": "x", "slug": .string(slug)], as: user)
                    #expect(answer.status == 422 && answer["error"]?["param"] == "slug", "\(slug): \(answer.text)")
                }
            }
            for name in [first, "C1", "c 7"] {
                let made = try await app.call(.post, "/chatbots", ["name": .string(name)], as: user)
                let slug = try made.string("slug")
                #expect(made.status == 201 && !Chatbot.looksLikeID(slug), "\(made.text)")
            }
            for slug in ["cafe", "c1-shop", "chat", "deadbeef"] {
                let made = try await app.call(.post, "/chatbots", ["name": "x", "slug": .string(slug)], as: user)
                #expect(made.status == 201, "\(made.text)")
            }
        }
    }
}
