import JSON
import LLM
import Testing
import Texts

@testable import App
@testable import HTTPKit
@testable import Metering

@Suite struct TokenTests {
    @Test(
        "The family of a model goes by its name",
        arguments: [
            ("gpt-4o", TokenFamily.o200k), ("gpt-4o-mini-2024-07-18", .o200k), ("openai/gpt-4.1", .o200k),
            ("GPT-5-mini", .o200k), ("ft:gpt-4o:shop::1", .o200k), ("gpt-oss:20b", .o200k), ("o1", .o200k),
            ("o3-mini", .o200k), ("chatgpt-4o-latest", .o200k), ("gpt-4", .cl100k), ("gpt-4-turbo", .cl100k),
            ("gpt-3.5-turbo", .cl100k), ("ft:gpt-3.5-turbo:x", .cl100k), ("text-embedding-3-small", .cl100k),
            ("o1x", .bytes), ("olmo", .bytes), ("claude-sonnet-4-5", .bytes), ("llama3.2", .bytes), ("", .bytes),
            ("মডেল", .bytes), ("smollm2-135m-instruct", .bytes),
        ])
    func families(model: String, family: TokenFamily) {
        #expect(TokenFamily(model: model) == family)
        #expect(TokenFamily(.init(provider: "openai", model: model)) == family)
        #expect(TokenFamily(.init(provider: "local", model: model)) == .bytes)
    }

    @Test("An estimate of natural text is 1.0 to 1.7 times its tokens", arguments: SampleText.natural)
    func natural(text: SampleText) throws {
        for family in TokenFamily.allCases {
            let real = try #require(SampleText.tokens[family.name]?[text.name])
            for (text, tokens) in [(text.short, real[0]), (text.long, real[1])] {
                let estimate = Double(family.estimate(text))
                // For a text of a few words, a difference of one token is large.
                let range = Double(tokens) * 1.0 - 1...Double(tokens) * 1.7 + 1
                #expect(range.contains(estimate), "\(family): \(estimate) of \(tokens), \(text)")
            }
        }
    }

    @Test("An odd text is not estimated far below its tokens, nor at more than can be", arguments: SampleText.odd)
    func odd(text: SampleText) throws {
        for family in TokenFamily.allCases {
            let tokens = try #require(SampleText.tokens[family.name]?[text.name])[0]
            #expect(Double(family.estimate(text.long)) >= 0.7 * Double(tokens), "\(family)")
            #expect(TokenFamily.most(text.long) >= tokens && family.estimate(text.long) <= text.long.utf8.count)
        }
    }

    @Test("One pass counts as the plain way does, on text of all of Unicode")
    func oracle() {
        var random = Texts.RandomText(seed: 10)
        for number in 0..<4000 {
            let text = random.text()
            for family in TokenFamily.allCases {
                #expect(
                    family.estimate(text) == PlainEstimate(family).tokens(text), "\(number): \(text.debugDescription)")
            }
        }
        for text in SampleText.all {
            for family in TokenFamily.allCases {
                #expect(family.estimate(text.long) == PlainEstimate(family).tokens(text.long))
                // A slice begins anywhere in its memory.
                for offset in 1...8 {
                    let slice = String(text.long.dropFirst(offset))
                    #expect(family.estimate(slice) == PlainEstimate(family).tokens(slice))
                }
            }
        }
        #expect(TokenFamily.allCases.allSatisfy { $0.estimate("") == 0 })
    }

    @Test("A prompt's size bounds its estimate, whatever it has")
    func size() {
        var random = Texts.RandomText(seed: 11)
        for _ in 0..<500 {
            let messages = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                ChatMessage(
                    role: .user, content: random.text(), toolCalls: [.string(random.text())], name: random.text())
            }
            let size = PromptSize(messages, ["tools": [.string(random.text())]])
            for family in TokenFamily.allCases { #expect(size.estimate(family) <= size.most) }
            #expect(size.most >= messages.reduce(0) { $0 + $1.content.utf8.count })
        }
    }
}

extension TokenFamily {
    /// As the table of real counts calls it.
    var name: String { String(describing: self) }
}

/// What `TokenScan` does, by words and without haste.
private struct PlainEstimate {
    let weights: TokenWeights

    init(_ family: TokenFamily) {
        weights = family == .o200k ? .o200k : family == .cl100k ? .cl100k : .bytes
    }

