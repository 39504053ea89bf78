import Foundation
import JSON
import Testing

@Suite struct JSONTreeDecoderTests {
    private func decode<T: Decodable>(_ type: T.Type, _ text: String, lenient: Bool = false) throws -> T {
        try JSONTreeDecoder(lenientScalars: lenient).decode(type, from: JSONValue(parsing: text.utf8))
    }

    private struct Settings: Codable, Equatable {
        enum Mode: String, Codable { case fast, slow }
        struct Limit: Codable, Equatable { var maxTokens: Int; var topP: Double? }

        var id: String
        var llmEndpointURL: String?
        var isDefault: Bool
        var mode: Mode
        var limits: [Limit]
        var labels: [String: Int]
        var extra: JSONValue
    }

    @Test func decodesNestedValuesBySnakeCase() throws {
        let text = """
            {"id": "a", "llm_endpoint_url": "http://x", "is_default": true, "mode": "slow", "unknown": {"a": [1]},
             "limits": [{"max_tokens": 1.0, "top_p": 1}, {"max_tokens": 2, "top_p": null}],
             "labels": {"camelCase": 1, "snake_case": 2}, "extra": {"camelCase": [null]}}
            """
        let settings = try decode(Settings.self, text)
        #expect(
            settings
                == Settings(
                    id: "a", llmEndpointURL: "http://x", isDefault: true, mode: .slow,
                    limits: [.init(maxTokens: 1, topP: 1), .init(maxTokens: 2, topP: nil)],
                    labels: ["camelCase": 1, "snake_case": 2], extra: ["camelCase": [.null]]))
        #expect(throws: Never.self) {
            try decode(
                Settings.self, #"{"id":"","is_default":false,"mode":"fast","limits":[],"labels":{},"extra":null}"#)
        }
    }

    private func refusal<T: Decodable>(
        _ type: T.Type, _ text: String, lenient: Bool = false
    ) -> (kind: String, path: String, why: String)? {
        do {
            _ = try decode(type, text, lenient: lenient)
            return nil
        } catch let error as DecodingError {
            func parts(_ kind: String, _ context: DecodingError.Context) -> (String, String, String) {
                (kind, context.codingPath.map(\.stringValue).joined(separator: "."), context.debugDescription)
            }
            switch error {
            case .typeMismatch(_, let context): return parts("mismatch", context)
            case .valueNotFound(_, let context): return parts("null", context)
            case .keyNotFound(_, let context): return parts("missing", context)
            case .dataCorrupted(let context): return parts("corrupt", context)
            @unknown default: return nil
            }
        } catch { return ("\(error)", "", "") }
    }

    @Test(arguments: [
        ("[]", "mismatch", "", "not an object"),
        ("{}", "missing", "", "missing 'id'"),
        (#"{"id":1}"#, "mismatch", "id", "not a string"),
        (#"{"id":null}"#, "null", "id", "null, not a string"),
        (#"{"id":"","is_default":"true"}"#, "mismatch", "isDefault", "not true or false"),
        (#"{"id":"","is_default":true}"#, "missing", "", "missing 'mode'"),
        (#"{"id":"","is_default":true,"mode":"fast","limits":{}}"#, "mismatch", "limits", "not an array"),
        (
            #"{"id":"","is_default":true,"mode":"fast","limits":[{"max_tokens":1},{"max_tokens":1.5}]}"#, "mismatch",
            "limits.Index 1.maxTokens", "not a whole number"
        ),
        (
            #"{"id":"","is_default":true,"mode":"fast","limits":[{"max_tokens":1e30}]}"#, "corrupt",
            "limits.Index 0.maxTokens", "too large or too small"
        ),
        (
            #"{"id":"","is_default":true,"mode":"fast","limits":[{}]}"#, "missing", "limits.Index 0",
            "missing 'max_tokens'"
        ),
        (
            #"{"id":"","is_default":true,"mode":"fast","limits":[],"labels":{"aB":"x"}}"#, "mismatch", "labels.aB",
            "not a whole number"
        ),
    ])
    func errorsNameThePlace(text: String, kind: String, path: String, why: String) throws {
        let failure = try #require(self.refusal(Settings.self, text))
        #expect(failure == (kind, path, why))
    }

    @Test func refusesAnUnknownCase() throws {
        let failure = try #require(self.refusal([Settings.Mode].self, #"["fast","x"]"#))
        #expect(failure.kind == "corrupt")
        #expect(failure.path == "Index 1")
    }

    @Test func checksTheRangeOfIntegers() throws {
        #expect(try decode([Int8].self, "[127,-128,5.0]") == [127, -128, 5])
        #expect(refusal(Int8.self, "128")?.kind == "corrupt")
        #expect(refusal(UInt.self, "-1")?.kind == "corrupt")
        #expect(try decode(UInt64.self, "18446744073709549568") == 18_446_744_073_709_549_568)
        #expect(refusal(Int64.self, "9223372036854775808")?.kind == "corrupt")
        #expect(try decode([Int16].self, "[1]") == [1])
        #expect(try decode([Int: Int32].self, #"{"1":2}"#) == [1: 2])
        #expect(try decode(Int128.self, "5") == 5)
        #expect(try decode(Float.self, "0.5") == 0.5)
    }

    @Test func lenientScalarsComeAsText() throws {
        struct Query: Codable, Equatable { var limit: Int?; var ratio: Double?; var isOpen: Bool?; var text: String }
        let text = #"{"limit":"5","ratio":"1.5","is_open":"true","text":"5"}"#
        #expect(try decode(Query.self, text, lenient: true) == Query(limit: 5, ratio: 1.5, isOpen: true, text: "5"))
        #expect(refusal(Query.self, text)?.path == "limit")
        for bad in ["", "5.5", "0x5", " 5", "five"] {
            #expect(refusal(Query.self, #"{"limit":"\#(bad)","text":""}"#, lenient: true)?.path == "limit")
        }
        #expect(refusal(Query.self, #"{"ratio":"nan","text":""}"#, lenient: true)?.path == "ratio")
        #expect(refusal(Query.self, #"{"is_open":"1","text":""}"#, lenient: true)?.path == "isOpen")
    }

    @Test func aValueOfAnyFormIsTakenAsItIs() throws {
        let value: JSONValue = ["aB": [1, 2.5, .null, ["x": false]]]
        #expect(try JSONTreeDecoder().decode(JSONValue.self, from: value) == value)
        #expect(try JSONTreeDecoder().decode([String: JSONValue].self, from: value)["aB"] == value["aB"])
        struct Holder: Decodable { var inner: JSONValue? }
        #expect(try JSONTreeDecoder().decode(Holder.self, from: ["inner": value]).inner == value)
        #expect(try JSONTreeDecoder().decode(Holder.self, from: ["inner": .null]).inner == nil)
        #expect(try JSONTreeDecoder().decode([Int?].self, from: [1, .null]) == [1, nil])
    }

    @Test func readsContainersWithinContainers() throws {
        struct Pair: Decodable {
            let first: Int
            let second: String
            let isFlag: Bool
            private enum Keys: CodingKey { case outerPart, list }
            private enum Inner: CodingKey { case isFlag }
            init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                var list = try container.nestedUnkeyedContainer(forKey: .list)
                first = try list.decode(Int.self)
                var inner = try list.nestedUnkeyedContainer()
                second = try inner.decode(String.self)
                #expect(list.isAtEnd)
                #expect(throws: DecodingError.self) { try list.decode(Int.self) }
                isFlag = try container.nestedContainer(keyedBy: Inner.self, forKey: .outerPart).decode(
                    Bool.self, forKey: .isFlag)
                #expect(container.allKeys.count == 2)
                #expect(try container.superDecoder(forKey: .list).unkeyedContainer().count == 2)
            }
        }
        let pair = try decode(Pair.self, #"{"list":[1,["x"]],"outer_part":{"is_flag":true},"other":0}"#)
        #expect(pair.first == 1 && pair.second == "x" && pair.isFlag)
    }
}
