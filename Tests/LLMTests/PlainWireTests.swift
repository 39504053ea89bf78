import JSON
import Testing
import Texts

@testable import LLM

/// The plain versions of what is read and written by bytes, compared with it on random documents in all of Unicode.
@Suite struct PlainWireTests {
    // MARK: Documents

    static func tree(depth: Int, using random: inout RandomText) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(.random(in: -3...1000, using: &random))
        case 3: return .int(.random(in: .min ... .max, using: &random))
        case 4: return .double(.random(in: -1e300...1e300, using: &random))
        case 5, 6: return .string(random.text(length: 0...10))
        case 7:
            return .array(
                (0..<Int.random(in: 0...4, using: &random)).map { _ in tree(depth: depth - 1, using: &random) })
        default:
            let pairs = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (random.text(length: 0...4), tree(depth: depth - 1, using: &random))
            }
            return .object(Dictionary(pairs) { $1 })
        }
    }

    /// Members in any order, white space anywhere, and escapes that are not needed.
    static func written(_ value: JSONValue, using random: inout RandomText) -> String {
        let space = { (random: inout RandomText) in
            ["", "", "", " ", "\n", "\t \r"].randomElement(using: &random) ?? ""
        }
        let inner: String
        switch value {
        case .string(let text): inner = SplitCharacterTests.quoted(Array(text.utf16), using: &random)
        case .array(let items):
            inner = "[" + items.map { written($0, using: &random) }.joined(separator: ",") + space(&random) + "]"
        case .object(let members):
            let all = members.sorted { $0.key < $1.key }.shuffled(using: &random).map { name, value in
                let isPlain = name.allSatisfy { $0.isASCII && $0.isLetter || $0 == "_" }
                let key =
                    isPlain && Int.random(in: 0..<8, using: &random) > 0
                    ? "\"\(name)\"" : SplitCharacterTests.quoted(Array(name.utf16), using: &random)
                return space(&random) + key + space(&random) + ":" + written(value, using: &random)
            }
            inner = "{" + all.joined(separator: ",") + space(&random) + "}"
        default: inner = String(decoding: value.serialized(), as: UTF8.self)
        }
        return space(&random) + inner + space(&random)
    }

    /// What a cursor finds, value by value.
    private static func read(_ cursor: inout JSONCursor, like value: JSONValue) throws -> JSONValue {
        switch value {
        case .string: return .string(try cursor.string() ?? "")
        case .int: return try cursor.integer().map { .int(Int64($0)) } ?? .null
        case .array(let items):
            #expect(try cursor.enterArray())
            var found: [JSONValue] = []
            while try cursor.nextItem() {
                guard found.count < items.count else { break }
                found.append(try read(&cursor, like: items[found.count]))
            }
            return .array(found)
        case .object(let members):
            #expect(try cursor.enterObject())
            var found: [String: JSONValue] = [:]
            while let key = try cursor.nextKey() {
                guard let (name, member) = members.first(where: { key.spells($0.key) }) else {
                    try cursor.skip()
                    continue
                }
                found[name] = try read(&cursor, like: member)
            }
            return .object(found)
        default: return try JSONValue(parsing: cursor.rawValue())
        }
    }

    @Test("The cursor finds what the parser finds")
    func cursor() throws {
        var random = RandomText(seed: 4)
        for _ in 0..<1500 {
            let value = Self.tree(depth: 4, using: &random)
            let bytes = Array(Self.written(value, using: &random).utf8)
            let parsed = try JSONValue(parsing: bytes)
            #expect(parsed.serialized() == value.serialized())
            let (read, raw) = try bytes.withUnsafeBytes { bytes in
                var (cursor, skipping) = (JSONCursor(bytes), JSONCursor(bytes))
                return (try Self.read(&cursor, like: value), try JSONValue(parsing: skipping.rawValue()))
            }
            #expect(read.serialized() == value.serialized())
            #expect(raw.serialized() == value.serialized())
        }
    }

    @Test("A value is compared with a text as if it were read, and is passed over")
    func textsCompared() throws {
        var random = RandomText(seed: 9)
        let texts = ["error", "erro", "errors", "Error", "", "eরror", "error\u{301}", "错误"]
        for _ in 0..<1000 {
            let value =
                Bool.random(using: &random)
                ? .string(texts.randomElement(using: &random) ?? "") : Self.tree(depth: 2, using: &random)
            let text = "[\(Self.written(value, using: &random)),7]"
            let found = try Self.compared(Array(text.utf8))
            #expect(found.isError == (value == "error") && found.next == 7, "\(text)")
        }
    }

    /// Whether the first item of an array is "error", and the number after it.
    private static func compared(_ bytes: [UInt8]) throws -> (isError: Bool, next: Int?) {
        try bytes.withUnsafeBytes { bytes in
            var cursor = JSONCursor(bytes)
            guard try cursor.enterArray(), try cursor.nextItem() else { throw JSONCursor.Malformed() }
            let isError = try cursor.isText("error")
            return (isError, try cursor.nextItem() ? try cursor.integer() : nil)
        }
    }

    // MARK: OpenAI's answers

    private static func anything(using random: inout RandomText) -> JSONValue {
        tree(depth: 2, using: &random)
    }

    /// Nearly always of the type that is due.
    private static func maybe(_ value: JSONValue, using random: inout RandomText) -> JSONValue? {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: anything(using: &random)
        case 1: .null
        case 2: nil
        default: value
        }
    }

    private static func chunk(using random: inout RandomText) -> JSONValue {
        func object(_ members: [(String, JSONValue)]) -> JSONValue {
            var kept: [String: JSONValue] = [:]
            for (name, value) in members.shuffled(using: &random) { kept[name] = maybe(value, using: &random) }
            if Bool.random(using: &random) { kept[random.text(length: 0...3)] = anything(using: &random) }
            return .object(kept)
        }
        func text() -> JSONValue { .string(random.text(length: 0...12)) }
        let content: JSONValue =
            Bool.random(using: &random)
            ? text() : .array((0..<3).map { _ in object([("type", "text"), ("text", text())]) })
        let calls: JSONValue = [object([("index", 0), ("id", text()), ("function", object([("arguments", text())]))])]
        let message = object([
            ("content", content), ("refusal", text()), ("tool_calls", calls), ("reasoning", text()),
            ("role", "assistant"),
        ])
        let reasons: [JSONValue] = ["stop", "length", "tool_calls", "content_filter", "", "eos", "নতুন"]
        let choice = object([
            ("index", 0), (Bool.random(using: &random) ? "delta" : "message", message),
            ("finish_reason", reasons.randomElement(using: &random) ?? ""), ("logprobs", object([("content", [1])])),
        ])
        let usage = object([
            ("prompt_tokens", .int(.random(in: -9 ... .max, using: &random))), ("completion_tokens", 7),
        ])
        return object([
            ("choices", Bool.random(using: &random) ? [choice] : [choice, choice]), ("model", text()), ("usage", usage),
            ("error", .null), ("id", text()),
        ])
    }

    /// Member by member, of the parsed document.
    private static func plainlyRead(_ value: JSONValue) -> ReplyPiece {
        var piece = ReplyPiece()
        piece.model = value["model"]?.string
        if let prompt = whole(value["usage"]?["prompt_tokens"]), prompt >= 0 {
            let written = value["usage"]?["completion_tokens"]
            let completion = written?.isNull ?? true ? 0 : whole(written)
            if let completion, completion >= 0 {
                piece.usage = ChatUsage(promptTokens: prompt, completionTokens: completion)
            }
        }
        guard let choice = value["choices"]?.array?.first(where: { $0.object != nil }) else { return piece }
        let names = ["stop", "eos", "length", "tool_calls", "content_filter"]
        let reasons: [FinishReason] = [.stop, .stop, .length, .toolCalls, .filtered]
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty {
            piece.finishReason = names.firstIndex(of: reason).map { reasons[$0] } ?? .other
        }
        piece.logprobs = choice["logprobs"].flatMap { $0.isNull ? nil : $0 }
        let message = choice["delta"] ?? choice["message"]
        switch message?["content"] {
        case .string(let text): piece.text = VendorText(text)
        case .array(let parts): piece.text = VendorText(parts.compactMap { $0["text"]?.string }.joined())
        default: break
        }
        piece.refusal = VendorText(message?["refusal"]?.string ?? "")
        piece.toolCalls = message?["tool_calls"].flatMap { $0.isNull ? nil : $0 }
        if choice["delta"] == nil, case .array(let calls)? = piece.toolCalls {
            piece.toolCalls = .array(
                calls.enumerated().map { index, call in
                    guard case .object(var fields) = call else { return call }
                    fields["index"] = .int(Int64(index))
                    return .object(fields)
                })
        }
        return piece
    }

    /// A number, however it is written; a fraction is rounded up.
    private static func whole(_ value: JSONValue?) -> Int? {
        if let whole = value?.int { return Int(whole) }
        let number = value?.double ?? value?.string.flatMap(Double.init)
        guard let number, number.isFinite, abs(number) < 1e15 else { return nil }
        return Int(number.rounded(.up))
    }

    @Test("What is read of an answer by bytes is what is in its tree")
    func answers() throws {
        var random = RandomText(seed: 5)
        for _ in 0..<3000 {
            let value = Self.chunk(using: &random)
            guard value.object != nil, value["error"]?.isNull ?? true else { continue }
            let text = Self.written(value, using: &random)
            let read = try ReplyPiece(openAI: Array(text.utf8))
            let plain = Self.plainlyRead(value)
            #expect(read.text.string.utf8.elementsEqual(plain.text.string.utf8), "\(text)")
            #expect(read.refusal.string.utf8.elementsEqual(plain.refusal.string.utf8), "\(text)")
            #expect(read.model == plain.model && read.usage == plain.usage, "\(text)")
            #expect(read.finishReason == plain.finishReason, "\(text)")
            #expect(read.toolCalls?.serialized() == plain.toolCalls?.serialized(), "\(text)")
            #expect(read.logprobs?.serialized() == plain.logprobs?.serialized(), "\(text)")
            let nameless = try ReplyPiece(openAI: Array(text.utf8), knowsModel: true)
            #expect(nameless.model == nil && nameless.text == read.text && nameless.usage == read.usage, "\(text)")
        }
    }

    // MARK: OpenAI's requests

    @Test("A request written by hand is the document that it stands for")
    func requests() throws {
        var random = RandomText(seed: 6)
        func text() -> String { random.text(length: 0...30) }
        for _ in 0..<500 {
            let messages = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                ChatMessage(
                    role: [.system, .user, .assistant, .tool].randomElement(using: &random) ?? .user, content: text(),
                    parts: Int.random(in: 0..<4, using: &random) == 0
                        ? [["type": "text", "text": .string(text())]] : nil,
                    toolCalls: Bool.random(using: &random) ? nil : [Self.anything(using: &random)],
                    toolCallID: Bool.random(using: &random) ? nil : text(),
                    name: Bool.random(using: &random) ? nil : text())
            }
            let request = ChatRequest(
                model: text(), messages: messages, maxTokens: .random(in: 0 ... .max, using: &random),
                temperature: Bool.random(using: &random) ? nil : .random(in: 0...2, using: &random),
                stop: Bool.random(using: &random) ? [] : [text(), text()],
                user: Bool.random(using: &random) ? nil : text(),
                options: [text() + "1": Self.anything(using: &random), "stream": 1],
                wantsPieces: .random(using: &random))
            var plain: [String: JSONValue] = request.options
            plain["model"] = .string(request.model)
            plain["max_tokens"] = .int(Int64(request.maxTokens))
            plain["stream"] = .bool(request.wantsPieces)
            if request.wantsPieces { plain["stream_options"] = ["include_usage": true] }
            plain["temperature"] = request.temperature.map(JSONValue.double)
            plain["stop"] = request.stop.isEmpty ? nil : .array(request.stop.map(JSONValue.string))
            plain["user"] = request.user.map(JSONValue.string)
            plain["messages"] = .array(
                messages.map { message in
                    var members: [String: JSONValue] = ["role": .string(message.role.rawValue)]
                    let isBlank = message.toolCalls != nil && message.content.isEmpty
                    members["content"] = message.parts ?? (isBlank ? .null : .string(message.content))
                    members["name"] = message.name.map(JSONValue.string)
                    members["tool_calls"] = message.toolCalls
                    members["tool_call_id"] = message.toolCallID.map(JSONValue.string)
                    return .object(members)
                })
            let written = try JSONValue(parsing: OpenAIWire.encode(request, tokenLimitField: .maxTokens))
            #expect(written.serialized() == JSONValue.object(plain).serialized())
        }
    }

    // MARK: Events

    /// Follows the standard: the whole text at once, line by line; an event without a blank line after it counts, too.
    private static func plainEvents(_ bytes: [UInt8]) -> [ServerSentEvents.Event] {
        var bytes = bytes
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var lines: [[UInt8]] = [[]]
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0D || bytes[index] == 0x0A {
                if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
                lines.append([])
            } else {
                lines[lines.count - 1].append(bytes[index])
            }
            index += 1
        }
        // The last line is not ended: it counts, and so does its event.
        lines.append([])
        var events: [ServerSentEvents.Event] = []
        var (name, data): (String?, [UInt8]?)
        for line in lines {
            guard !line.isEmpty else {
                if let data { events.append(.init(name: name, data: data)) }
                (name, data) = (nil, nil)
                continue
            }
            let parts = line.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
            var value = parts.count == 2 ? Array(parts[1]) : []
            if value.first == 0x20 { value.removeFirst() }
            if parts[0].elementsEqual("data".utf8) { data = data.map { $0 + [0x0A] + value } ?? value }
            if parts[0].elementsEqual("event".utf8) { name = String(decoding: value, as: UTF8.self) }
        }
        return events
    }

    @Test("A stream of events is read as the standard has it, wherever it is cut")
    func events() throws {
        var random = RandomText(seed: 7)
        let pieces: [[UInt8]] =
            [
                "\n", "\r", "\r\n", "\n\n", "data: ", "data:", "data", "dat", "datas:", "event: ", "id: \0", "retry: 1",
                ": ", ":",
                " ", "\u{FEFF}", "[DONE]", "{}",
            ].map { Array($0.utf8) } + [[0xEF], [0xEF, 0xBB], [0xFF], [0], [0xE0, 0xA6]]
        for _ in 0..<400 {
            var bytes: [UInt8] = Bool.random(using: &random) ? [0xEF, 0xBB, 0xBF] : []
            for _ in 0..<Int.random(in: 0...25, using: &random) {
                bytes +=
                    Int.random(in: 0..<4, using: &random) == 0
                    ? Array(random.text(length: 0...4).utf8) : pieces.randomElement(using: &random) ?? []
            }
            let expected = Self.plainEvents(bytes)
            #expect(try ServerSentEventsTests.parse([bytes]) == expected, "\(bytes)")
            #expect(try ServerSentEventsTests.parse(bytes.map { [$0] }) == expected, "\(bytes)")
            for cut in bytes.indices {
                let cutOnce = [Array(bytes[..<cut]), Array(bytes[cut...])]
                #expect(try ServerSentEventsTests.parse(cutOnce) == expected, "\(bytes) at \(cut)")
            }
        }
    }

    // MARK: Marks

    private static let marks = [
        "<|", "|>", "<｜", "｜>", "<start_of_turn>", "<end_of_turn>", "<s>", "</s>", "[INST]", "[/INST]", "<<SYS>>",
        "<</SYS>>", "[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[TOOL_RESULTS]", "[/TOOL_RESULTS]",
    ]

    /// A blank after the first scalar of each mark, without a look for what may be one.
    private static func plainlyBroken(_ text: String) -> [UInt8] {
        let scalars = Array(text.unicodeScalars)
        let plain = scalars.map(ChatMarks.plain)
        var out = String.UnicodeScalarView()
        for (index, scalar) in scalars.enumerated() {
            out.append(scalar)
            let isMark =
                ChatMarks.all.contains { plain[index...].starts(with: $0) }
                || ChatMarks.exact.contains { scalars[index...].starts(with: $0) }
            if isMark { out.append(" ") }
        }
        return Array(String(out).utf8)
    }

    @Test("Marks are broken wherever they are, whatever follows them")
    func marksAreBroken() {
        var random = RandomText(seed: 8)
        let parts =
            Self.marks + Self.marks.flatMap { [String($0.dropFirst()), String($0.dropLast())] } + [
                "<", "|", "｜", "[", "\u{301}",
            ]
        for _ in 0..<5000 {
            var text = ""
            for _ in 0..<Int.random(in: 0...8, using: &random) {
                text +=
                    Bool.random(using: &random)
                    ? random.text(length: 0...3) : parts.randomElement(using: &random) ?? ""
            }
            let broken = Array(ChatMarks.broken(text).utf8)
            #expect(broken == Self.plainlyBroken(text), "\(text)")
            #expect(!Self.marks.contains { mark in broken.contains(Array(mark.utf8)) }, "\(text)")
        }
    }
}
