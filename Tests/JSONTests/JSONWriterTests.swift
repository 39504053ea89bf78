import Foundation
import JSON
import Testing

@Suite struct JSONWriterTests {
    private func text(_ value: some Encodable, nils: JSONWriter.Nils = .write) throws -> String {
        String(decoding: try JSONWriter.encode(value, nils: nils), as: UTF8.self)
    }

    private struct Part: Codable, Equatable {
        enum Kind: String, Codable { case first, second }
        var isOn: Bool
        var kind: Kind
        var userIDs: [Int]
    }

    private struct Whole: Codable, Equatable {
        var id: String
        var createdAt: String?
        var ratio: Double
        var part: Part?
        var parts: [Part]
        var labels: [String: String]
        var config: JSONValue
        var raw: Int32?
        private enum CodingKeys: String, CodingKey {
            case id, createdAt, ratio, part, parts, labels, config, raw = "x-Raw"
        }
    }

    @Test func writesPropertiesInOrderAndSnakeCase() throws {
        let whole = Whole(
            id: "a", ratio: 0.5, part: Part(isOn: true, kind: .second, userIDs: [1, -2]), parts: [],
            labels: ["camelCase": "v"], config: ["zB": 1, "aB": [.null, 1.0]])
        #expect(
            try text(whole)
                == #"{"id":"a","created_at":null,"ratio":0.5,"part":{"is_on":true,"kind":"second","user_ids":[1,-2]},"#
                + #""parts":[],"labels":{"camelCase":"v"},"config":{"aB":[null,1.0],"zB":1},"x-Raw":null}"#)
        #expect(try text(whole, nils: .omit).contains("null,1.0"))
        #expect(!(try text(whole, nils: .omit).contains("created_at")))
        #expect(!(try text(whole, nils: .omit).contains("x-Raw")))
    }

