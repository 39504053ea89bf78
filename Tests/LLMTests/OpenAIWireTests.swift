import Foundation
import JSON
import Testing

@testable import LLM

@Suite struct OpenAIWireTests {
    static func chunk(_ text: String) throws -> ReplyPiece { try ReplyPiece(openAI: Array(text.utf8)) }

    @Test(arguments: [
        (#""plain""#, "plain"), (#""é নমস্কার 👩‍👧""#, "é নমস্কার 👩‍👧"), (#""a\"b\\c\/d""#, #"a"b\c/d"#),
        (#""\n\t\r\b\f""#, "\n\t\r\u{8}\u{C}"), (#""\u00e9\ud83d\ude00""#, "é😀"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"), ("null", ""), ("7", ""),
        (#"{"text":"x"}"#, ""), (#"["x",{"text":"a"},{"type":"image"},{"text":null},{"text":"b"}]"#, "ab"), ("[]", ""),
    ])
    func readsContent(_ content: String, _ expected: String) throws {
        for padded in [
            #"{"choices":[{"delta":{"content":\#(content)}}]}"#,
            #" { "x" : [ {"content":"no"}, [1e3,true] ] , "choices" : [ { "x":"}\"]", "delta" : { "role":"a" , "#
                + #""content" : \#(content) , "y":{} } } , {"delta":{"content":"second"}} ] } "#,
        ] {
            #expect(try Self.chunk(padded).text == expected)
        }
    }

    @Test(arguments: [
        "", " ", "1", "[]", "{", "{\"", #"{"choices"#, #"{"choices":[{"delta":{"content":"a"#, #"{"a" 1}"#,
    ])
    func refusesWhatIsNoObject(_ text: String) {
        #expect(throws: ProviderError.self) { try Self.chunk(text) }
    }

    /// Whatever is cut or broken is refused or read, and never a crash; what is whole agrees with a full parser.
    @Test func agreesWithAFullParserAndSurvivesDamage() throws {
        var random = SplitMix(state: 7)
        let contents = ["a", "é😀", "\"\\\n", "{}[],:", "\u{0}\u{1F}", "নমস্কার", ""]
        for _ in 0..<2000 {
            let content = (0..<3).map { _ in contents.randomElement(using: &random)! }.joined()
            let tokens = Int.random(in: 0...Int.max, using: &random)
            let value: JSONValue = [
                "id": .string(content), "created": 1.5e300, "model": .string("m" + content),
                "x": [[], [:], [1, [true]]],
                "choices": [
                    ["index": 0, "delta": ["content": .string(content), "refusal": .null], "logprobs": .null]
                ],
                "usage": ["prompt_tokens": .int(Int64(tokens)), "completion_tokens": 3, "details": ["cached": 1]],
            ]
            var bytes = value.serialized()
            let chunk = try ReplyPiece(openAI: bytes)
            #expect(chunk.text == content)
            #expect(chunk.model == "m" + content)
            #expect(chunk.usage == ChatUsage(promptTokens: tokens, completionTokens: 3))

            for _ in 0..<3 {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
            }
            _ = try? ReplyPiece(openAI: bytes)
            _ = try? ReplyPiece(openAI: Array(bytes.prefix(Int.random(in: bytes.indices, using: &random))))
        }
    }
}
