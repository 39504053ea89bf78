import Foundation

/// A text of `Tests/Texts/texts.json`, which the tests in Swift, those in Python and the benchmarks share.
package struct SampleText: Sendable, CustomStringConvertible, Decodable {
    package let name: String
    /// One sentence.
    package let short: String
    /// Some sentences; the same as `short` for an odd text.
    package let long: String

    package var description: String { name }

    /// The same customer's letter in languages of many scripts, as a person would write it.
    package static let natural = file.natural
    /// What is valid Unicode and seldom written: joiners, marks, controls, rare planes.
    package static let odd = file.odd
    package static let all = natural + odd

    /// A short natural text; consecutive numbers give different scripts, beginning with Bengali.
    package static func short(_ number: Int) -> String { spoken[number % spoken.count].short }

    private static let spoken = natural.filter { $0.name == "bengali" } + natural.filter { $0.name != "bengali" }

    private struct File: Decodable {
        let natural: [SampleText]
        let odd: [SampleText]
    }

    private static let file: File = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "texts.json")
        do {
            return try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
        } catch {
            fatalError("\(path.path()): \(error)")
        }
    }()

    private enum CodingKeys: String, CodingKey { case name, short, long, text }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        name = try fields.decode(String.self, forKey: .name)
        if let text = try fields.decodeIfPresent(String.self, forKey: .text) {
            (short, long) = (text, text)
        } else {
            short = try fields.decode(String.self, forKey: .short)
            long = try fields.decode(String.self, forKey: .long)
        }
    }
}