    @Test func everyNilIsWrittenOrLeftOut() throws {
        struct Nils: Encodable {
            var a: Bool?; var b: String?; var c: Double?; var d: Float?; var e: Int?; var f: Int8?; var g: Int16?
            var h: Int32?; var i: Int64?; var j: UInt?; var k: UInt8?; var l: UInt16?; var m: UInt32?; var n: UInt64?
            var o: Int128?; var p: UInt128?; var q: [Int]?; var r: JSONValue?
        }
        let names = "abcdefghijklmnopqr"
        #expect(try text(Nils()) == "{" + names.map { "\"\($0)\":null" }.joined(separator: ",") + "}")
        #expect(try text(Nils(), nils: .omit) == "{}")
        let full = Nils(
            a: true, b: "", c: 1, d: 0.1, e: 10, f: -1, g: 2, h: 3, i: .min, j: 4, k: 5, l: 6, m: 7, n: .max, o: 8,
            p: 9, q: [],
            r: .null)
        #expect(
            try text(full)
                == #"{"a":true,"b":"","c":1.0,"d":0.1,"e":10,"f":-1,"g":2,"h":3,"i":-9223372036854775808,"j":4,"k":5,"l":6,"#
                + #""m":7,"n":18446744073709551615,"o":8,"p":9,"q":[],"r":null}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#),
        ("\0\u{1F}\u{7F}", "\"\\u0000\\u001f\u{7F}\""), ("a\u{2028}b\u{2029}", #""a\u2028b\u2029""#),
        ("€ “x” ─ \u{2027}\u{202A}", "\"€ “x” ─ \u{2027}\u{202A}\""), ("😀é", "\"😀é\""),
        ("0123456\"8", #""0123456\"8""#), ("01234567\n", #""01234567\n""#), ("0123456€", #""0123456€""#),
    ])
    func escapesStrings(string: String, json: String) throws {
        #expect(try text(string) == json)
        #expect(String(decoding: JSONValue.string(string).serialized(), as: UTF8.self) == json)
        #expect(try text([string: 1]) == "{\(json):1}")
        #expect(try JSONDecoder().decode(String.self, from: Data(JSONWriter.encode(string))) == string)
    }

    @Test func escapesAtEveryPlace() throws {
        for special in ["\"", "\\", "\n", "\u{2028}", "é", "€"] {
            for length in 0..<40 {
                let string =
                    String(repeating: "a", count: length) + special + String(repeating: "b", count: 40 - length)
                #expect(try JSONValue(parsing: JSONWriter.encode(string)) == .string(string))
            }
        }
    }

    @Test(arguments: [0.1, 1, -0.0, 1e300, .leastNonzeroMagnitude, 1e16, 123456.789, .greatestFiniteMagnitude])
    func doublesComeBackExactly(value: Double) throws {
        let bytes = try JSONWriter.encode(value)
        #expect(try JSONValue(parsing: bytes) == .double(value))
        #expect(try JSONDecoder().decode(Double.self, from: Data(bytes)) == value)
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func refusesWhatIsNoNumber(value: Double) throws {
        struct Reading: Encodable { var currentValues: [Double] }
        let error = #expect(throws: EncodingError.self) { try JSONWriter.encode([Reading(currentValues: [1, value])]) }
        guard case .invalidValue(_, let context)? = error else { return }
        #expect(context.codingPath.map(\.stringValue) == ["Index 0", "currentValues", "Index 1"])
        #expect(throws: EncodingError.self) { try JSONWriter.encode(value) }
        #expect(throws: EncodingError.self) { try JSONWriter.encode(Float(value)) }
        #expect(throws: EncodingError.self) { try JSONWriter.encode(["a": JSONValue.array([.double(value)])]) }
    }

    @Test func nestedContainersMayBeWrittenInAnyOrder() throws {
        struct Interleaved: Encodable {
            enum Keys: CodingKey { case firstPart, list, last }
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                var first = container.nestedContainer(keyedBy: Keys.self, forKey: .firstPart)
                var list = container.nestedUnkeyedContainer(forKey: .list)
                try list.encode(1)
                try first.encode("x", forKey: .last)
                var inner = list.nestedUnkeyedContainer()
                try list.encodeNil()
                try inner.encode(true)
                var again = encoder.container(keyedBy: Keys.self)
                try again.encode(["k": 2], forKey: .last)
                try first.encode(0, forKey: .list)
                _ = list.nestedContainer(keyedBy: Keys.self)
            }
        }
        #expect(
            try text([Interleaved(), Interleaved()])
                == "["
                + Array(
                    repeating: #"{"first_part":{"last":"x","list":0},"list":[1,[true],null,{}],"last":{"k":2}}"#,
                    count: 2
                ).joined(separator: ",") + "]")
    }