    func tokens(_ text: String) -> Int {
        let scalars = Array(text.unicodeScalars)
        let hundredths = scalars.indices.reduce(0) { $0 + weight(scalars, $1) }
        return min(Int((Double(hundredths) / 100).rounded(.up)), text.utf8.count)
    }

    private func isASCIILetter(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && scalar.properties.isAlphabetic
    }

    private func script(_ scalar: Unicode.Scalar) -> CharacterClass? {
        if scalar.isASCII { return isASCIILetter(scalar) ? .latin : nil }
        return CharacterClass(scalar).isLetter ? CharacterClass(scalar) : nil
    }

    private func combines(_ scalar: Unicode.Scalar) -> Bool { (0x300..<0x370).contains(scalar.value) }

    /// The position of the letter at `index` in its word, and the class of the letter before it in that word.
    private func word(_ scalars: [Unicode.Scalar], _ index: Int) -> (position: Int, last: CharacterClass?) {
        var position = 1
        var last: CharacterClass?
        var next = script(scalars[index])!
        for before in scalars[..<index].reversed() {
            if combines(before) { continue }
            guard let each = script(before) else { break }
            if last == nil { last = each }
            let continues = each == next || Set([each, next]) == [.han, .kana]
            guard continues else { break }
            position += 1
            next = each
        }
        return (position, last)
    }

    private func kind(_ scalar: Unicode.Scalar?) -> String {
        guard let scalar else { return "none" }
        guard scalar.isASCII else { return script(scalar) == nil ? "other" : "letter" }
        switch Character(scalar) {
        case "0"..."9": return "digit"
        case " ", "\t", "\n", "\r": return "space"
        case _ where isASCIILetter(scalar): return "letter"
        case _ where scalar.value > 32 && scalar.value < 127: return "mark"
        default: return "other"
        }
    }

    private func weight(_ scalars: [Unicode.Scalar], _ index: Int) -> Int {
        let (scalar, before) = (scalars[index], index > 0 ? scalars[index - 1] : nil)
        switch kind(scalar) {
        case "digit":
            let run = scalars[..<index].reversed().prefix { kind($0) == "digit" }.count
            return run.isMultiple(of: weights.digits) ? 100 : 0
        case "space":
            guard kind(before) == "space" else { return weights.space }
            return scalar == before ? weights.sameSpace : weights.otherSpace
        case "mark":
            guard kind(before) == "mark" else { return weights.mark }
            return scalar == before ? weights.sameMark : weights.otherMark
        case "letter": return letter(scalars, index, before)
        default:
            let each = CharacterClass(scalar)
            if scalar.isASCII || each == .other { return 100 * UTF8.width(scalar) }
            return weights.each[Int(each.rawValue)]
        }
    }

    private func letter(_ scalars: [Unicode.Scalar], _ index: Int, _ before: Unicode.Scalar?) -> Int {
        let (scalar, each) = (scalars[index], script(scalars[index])!)
        let (position, last) = word(scalars, index)
        func isCapital(_ scalar: Unicode.Scalar) -> Bool { isASCIILetter(scalar) && scalar.properties.isUppercase }
        func small(_ scalar: Unicode.Scalar) -> UInt32 { scalar.isASCII ? scalar.value | 0x20 : scalar.value }
        var weight = scalar.isASCII ? 0 : weights.each[Int(each.rawValue)]
        if each.isSingle, !UsualPairs.contain(0, scalar.value) { weight += weights.rare[Int(each.rawValue)] }
        if position == 1 {
            if each == .latin, last == nil || !scalar.isASCII {
                let afterDigit = scalar.isASCII && kind(before) == "digit"
                weight += afterDigit ? weights.letterAfterDigit : weights.word
            } else {
                weight += last == nil ? weights.foreignWord : weights.otherScript
            }
            return weight + (isCapital(scalar) ? weights.capital : 0)
        }
        if each == .latin, position > 4 { weight += weights.letter }
        if isCapital(scalar) {
            weight += isCapital(before!) ? weights.capitalAfterCapital : weights.capitalAfterSmall
        }
        guard !each.isSingle else { return weight }
        let first = each == .latin ? small(before!) : before!.value
        let second = scalar.isASCII ? scalar.value | 0x20 : scalar.value
        if !UsualPairs.contain(first, second) {
            weight += scalar.isASCII ? weights.unusual : weights.rare[Int(each.rawValue)]
        }
        return weight
    }
}