    @Test func classesWriteTheirSuperclass() throws {
        class Base: Codable { var baseName = "b" }
        final class Derived: Base {
            var ownName = "o"
            override init() { super.init() }
            private enum Keys: CodingKey { case ownName }
            override func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Keys.self)
                try super.encode(to: container.superEncoder())
                try container.encode(ownName, forKey: .ownName)
            }
            required init(from decoder: any Decoder) throws {
                let container = try decoder.container(keyedBy: Keys.self)
                ownName = try container.decode(String.self, forKey: .ownName)
                try super.init(from: container.superDecoder())
            }
        }
        #expect(try text(Derived()) == #"{"super":{"base_name":"b"},"own_name":"o"}"#)
        let back = try JSONTreeDecoder().decode(Derived.self, from: ["super": ["base_name": "B"], "own_name": "O"])
        #expect(back.baseName == "B" && back.ownName == "O")
    }

    @Test func writesScalarsEnumsAndEmptyTypes() throws {
        struct Empty: Codable {}
        enum Shape: Codable, Equatable { case circle(radiusInMM: Int), namedShape(String), none }
        #expect(try text(Part.Kind.first) == #""first""#)
        #expect(try text(Int?.none) == "null")
        #expect(try text([1, nil, 300] as [Int?]) == "[1,null,300]")
        #expect(try text(Empty()) == "{}")
        #expect(try text([Empty()]) == "[{}]")
        #expect(try text(JSONValue.object(["b": 1, "a": "x"])) == #"{"a":"x","b":1}"#)
        #expect(try text([1: "a"]) == #"{"1":"a"}"#)
        #expect(try text(Shape.circle(radiusInMM: 3)) == #"{"circle":{"radius_in_mm":3}}"#)
        for shape in [Shape.circle(radiusInMM: 3), .namedShape("x"), .none] {
            let tree = try JSONValue(parsing: JSONWriter.encode(shape))
            #expect(try JSONTreeDecoder().decode(Shape.self, from: tree) == shape)
        }
    }

    @Test func roundTripsThroughBothDecoders() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let whole = Whole(
                id: "\(JSONValue.random(depth: 0, using: &random))", createdAt: Bool.random() ? nil : "t\"\n",
                ratio: .random(in: -9...9),
                part: Bool.random() ? nil : Part(isOn: .random(), kind: .first, userIDs: [.random(in: .min ... .max)]),
                parts: [Part(isOn: false, kind: .second, userIDs: [])], labels: ["a_b": "c", "aB": "\u{2028}"],
                config: .random(depth: 3, using: &random), raw: .random(in: .min ... .max))
            let bytes = try JSONWriter.encode(whole, nils: Bool.random() ? .write : .omit)
            #expect(try JSONTreeDecoder().decode(Whole.self, from: JSONValue(parsing: bytes)) == whole)
            struct Plain: Decodable { var id: String; var created_at: String?; var labels: [String: String] }
            let plain = try JSONDecoder().decode(Plain.self, from: Data(bytes))
            #expect(plain.id == whole.id && plain.created_at == whole.createdAt && plain.labels == whole.labels)
        }
    }

    @Test func aValueIsCodableElsewhereToo() throws {
        let value: JSONValue = ["a": [1, 2.5, "x", true, .null], "b": ["cD": [:]]]
        #expect(try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value)) == value)
    }
}

@Suite struct JSONValueTests {
    @Test func accessorsAndSubscripts() {
        let value: JSONValue = ["a": [1, "x", 2.5, true], "b": .null]
        #expect(value["a"]?[0]?.int == 1)
        #expect(value["a"]?[0]?.double == 1)
        #expect(value["a"]?[1]?.string == "x")
        #expect(value["a"]?[2]?.double == 2.5)
        #expect(value["a"]?[2]?.int == nil)
        #expect(value["a"]?[3]?.bool == true)
        #expect(value["a"]?[4] == nil)
        #expect(value["b"]?.isNull == true)
        #expect(value["c"] == nil)
        #expect(value[0] == nil)
        #expect(value["a"]?.array?.count == 4)
        #expect(value.object?.count == 2)
    }
}

@Suite struct SnakeCaseTests {
    @Test(arguments: [
        ("id", "id"), ("createdAt", "created_at"), ("llmEndpointURL", "llm_endpoint_url"), ("userID", "user_id"),
        ("userIDs", "user_ids"), ("userIDsSeen", "user_ids_seen"), ("isDefault", "is_default"), ("topP", "top_p"),
        ("htmlURLPath", "html_url_path"), ("sha256Hash", "sha256_hash"), ("aB", "a_b"), ("isASet", "is_a_set"),
        ("created_at", "created_at"), ("x-Raw", "x-Raw"), ("X", "X"), ("ID", "ID"), ("_a", "_a"), ("", ""),
        ("naïveName", "naïveName"),
        ("aVeryLongPropertyNameThatGoesOnAndOn", "a_very_long_property_name_that_goes_on_and_on"),
    ])
    func converts(camel: String, snake: String) {
        #expect(snakeCase(camel) == snake)
        #expect(snakeCase(snake) == snake)
    }
}
